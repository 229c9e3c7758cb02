package dev.skein.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.TestModels;
import dev.skein.architecture.Architectures;
import dev.skein.onnx.OnnxReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BranchesTest {
  static List<Path> models() {
    return TestModels.all();
  }

  @ParameterizedTest
  @MethodSource("models")
  void realModelComesApartAndMeansTheSame(Path file) {
    assertWhole(OnnxReader.read(file).graph());
  }

  @Test
  void aChainIsOneBranch() {
    Graph graph = Architectures.model("vgg16", 32, 10, 1).graph();
    List<Branch> branches = Branches.of(graph);
    assertThat(branches).hasSize(1);
    assertThat(branches.getFirst().nodes()).hasSize(graph.nodes().size());
    assertThat(branches.getFirst().after()).isEmpty();
    assertThat(branches.getFirst().inputs()).containsExactly("input");
    assertThat(branches.getFirst().outputs()).containsExactly("logits");
    assertThat(Branches.widest(branches)).isEqualTo(1);
    assertThat(Branches.parallel(branches)).isEmpty();
  }

  @Test
  void fireModulesHaveTwoFlowsBetweenSqueezeAndConcat() {
    Graph graph = OnnxReader.read(TestModels.file("squeezenet1.1.onnx")).graph();
    List<Branch> branches = Branches.of(graph);
    List<Branches.Parallel> regions = Branches.parallel(branches);
    assertThat(regions).hasSize(8).allMatch(region -> region.widest() == 2);
    for (Branches.Parallel region : regions) {
      assertThat(region.branches()).hasSize(2);
      for (Branch expand : region.branches()) {
        assertThat(ops(graph, expand)).containsExactly("Conv", "Relu");
        assertThat(expand.inputs()).hasSize(1);
        assertThat(expand.after()).hasSize(1);
      }
      Branch join = branches.get(region.branches().getLast().id() + 1);
      assertThat(ops(graph, join)).startsWith("Concat");
      assertThat(join.after())
          .containsExactlyElementsOf(region.branches().stream().map(Branch::id).toList());
    }
    assertThat(Branches.widest(branches)).isEqualTo(2);
  }

  @Test
  void aShortcutWithoutOperatorsIsNoFlow() {
    Graph graph = Architectures.model("resnet18", 32, 10, 1).graph();
    List<Branch> branches = Branches.of(graph);
    List<Branches.Parallel> regions = Branches.parallel(branches);
    // Three of the eight blocks change the shape: there the shortcut has a convolution.
    assertThat(regions).hasSize(3);
    for (Branches.Parallel region : regions) {
      assertThat(region.branches())
          .extracting(branch -> ops(graph, branch))
          .containsExactlyInAnyOrder(
              List.of("Conv", "BatchNormalization", "Relu", "Conv", "BatchNormalization"),
              List.of("Conv", "BatchNormalization"));
    }
    assertThat(branches)
        .filteredOn(branch -> ops(graph, branch).getFirst().equals("Add"))
        .hasSize(8);
  }

  @Test
  void shuffleNetUnitsRunInTwoFlows() {
    Graph graph = OnnxReader.read(TestModels.file("shufflenet_v2_x1.0.onnx")).graph();
    List<Branch> branches = Branches.of(graph);
    assertThat(Branches.widest(branches)).isGreaterThanOrEqualTo(2);
    assertThat(
            Branches.parallel(branches).stream()
                .filter(region ->
                    region.branches().stream()
                            .filter(branch -> ops(graph, branch).contains("Conv"))
                            .count()
                        == 2))
        .as("units that halve the map convolve on both sides")
        .hasSize(3);
  }

  @Test
  void constantsAndWhatNobodyNeedsBelongToNoBranch() {
    Graph graph =
        new Sketch()
            .in("x")
            .weight("w", 1)
            .node("k = Neg(w)")
            .node("a = Mul(x, k)")
            .node("dead = Exp(a)")
            .node("b = Add(a, k)")
            .out("b", "k", "x")
            .graph();
    List<Branch> branches = Branches.of(graph);
    assertThat(branches)
        .containsExactly(new Branch(0, List.of(1, 3), List.of(), List.of("x"), List.of("b")));
    Graph part = Branches.extract(graph, branches.getFirst());
    assertThat(part.nodes()).extracting(Node::op).containsExactly("Neg", "Mul", "Add");
    assertThat(part.weights()).containsOnlyKeys("w");
    assertThat(part.name()).isEqualTo("sketch#0");
  }

  @Test
  void anOutputOnTheWayEndsNoBranch() {
    Graph graph = new Sketch().in("x").node("a = Exp(x)").node("b = Neg(a)").out("b", "a").graph();
    assertThat(Branches.of(graph))
        .containsExactly(new Branch(0, List.of(0, 1), List.of(), List.of("x"), List.of("a", "b")));
  }

  @Test
  void severalOutputsAndBodiesForkToo() {
    Graph body = new Sketch().node("o = Add(left, x)").out("o").graph();
    Graph graph =
        new Sketch()
            .in("x", "c")
            .node("left, right = Split(x)")
            .node("y = If(c)", "then_branch", body)
            .node("z = Neg(right)")
            .node("r = RandomUniform()")
            .node("s = Sum(y, z, r)")
            .out("s")
            .graph();
    List<Branch> branches = Branches.of(graph);
    assertThat(branches).hasSize(5);
    assertThat(branches.get(1).inputs()).containsExactly("c", "left", "x");
    assertThat(Branches.widest(branches)).isEqualTo(3);
    assertWhole(graph);
  }

  @Test
  void widthIsThatOfTheGreatestSetOfIndependentBranches() {
    Random random = new Random(11);
    for (int round = 0; round < 300; round++) {
      Graph graph = random(random, 1 + random.nextInt(14));
      List<Branch> branches = Branches.of(graph);
      assertThat(Branches.widest(branches)).isEqualTo(independent(branches));
      int inRegions =
          Branches.parallel(branches).stream()
              .mapToInt(region -> independent(region.branches()))
              .max()
              .orElse(branches.isEmpty() ? 0 : 1);
      assertThat(Branches.widest(branches)).isEqualTo(inRegions);
      assertWhole(graph);
    }
  }

  @Test
  void manyBranchesAreNoTrouble() {
    Sketch wide = new Sketch().in("x").node("v0 = Exp(x)");
    List<String> ends = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      wide.node("a%d = Neg(v0)".formatted(i)).node("b%d = Exp(a%d)".formatted(i, i));
      ends.add("b" + i);
    }
    Graph graph = wide.node("s = Sum(" + String.join(",", ends) + ")").out("s").graph();
    List<Branch> branches = Branches.of(graph);
    assertThat(branches).hasSize(5002);
    assertThat(Branches.widest(branches)).isEqualTo(5000);
    Sketch ladder = new Sketch().in("x").node("a0 = Exp(x)").node("b0 = Neg(x)");
    for (int i = 1; i < 1500; i++) {
      ladder.node("a%d = Add(a%d, b%d)".formatted(i, i - 1, i - 1));
      ladder.node("b%d = Mul(b%d, a%d)".formatted(i, i - 1, Math.max(0, i - 2)));
    }
    assertThat(Branches.widest(Branches.of(ladder.out("a1499", "b1499").graph()))).isEqualTo(2);
  }

  @Test
  void branchesOfAnotherGraphAreRefused() {
    Graph graph = new Sketch().in("x").node("a = Exp(x)").out("a").graph();
    Branch wrong = new Branch(3, List.of(7), List.of(), List.of(), List.of());
    assertThatThrownBy(() -> Branches.extract(graph, wrong))
        .isInstanceOf(GraphException.class)
        .hasMessageContaining("1 node");
  }

  private static List<String> ops(Graph graph, Branch branch) {
    return branch.nodes().stream().map(node -> graph.nodes().get(node).op()).toList();
  }

  private static Graph random(Random random, int nodes) {
    Sketch sketch = new Sketch().in("x");
    List<String> values = new ArrayList<>(List.of("x"));
    for (int i = 0; i < nodes; i++) {
      String one = values.get(random.nextInt(values.size()));
      String two = values.get(Math.max(0, values.size() - 1 - random.nextInt(4)));
      sketch.node(
          "v%d = %s"
              .formatted(
                  i,
                  random.nextInt(3) == 0
                      ? "Add(%s, %s)".formatted(one, two)
                      : "Neg(%s)".formatted(two)));
      values.add("v" + i);
    }
    for (String value : values) {
      if (random.nextInt(3) == 0 || value.equals("v" + (nodes - 1))) {
        sketch.out(value);
      }
    }
    return sketch.graph();
  }

  /** By looking at all sets. */
  private static int independent(List<Branch> branches) {
    int[] related = new int[branches.size()];
    Map<Integer, Integer> places = new HashMap<>();
    for (int i = 0; i < branches.size(); i++) {
      places.put(branches.get(i).id(), i);
      for (int id : branches.get(i).after()) {
        Integer before = places.get(id);
        if (before != null) {
          related[i] |= related[before] | 1 << before;
        }
      }
    }
    int most = 0;
    for (int set = 0; set < 1 << related.length; set++) {
      boolean free = true;
      for (int i = 0; i < related.length; i++) {
        free &= (set & 1 << i) == 0 || (set & related[i]) == 0;
      }
      most = free ? Math.max(most, Integer.bitCount(set)) : most;
    }
    return most;
  }

  /**
   * Every active node in one branch, and all branches one after another give what the graph does.
   */
  private static void assertWhole(Graph graph) {
    Map<String, Integer> alive = new HashMap<>();
    graph.requiredInputs().forEach(input -> alive.put(input.name(), input.name().hashCode()));
    Map<String, Integer> whole = Sketch.meaning(graph, alive);
    Flow flow = new Flow(graph);
    Set<Integer> seen = new HashSet<>();
    List<Branch> branches = Branches.of(graph);
    List<Graph> parts = Branches.extract(graph, branches);
    for (Branch branch : branches) {
      assertThat(branch.nodes()).isSorted().allMatch(flow::isActive).allMatch(seen::add);
      assertThat(branch.after()).allMatch(id -> id < branch.id());
      Graph part = parts.get(branch.id());
      Verifier.verify(part);
      Map<String, Integer> made = Sketch.meaning(part, alive);
      for (Value output : part.outputs()) {
        assertThat(made.get(output.name())).isEqualTo(whole.get(output.name()));
        assertThat(alive.put(output.name(), made.get(output.name()))).isNull();
      }
    }
    for (int i = 0; i < graph.nodes().size(); i++) {
      assertThat(seen.contains(i)).isEqualTo(flow.isActive(i));
    }
    for (Value output : graph.outputs()) {
      if (flow.isDynamic(output.name())) {
        assertThat(alive).containsKey(output.name());
      }
    }
  }
}
