package dev.skein.cli;

import dev.skein.graph.Attribute;
import dev.skein.graph.Dim;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.graph.Weight;
import dev.skein.onnx.OnnxWriter;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small models as files. */
final class TinyModels {
  private static final int PIXELS = 3 * 16 * 16;
  private static final int CLASSES = 10;

  private TinyModels() {}

  /** Pictures N x 3 x 16 x 16 to ten scores, seeded. */
  static Path classifier(Path file) {
    float[] values = new float[PIXELS * CLASSES];
    Random random = new Random(5);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() / PIXELS;
    }
    Weight weight = new Weight.Held(Tensor.ofFloats(Shape.of(PIXELS, CLASSES), values));
    return write(
        file,
        floats("image", Dim.named("N"), Dim.of(3), Dim.of(16), Dim.of(16)),
        floats("scores", Dim.named("N"), Dim.of(CLASSES)),
        Map.of("w", weight),
        Node.of("Flatten", List.of("image"), List.of("flat")),
        Node.of("MatMul", List.of("flat", "w"), List.of("sums")),
        Node.of("Softmax", List.of("sums"), List.of("scores")));
  }

  /** One branch for positive sums, one for others; each reads a value from outside. */
  static Path branching(Path file) {
    Value result = floats("r", Dim.of(4));
    Graph negate =
        new Graph(
            "negate",
            List.of(),
            List.of(result),
            List.of(Node.of("Neg", List.of("a"), List.of("r"))),
            Map.of(),
            List.of(),
            Opaque.NONE);
    Weight weight = new Weight.Held(Tensor.ofFloats(Shape.of(4), 1, 2, 3, 4));
    Graph scale =
        new Graph(
            "scale",
            List.of(),
            List.of(result),
            List.of(Node.of("Mul", List.of("a", "own"), List.of("r"))),
            Map.of("own", weight),
            List.of(),
            Opaque.NONE);
    Node choice =
        Node.of("If", List.of("positive"), List.of("y"))
            .with("then_branch", new Attribute.OfGraph(negate))
            .with("else_branch", new Attribute.OfGraph(scale));
    return write(
        file,
        floats("x", Dim.of(4)),
        floats("y", Dim.of(4)),
        Map.of("zero", new Weight.Held(Tensor.ofFloats(Shape.of(), 0))),
        Node.of("Exp", List.of("x"), List.of("a")),
        Node.of("ReduceSum", List.of("a"), List.of("sum")).with("keepdims", new Attribute.OfInt(0)),
        Node.of("Greater", List.of("sum", "zero"), List.of("positive")),
        choice);
  }

  /** A ladder of forks and joins. */
  static Path ladder(Path file, int nodes) {
    List<Node> all = new ArrayList<>();
    String last = "x";
    for (int i = 0; i < nodes; i += 4) {
      all.add(Node.of("Relu", List.of(last), List.of("r" + i)));
      all.add(Node.of("Neg", List.of("r" + i), List.of("n" + i)));
      all.add(Node.of("Exp", List.of("r" + i), List.of("e" + i)));
      all.add(Node.of("Add", List.of("n" + i, "e" + i), List.of("s" + i)));
      last = "s" + i;
    }
    return write(
        file, floats("x", Dim.of(4)), floats(last, Dim.of(4)), Map.of(), all.toArray(Node[]::new));
  }

  /** Two branches that swell before they shrink, written side by side. */
  static Path swelling(Path file) {
    Weight hundred = new Weight.Held(Tensor.ofLongs(Shape.of(1), 100));
    List<Node> nodes = new ArrayList<>();
    for (String side : List.of("a", "b")) {
      nodes.add(Node.of("Tile", List.of("x", "hundred"), List.of(side + "1")));
    }
    for (String side : List.of("a", "b")) {
      nodes.add(
          Node.of("ReduceSum", List.of(side + "1"), List.of(side + "2"))
              .with("keepdims", new Attribute.OfInt(0)));
    }
    nodes.add(Node.of("Add", List.of("a2", "b2"), List.of("y")));
    return write(
        file,
        floats("x", Dim.of(4)),
        floats("y"),
        Map.of("hundred", hundred),
        nodes.toArray(Node[]::new));
  }

  /** A model whose node and values have a strange name. */
  static Path named(Path file, String name) {
    Node first = Node.of("Relu", List.of("x"), List.of(name));
    Node node =
        new Node(name, "Relu", "", List.of("x"), List.of(name), first.attributes(), Opaque.NONE);
    return write(
        file,
        floats("x", Dim.of(3)),
        floats("y", Dim.of(3)),
        Map.of(),
        node,
        Node.of("Neg", List.of(name), List.of("y")));
  }

  /** One node of an operator set of long ago. */
  static Path ofOpset(Path file, long opset) {
    Graph graph =
        new Graph(
            "old",
            List.of(floats("x", Dim.of(3))),
            List.of(floats("y", Dim.of(3))),
            List.of(Node.of("Relu", List.of("x"), List.of("y"))),
            Map.of(),
            List.of(),
            Opaque.NONE);
    OnnxWriter.write(new Model(graph, 3, Map.of("", opset), Map.of(), Opaque.NONE), file);
    return file;
  }

  /** An operator that no runtime knows. */
  static Path unknownOperator(Path file) {
    return write(
        file,
        floats("x", Dim.of(3)),
        floats("y", Dim.of(3)),
        Map.of(),
        Node.of("Frobnicate", List.of("x"), List.of("y")));
  }

  private static Value floats(String name, Dim... dims) {
    return Value.of(name, new TensorType(ElementType.FLOAT, List.of(dims)));
  }

  private static Path write(
      Path file, Value input, Value output, Map<String, Weight> weights, Node... nodes) {
    Graph graph =
        new Graph(
            "tiny",
            List.of(input),
            List.of(output),
            List.of(nodes),
            weights,
            List.of(),
            Opaque.NONE);
    OnnxWriter.write(new Model(graph, 8, Map.of("", 17L), Map.of(), Opaque.NONE), file);
    return file;
  }
}
