package dev.skein.input;

import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sentences to the inputs of the MiniLM sentence transformer that comes with Skein, and its output
 * to one vector a sentence. Thread-safe.
 *
 * <p>Mean over the sentence's tokens, then length 1, as in Reimers and Gurevych, "Sentence-BERT"
 * (2019). The model is quantised with ranges taken at run time, so a sentence's vector depends a
 * little on what it is batched or padded with: compare like with like.
 */
public final class Sentences {
  /** Longer sentences lose their end: the limit that the model's own tokenizer file states. */
  public static final int MAX_TOKENS = 128;

  private static final String MODEL = "/all-minilm-l6-v2-q.onnx";
  private static final String TOKENIZER = "/all-minilm-l6-v2-q-tokenizer.json";
  private static final long MODEL_BYTES = 22_972_370;
  private static final String MODEL_SHA256 =
      "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1";
  private static final int MAX_CHARACTERS = 100_000;

  private final WordPieces pieces = WordPieces.read(TOKENIZER);

  /** The ONNX file, unpacked once into Skein's cache folder and checked. */
  public static Path model() {
    return model(CacheFolder.path().resolve("data/models"));
  }

  static Path model(Path folder) {
    return CacheFolder.extract(
        MODEL, folder.resolve(MODEL.substring(1)), MODEL_BYTES, MODEL_SHA256);
  }

  /**
   * The model's inputs {@code input_ids}, {@code attention_mask} and {@code token_type_ids}, int64
   * of shape sentences x tokens, padded to the longest sentence.
   *
   * @throws InputException if there is no sentence, or one is empty or over 100,000 characters
   */
  public Map<String, Tensor> encode(List<String> sentences) {
    if (sentences.isEmpty()) {
      throw new InputException("no sentence given");
    }
    List<long[]> rows = sentences.stream().map(this::tokens).toList();
    int width = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
    Shape shape = Shape.of(rows.size(), width);
    Tensor ids = Tensor.allocate(ElementType.INT64, shape);
    Tensor mask = Tensor.allocate(ElementType.INT64, shape);
    for (int row = 0; row < rows.size(); row++) {
      long[] tokens = rows.get(row);
      for (int column = 0; column < tokens.length; column++) {
        long at = (long) row * width + column;
        ids.data().setAtIndex(Tensor.INT64, at, tokens[column]);
        mask.data().setAtIndex(Tensor.INT64, at, 1);
      }
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("input_ids", ids);
    inputs.put("attention_mask", mask);
    inputs.put("token_type_ids", Tensor.allocate(ElementType.INT64, shape));
    return inputs;
  }

  private long[] tokens(String sentence) {
    if (sentence.isBlank() || sentence.length() > MAX_CHARACTERS) {
      throw new InputException(
          "a sentence of %d characters cannot be embedded: give 1 to %d, not all blank"
              .formatted(sentence.length(), MAX_CHARACTERS));
    }
    return pieces.encode(sentence, MAX_TOKENS);
  }

  /**
   * One vector of length 1 for each sentence.
   *
   * @param inputs what {@link #encode} gave
   * @param outputs what the model made of it: {@code last_hidden_state}, float of shape sentences x
   *     tokens x width
   */
  public static List<float[]> vectors(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    Tensor mask = required(inputs, "attention_mask");
    Tensor hidden = required(outputs, "last_hidden_state");
    Shape shape = hidden.shape();
    if (hidden.type() != ElementType.FLOAT
        || shape.rank() != 3
        || !Shape.of(shape.dim(0), shape.dim(1)).equals(mask.shape())) {
      throw new InputException(
          "last_hidden_state is " + hidden + ", not float[" + mask.shape() + "xWIDTH]");
    }
    int tokens = Math.toIntExact(shape.dim(1));
    int width = Math.toIntExact(shape.dim(2));
    List<float[]> vectors = new ArrayList<>();
    for (long row = 0; row < shape.dim(0); row++) {
      double[] sum = new double[width];
      for (long at = row * tokens; at < (row + 1) * tokens; at++) {
        if (mask.data().getAtIndex(Tensor.INT64, at) != 0) {
          for (int i = 0; i < width; i++) {
            sum[i] += hidden.data().getAtIndex(Tensor.FLOAT, at * width + i);
          }
        }
      }
      vectors.add(unit(sum));
    }
    return vectors;
  }

  private static Tensor required(Map<String, Tensor> tensors, String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new InputException("no tensor " + name + " among " + tensors.keySet());
    }
    return tensor;
  }

  private static float[] unit(double[] values) {
    double squares = 0;
    for (double value : values) {
      squares += value * value;
    }
    // The mean's divisor cancels: only the direction of the sum is left.
    double length = Math.max(Math.sqrt(squares), 1e-12);
    float[] unit = new float[values.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (values[i] / length);
    }
    return unit;
  }

  /** Cosine of the angle between two vectors of length 1. */
  public static double cosine(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException("vectors of width " + a.length + " and " + b.length);
    }
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
