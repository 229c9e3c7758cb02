package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.Patch;
import dev.skein.graph.TensorType;
import dev.skein.graph.Weight;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RewriterTest {
  private final Model model =
      new Sketches()
          .in("x", "N", 4)
          .node("a = Relu(x)")
          .node("b = Exp(a)")
          .node("y = Neg(b)")
          .out("y")
          .model();

  private record Pass(String name, Function<Scope, Patch> finder) implements Rewrite {
    @Override
    public Patch find(Scope scope) {
      return finder.apply(scope);
    }
  }

  /** Turns every node of one operator into one of another. */
  private static Rewrite rename(String from, String to) {
    return new Pass(
        from + "-to-" + to,
        scope -> {
          Patch patch = new Patch();
          for (Node node : scope.nodes()) {
            if (Scope.is(node, from)) {
              patch.replace(node, List.of(Node.of(to, node.inputs(), node.outputs())));
            }
          }
          return patch;
        });
  }

  @Test
  void passesAreAppliedInTurnAndAgainUntilNoneFindsAnything() {
    Rewriter.Result result =
        rewriter(rename("Abs", "Sqrt"), rename("Exp", "Log"), rename("Log", "Abs")).apply(model);
    assertThat(Sketches.lines(result.model().graph()))
        .containsExactly("a = Relu(x)", "b = Sqrt(a)", "y = Neg(b)");
    assertThat(result.steps())
        .containsExactly(
            new Rewriter.Step("Exp-to-Log", 3, 3),
            new Rewriter.Step("Log-to-Abs", 3, 3),
            new Rewriter.Step("Abs-to-Sqrt", 3, 3));
  }

  @Test
  void modelThatNothingAppliesToComesBackItself() {
    Graph graph = model.graph();
    Model withDefault =
        model.with(
            new Graph(
                graph.name(),
                graph.inputs(),
                graph.outputs(),
                graph.nodes(),
                Map.of("x", new Weight.Held(Tensor.ofFloats(Shape.of(1, 1), 1))),
                graph.annotations(),
                graph.rest()));
    Rewriter.Result result = rewriter(rename("Sin", "Cos")).apply(withDefault);
    assertThat(result.model()).isSameAs(withDefault);
    assertThat(result.steps()).isEmpty();
  }

  @Test
  void typesAreAskedForAtFirstAndAfterChangesOnly() {
    List<List<String>> asked = new ArrayList<>();
    UnaryOperator<Model> typing =
        at -> {
          asked.add(Sketches.lines(at.graph()));
          return at;
        };
    List<Rewrite> passes =
        List.of(rename("Sin", "Cos"), rename("Exp", "Log"), rename("Tan", "Cos"));
    new Rewriter(passes, typing).apply(model);
    assertThat(asked)
        .containsExactly(
            List.of("a = Relu(x)", "b = Exp(a)", "y = Neg(b)"),
            List.of("a = Relu(x)", "b = Log(a)", "y = Neg(b)"));
  }

  @Test
  void typesAreAskedForAtTheEndIfNoChangeInBetweenTellsMore() {
    Model typed =
        new Sketches()
            .in("x", "N", 4)
            .node("a = Relu(x)")
            .node("b = Exp(a)")
            .node("y = Neg(b)")
            .type("a", "N", 4)
            .type("b", "N", 4)
            .out("y")
            .model();
    assertThat(timesAsked(typed, rename("Exp", "Log"), rename("Neg", "Abs"))).isEqualTo(2);
    assertThat(timesAsked(typed, weigh("v"), rename("Neg", "Abs"))).isEqualTo(2);
    assertThat(timesAsked(typed, insert("c"), rename("Neg", "Abs"))).isEqualTo(3);
    Model open = typed.with(typed.graph().annotated(Map.of("b", TYPE_WITH_A_GAP)));
    assertThat(timesAsked(open, rename("Exp", "Log"), rename("Neg", "Abs"))).isEqualTo(2);
    assertThat(timesAsked(open, weigh("v"), rename("Neg", "Abs"))).isEqualTo(3);
  }

  private static final TensorType TYPE_WITH_A_GAP =
      new TensorType(ElementType.FLOAT, List.of(Dim.named("N"), Dim.UNKNOWN));

  private static int timesAsked(Model model, Rewrite... passes) {
    AtomicInteger asked = new AtomicInteger();
    UnaryOperator<Model> typing =
        at -> {
          asked.incrementAndGet();
          return at;
        };
    new Rewriter(List.of(passes), typing).apply(model);
    return asked.get();
  }

  private static Rewrite weigh(String name) {
    return new Pass(
        "weigh",
        scope ->
            scope.constant(name) == null
                ? new Patch().weight(name, new Weight.Held(Tensor.ofFloats(Shape.of(), 1)))
                : new Patch());
  }

  private static Rewrite insert(String name) {
    return new Pass(
        "insert",
        scope ->
            scope.maker(name) == null
                ? new Patch().insert(Node.of("Abs", List.of("a"), List.of(name)))
                : new Patch());
  }

  @Test
  void passThatBreaksTheGraphIsNamedWithNodeAndValue() {
    Rewrite bad = new Pass("bad-pass", scope -> new Patch().remove(scope.nodes().get(1)));
    assertThatThrownBy(() -> rewriter(bad).apply(model))
        .isInstanceOf(RewriteException.class)
        .hasMessage("pass bad-pass: Neg 'y' reads 'b', which nothing makes");
  }

  @Test
  void passThatFailsIsNamedEvenIfItSaysNothing() {
    Rewrite bad =
        new Pass(
            "bad-pass",
            scope -> {
              throw new ArithmeticException();
            });
    assertThatThrownBy(() -> rewriter(bad).apply(model))
        .isInstanceOf(RewriteException.class)
        .hasMessage("pass bad-pass: java.lang.ArithmeticException");
  }

  @Test
  void passAfterWhichTypesCannotBeToldIsNamed() {
    UnaryOperator<Model> typing =
        at -> {
          if (Sketches.lines(at.graph()).contains("b = Nonsense(a)")) {
            throw new IllegalStateException("no operator Nonsense");
          }
          return at;
        };
    Rewriter rewriter = new Rewriter(List.of(rename("Exp", "Nonsense")), typing);
    assertThatThrownBy(() -> rewriter.apply(model))
        .isInstanceOf(RewriteException.class)
        .hasMessage("pass Exp-to-Nonsense: no operator Nonsense");
  }

  @Test
  void passThatComesToNoEndIsNamed() {
    Rewrite endless = rename("Exp", "Exp");
    assertThatThrownBy(() -> rewriter(endless).apply(model))
        .isInstanceOf(RewriteException.class)
        .hasMessageContaining("Exp-to-Exp comes to no end")
        .hasMessageContaining("'sketch'")
        .hasMessageContaining("--passes");
  }

  @Test
  void passesThatUndoEachOtherEnd() {
    Rewriter.Result result = rewriter(rename("Exp", "Log"), rename("Log", "Exp")).apply(model);
    assertThat(result.model().graph()).isEqualTo(model.graph());
  }

  @Test
  void inputDefaultsBecomeWeightsOfAFormatThatAllowsIt() {
    Model old =
        new Model(
            new Sketches()
                .in("x", 1)
                .in("w", 1)
                .weight("w", Shape.of(1), 2)
                .node("a = Add(x, w)")
                .node("y = Exp(a)")
                .out("y")
                .graph(),
            3,
            Map.of("", 7L),
            Map.of(),
            Opaque.NONE);
    Model changed = rewriter(rename("Exp", "Log")).apply(old).model();
    assertThat(changed.irVersion()).isEqualTo(4);
    assertThat(changed.graph().inputs()).hasSize(1);
    assertThat(changed.graph().weights()).containsOnlyKeys("w");
  }

  private static Rewriter rewriter(Rewrite... passes) {
    return new Rewriter(List.of(passes), same -> same);
  }
}
