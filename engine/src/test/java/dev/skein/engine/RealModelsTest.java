package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.skein.graph.Model;
import dev.skein.graph.TensorType;
import dev.skein.graph.Weight;
import dev.skein.onnx.OnnxReader;
import dev.skein.onnx.OnnxWriter;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.skein.engine.RealModels#names")
class RealModelsTest {
  private final Path file;
  private final Model model;
  private final Map<String, Tensor> inputs;

  RealModelsTest(String name) {
    this.file = RealModels.file(name);
    this.model = RealModels.read(name);
    this.inputs = RealModels.inputs(model, 1);
  }

  @Test
  void sessionGivesWhatOnnxRuntimeGivesForTheFile() throws OrtException {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      assertThat(bytes(session.run(inputs))).isEqualTo(runFile());
    }
  }

  @Test
  void everyRunGivesTheSame() {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      Map<String, ByteBuffer> first = bytes(session.run(inputs));
      session.run(RealModels.inputs(model, 2));
      assertThat(bytes(session.run(inputs))).isEqualTo(first);
    }
  }

  @Test
  void writtenAndReadAgainItGivesTheSame() {
    Model again = OnnxReader.read(OnnxWriter.toBytes(model));
    try (Session session = Session.open(model, SessionOptions.defaults());
        Session other = Session.open(again, SessionOptions.defaults())) {
      assertThat(bytes(other.run(inputs))).isEqualTo(bytes(session.run(inputs)));
    }
  }

  @Test
  void probeTellsTypeAndShapeOfEveryTensor() {
    Map<String, TensorSpec> specs = ShapeProbe.probe(model, inputs);
    TreeSet<String> values = new TreeSet<>(inputs.keySet());
    model.graph().nodes().forEach(node -> values.addAll(node.makes()));
    assertThat(new TreeSet<>(specs.keySet())).isEqualTo(values);
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      session
          .run(inputs)
          .forEach((name, tensor) -> assertThat(specs).containsEntry(name, TensorSpec.of(tensor)));
    }
  }

  @Test
  void typesFollowWithoutTheBigWeights() {
    Map<String, TensorType> types =
        ShapeProbe.types(
            model,
            whole ->
                ModelOpener.open(
                    whole, new SessionOptions(1, Optimization.NONE), ModelOpener.Trace.NONE));
    assertThat(ShapeProbe.types(model)).isEqualTo(types);
    long left = Hollow.of(model).graph().weights().values().stream().mapToLong(Weight::bytes).sum();
    long bytes = model.graph().weights().values().stream().mapToLong(Weight::bytes).sum();
    assertThat(left).isLessThan(bytes / 4);
  }

  @Test
  void inferredTypesAcceptWhatTheProbeSees() {
    Map<String, TensorSpec> specs = ShapeProbe.probe(model, inputs);
    assertThat(ShapeProbe.types(model))
        .isNotEmpty()
        .allSatisfy((name, type) -> {
          TensorSpec spec = specs.get(name);
          assertThat(type.accepts(spec.type(), spec.shape())).isTrue();
        });
  }

  @Test
  void profileGivesEveryNodeATime() {
    List<OperatorProfile.NodeTime> times = OperatorProfile.measure(model, inputs, 1);
    assertThat(times).hasSize(model.graph().nodes().size());
    for (int i = 0; i < times.size(); i++) {
      assertThat(times.get(i).node()).isEqualTo(i);
      assertThat(times.get(i).millis()).isNotNegative().isFinite();
    }
    assertThat(times.stream().mapToDouble(OperatorProfile.NodeTime::millis).sum()).isPositive();
  }

  private Map<String, ByteBuffer> runFile() throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> given = new HashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        given.put(input.getKey(), Tensors.wrap(input.getKey(), input.getValue()));
      }
      Map<String, ByteBuffer> outputs = new LinkedHashMap<>();
      try (OrtSession session = environment.createSession(file.toString(), options);
          OrtSession.Result result = session.run(given)) {
        for (Map.Entry<String, OnnxValue> output : result) {
          ByteBuffer bytes = ((OnnxTensor) output.getValue()).getByteBuffer();
          outputs.put(output.getKey(), bytes);
        }
      }
      return outputs;
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private static Map<String, ByteBuffer> bytes(Map<String, Tensor> tensors) {
    Map<String, ByteBuffer> bytes = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> bytes.put(name, tensor.buffer()));
    return bytes;
  }
}
