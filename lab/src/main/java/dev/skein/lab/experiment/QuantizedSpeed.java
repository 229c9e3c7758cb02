package dev.skein.lab.experiment;

import dev.skein.architecture.Architectures;
import dev.skein.cli.Experiment.Claim;
import dev.skein.cli.Table;
import dev.skein.engine.OptimisedModel;
import dev.skein.engine.Optimization;
import dev.skein.engine.Race;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.engine.ShapeProbe;
import dev.skein.graph.Model;
import dev.skein.graph.Node;
import dev.skein.graph.Weight;
import dev.skein.onnx.OnnxReader;
import dev.skein.optimize.Quantizer;
import dev.skein.quantize.QuantizationOptions;
import dev.skein.tensor.Tensor;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Time of one inference on one thread and bytes of weights, as int8 and as float16, over float32.
 * Weights of the architectures are random: nothing here tells of accuracy.
 */
record QuantizedSpeed(
    boolean quick, PrintStream out, List<Map<String, Object>> rows, List<Claim> claims) {
  private static final List<String> DENSE =
      List.of(
          "random:resnet18@224",
          "random:resnet50@224",
          "random:vgg16@224",
          "random:resnet18@32",
          "random:resnet50@32",
          "random:vgg16@32");
  private static final List<String> QUICK_DENSE = List.of("random:resnet18@32", "random:vgg16@32");
  private static final List<String> OTHERS =
      List.of(
          "cifar10_resnet20.onnx",
          "cifar10_resnet56.onnx",
          "mobilenetv2_1.0_224.onnx",
          "mobilenetv2_cifar10.onnx",
          "squeezenet1.1.onnx",
          "shufflenet_v2_x1.0.onnx",
          "FastestDet.onnx",
          "tiny_cifar10_resnet8.onnx",
          "tiny_kws_dscnn.onnx",
          "tiny_anomaly_autoencoder.onnx");
  private static final List<String> QUICK_OTHERS =
      List.of("cifar10_resnet20.onnx", "mobilenetv2_cifar10.onnx");
  private static final double WANTED = 1.8;
  private static final Set<String> LAYERS = Set.of("Conv", "FusedConv", "Gemm", "MatMul");
  private static final Set<String> INTEGER_LAYERS =
      Set.of("QLinearConv", "QGemm", "QLinearMatMul", "MatMulIntegerToFloat");

  /**
   * @param bytes of weights
   */
  private record Form(double millis, long bytes) {}

  /**
   * @param integer share of convolutions and matrix products that run as integer kernels
   * @param rest other kernels of the int8 model that are not integer ones, counted
   */
  private record Outcome(Form plain, Form int8, Form half, double integer, String rest) {
    double speed(Form form) {
      return plain.millis() / form.millis();
    }

    double share(Form form) {
      return (double) form.bytes() / plain.bytes();
    }
  }

  void run() {
    Table table =
        new Table(
            "model",
            "float32 ms",
            "int8 ms",
            "int8 x",
            "float16 x",
            "int8 bytes",
            "float16 bytes",
            "integer layers",
            "float kernels and conversions");
    double least = Double.POSITIVE_INFINITY;
    for (String name : quick ? QUICK_DENSE : DENSE) {
      least = Math.min(least, speed(name, table));
    }
    for (String name : quick ? QUICK_OTHERS : OTHERS) {
      speed(name, table);
    }
    out.print(table);
    claims.add(
        new Claim(
            "least speed-up by int8 on dense convolutions (VGG-16, ResNet-18/50)",
            WANTED,
            least,
            least >= WANTED));
  }

  /** Returns how many times as fast int8 is. */
  private double speed(String name, Table table) {
    out.println("measuring " + name);
    Outcome outcome = outcome(name);
    double speed = outcome.speed(outcome.int8());
    double half = outcome.speed(outcome.half());
    table.row(
        name,
        "%.3f".formatted(outcome.plain().millis()),
        "%.3f".formatted(outcome.int8().millis()),
        "%.2f".formatted(speed),
        "%.2f".formatted(half),
        "%.0f %%".formatted(100 * outcome.share(outcome.int8())),
        "%.0f %%".formatted(100 * outcome.share(outcome.half())),
        "%.0f %%".formatted(100 * outcome.integer()),
        outcome.rest());
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("part", "speed");
    row.put("model", name);
    row.put("float32_ms", outcome.plain().millis());
    row.put("int8_ms", outcome.int8().millis());
    row.put("int8_speedup", speed);
    row.put("float16_speedup", half);
    row.put("int8_bytes_share", outcome.share(outcome.int8()));
    row.put("float16_bytes_share", outcome.share(outcome.half()));
    row.put("integer_layers_share", outcome.integer());
    row.put("float_kernels", outcome.rest());
    rows.add(row);
    return speed;
  }

  private Outcome outcome(String name) {
    Model plain =
        Folded.of(Architectures.parse(name).orElseGet(() -> OnnxReader.read(Models.model(name))));
    List<Map<String, Tensor>> seen = List.of(noise(plain, 2), noise(plain, 3));
    Model int8 = Quantizer.statically(plain, seen, QuantizationOptions.defaults()).model();
    List<Model> forms = List.of(plain, int8, Quantizer.halved(plain));
    List<Session> sessions = new ArrayList<>();
    try {
      forms.forEach(model -> sessions.add(Session.open(model, SessionOptions.defaults())));
      List<Double> millis = race(sessions, noise(plain, 1));
      List<Form> results = new ArrayList<>();
      for (int i = 0; i < forms.size(); i++) {
        results.add(new Form(millis.get(i), bytes(forms.get(i))));
      }
      Map<String, Integer> kernels = kernels(int8);
      return new Outcome(
          results.get(0), results.get(1), results.get(2), integer(kernels), rest(kernels));
    } finally {
      sessions.forEach(Session::close);
    }
  }

  private List<Double> race(List<Session> sessions, Map<String, Tensor> input) {
    Map<String, Session> named = new LinkedHashMap<>();
    sessions.forEach(session -> named.put("form " + named.size(), session));
    return List.copyOf(Race.run(named, input, Duration.ofSeconds(quick ? 2 : 10)).values());
  }

  private static long bytes(Model model) {
    return model.graph().weights().values().stream().mapToLong(Weight::bytes).sum();
  }

  private static Map<String, Integer> kernels(Model model) {
    Map<String, Integer> counts = new TreeMap<>();
    for (Node node : OptimisedModel.of(model, Optimization.ALL).graph().nodes()) {
      counts.merge(node.op(), 1, Integer::sum);
    }
    return counts;
  }

  private static double integer(Map<String, Integer> kernels) {
    int integer = sum(kernels, INTEGER_LAYERS);
    int all = integer + sum(kernels, LAYERS);
    return all == 0 ? 0 : (double) integer / all;
  }

  private static int sum(Map<String, Integer> kernels, Set<String> ops) {
    return ops.stream().mapToInt(op -> kernels.getOrDefault(op, 0)).sum();
  }

  private static String rest(Map<String, Integer> kernels) {
    return kernels.entrySet().stream()
        .filter(entry -> !entry.getKey().startsWith("Q") || entry.getKey().startsWith("Quant"))
        .filter(entry -> !INTEGER_LAYERS.contains(entry.getKey()))
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }

  /** Standard normal numbers of the declared shapes, unknown axes 1. */
  private static Map<String, Tensor> noise(Model model, long seed) {
    Random random = new Random(seed);
    Map<String, Tensor> inputs = ShapeProbe.zeros(model, Map.of());
    for (Tensor tensor : inputs.values()) {
      for (long i = 0; i < tensor.shape().elements(); i++) {
        tensor.data().setAtIndex(Tensor.FLOAT, i, (float) random.nextGaussian());
      }
    }
    return inputs;
  }
}
