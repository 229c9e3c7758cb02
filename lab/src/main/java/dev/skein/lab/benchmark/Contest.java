package dev.skein.lab.benchmark;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.engine.ShapeProbe;
import dev.skein.onnx.OnnxReader;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/**
 * One model, opened by Skein and by ONNX Runtime itself, both on one thread and both used well: the
 * input lies ready in direct memory, the output ends up in an array. For models of one float input
 * and one float output.
 */
public final class Contest implements AutoCloseable {
  private final Session session;
  private final OrtSession bare;
  private final Tensor input;
  private final String inputName;
  private final String outputName;

  private Contest(Session session, OrtSession bare, Tensor input) {
    this.session = session;
    this.bare = bare;
    this.input = input;
    this.inputName = session.inputs().getFirst().name();
    this.outputName = session.outputs().getFirst().name();
  }

  /** Opens a model file twice; named unknown axes (the batch) have size 1. */
  public static Contest open(Path file) throws OrtException {
    var model = OnnxReader.read(file);
    Session session = Session.open(model, SessionOptions.defaults());
    // Its environment is Skein's, which is there by now: a process has only one.
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      OrtSession bare = environment.createSession(file.toString(), options);
      Tensor input = ShapeProbe.zeros(model, Map.of()).values().iterator().next();
      fill(input);
      return new Contest(session, bare, input);
    }
  }

  private static void fill(Tensor tensor) {
    if (tensor.type() != ElementType.FLOAT) {
      throw new IllegalArgumentException("the contest is for float inputs, not " + tensor);
    }
    Random random = new Random(1);
    for (long i = 0; i < tensor.shape().elements(); i++) {
      tensor.data().setAtIndex(Tensor.FLOAT, i, (float) random.nextGaussian());
    }
  }

  /** One inference with ONNX Runtime's own Java binding. */
  public float[] bare() throws OrtException {
    FloatBuffer values = input.buffer().asFloatBuffer();
    try (OnnxTensor given =
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(), values, input.shape().toArray());
        OrtSession.Result result = bare.run(Map.of(inputName, given))) {
      FloatBuffer output = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] floats = new float[output.remaining()];
      output.get(floats);
      return floats;
    }
  }

  /** One inference with Skein. */
  public float[] skein() {
    Tensor output = session.run(Map.of(inputName, input)).get(outputName);
    if (output == null) {
      throw new IllegalStateException("no output " + outputName);
    }
    return output.toFloats();
  }

  @Override
  public void close() throws OrtException {
    session.close();
    bare.close();
  }
}
