package dev.skein.cli;

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
