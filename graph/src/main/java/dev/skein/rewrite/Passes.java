package dev.skein.rewrite;

import dev.skein.graph.Model;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The passes that every model goes through, in two stages (CrowdHMTware, section III-B2). */
public final class Passes {
  private Passes() {}

  /**
   * Both stages, in order.
   *
   * @param run see {@link ConstantFolding}
   */
  public static List<Rewrite> standard(Function<Model, Map<String, Tensor>> run) {
    List<Rewrite> passes = new ArrayList<>(stageOne());
    passes.addAll(stageTwo(run));
    return List.copyOf(passes);
  }

  /** Redundant operators go, and operators that follow each other become one. */
  public static List<Rewrite> stageOne() {
    return List.of(
        new ConstantsToWeights(),
        new NoOps(),
        new BatchNormAfter(),
        new BatchNormBefore(),
        new HardSwish(),
        new LinearChain(),
        new ElementwiseChain(),
        new Padding(),
        new ReductionChain(),
        new SiblingConvolutions(),
        new Transposes(),
        new Reshapes(),
        new Duplicates());
  }

  /** What does not depend on the inputs becomes weights. */
  public static List<Rewrite> stageTwo(Function<Model, Map<String, Tensor>> run) {
    return List.of(new ShapeSubgraphs(), new ConstantFolding(run), new DeadCode());
  }

  /**
   * Those of the passes that are asked for, in the order asked for.
   *
   * @throws RewriteException naming what is not there, and what is
   */
  public static List<Rewrite> named(List<String> names, List<Rewrite> passes) {
    return names.stream().map(name -> named(name, passes)).toList();
  }

  private static Rewrite named(String name, List<Rewrite> passes) {
    return passes.stream()
        .filter(pass -> pass.name().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown(name, passes));
  }

  private static RewriteException unknown(String name, List<Rewrite> passes) {
    String known = passes.stream().map(Rewrite::name).collect(Collectors.joining(", "));
    return new RewriteException("there is no pass '%s'; choose from %s".formatted(name, known));
  }
}
