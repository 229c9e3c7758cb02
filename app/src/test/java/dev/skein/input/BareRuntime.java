package dev.skein.input;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** ONNX Runtime with nothing of Skein around it: what tests take for the truth. */
final class BareRuntime implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  BareRuntime(Path model) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      session = environment.createSession(model.toString(), options);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  Map<String, Tensor> run(Map<String, Tensor> inputs) {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        given.put(input.getKey(), toRuntime(input.getValue()));
      }
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(given)) {
        for (var output : result) {
          outputs.put(output.getKey(), toSkein((OnnxTensor) output.getValue()));
        }
      }
      return outputs;
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor toRuntime(Tensor tensor) throws OrtException {
    long[] shape = tensor.shape().toArray();
    return switch (tensor.type()) {
      case FLOAT -> OnnxTensor.createTensor(environment, tensor.buffer().asFloatBuffer(), shape);
      case INT64 -> OnnxTensor.createTensor(environment, tensor.buffer().asLongBuffer(), shape);
      case FLOAT16 ->
          OnnxTensor.createTensor(environment, tensor.buffer(), shape, OnnxJavaType.FLOAT16);
      default -> throw new IllegalArgumentException("no test feeds " + tensor);
    };
  }

  private static Tensor toSkein(OnnxTensor tensor) {
    ElementType type = ElementType.valueOf(tensor.getInfo().type.name());
    Tensor copy = Tensor.allocate(type, Shape.of(tensor.getInfo().getShape()));
    ByteBuffer bytes = tensor.getByteBuffer();
    copy.data().copyFrom(MemorySegment.ofBuffer(bytes));
    return copy;
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
