package dev.skein.architecture;

import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Seeded normal numbers, fast: each is one of 65,536 drawn once, so that 138 million weights take a
 * fraction of a second. The same seed gives the same numbers, whatever the number of cores.
 */
final class Gaussians {
  private static final int CHUNK = 1 << 14;
  private static final float[] TABLE = table();

  private final SplittableRandom seeds;

  Gaussians(long seed) {
    this.seeds = new SplittableRandom(seed);
  }

  /** As many numbers below as above zero, and of variance 1. */
  private static float[] table() {
    SplittableRandom random = new SplittableRandom(1);
    double[] half = new double[1 << 15];
    double squares = 0;
    for (int i = 0; i < half.length; i++) {
      half[i] = random.nextGaussian();
      squares += half[i] * half[i];
    }
    double scale = Math.sqrt(half.length / squares);
    float[] table = new float[2 * half.length];
    for (int i = 0; i < half.length; i++) {
      table[2 * i] = (float) (half[i] * scale);
      table[2 * i + 1] = -table[2 * i];
    }
    return table;
  }

  /** A tensor of normal numbers around zero. */
  Tensor normal(Shape shape, double deviation) {
    Tensor tensor = Tensor.allocate(ElementType.FLOAT, shape);
    long seed = seeds.nextLong();
    long count = shape.elements();
    int chunks = Math.toIntExact(Math.ceilDiv(count, (long) CHUNK));
    IntStream.range(0, chunks)
        .parallel()
        .forEach(chunk -> {
          long from = (long) chunk * CHUNK;
          float[] values = new float[(int) Math.min(CHUNK, count - from)];
          fill(values, new SplittableRandom(seed + chunk), (float) deviation);
          MemorySegment.copy(
              values, 0, tensor.data(), Tensor.FLOAT, from * Float.BYTES, values.length);
        });
    return tensor;
  }

  // Four numbers from each draw: 16 bits choose one.
  private static void fill(float[] values, SplittableRandom random, float deviation) {
    long bits = 0;
    for (int i = 0; i < values.length; i++) {
      bits = i % 4 == 0 ? random.nextLong() : bits >>> 16;
      values[i] = TABLE[(int) (bits & 0xffff)] * deviation;
    }
  }

  /** One normal number for each channel. */
  float[] normals(int count, double mean, double deviation) {
    SplittableRandom random = seeds.split();
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return values;
  }

  /** One number for each channel, even between the bounds. */
  float[] between(int count, double low, double high) {
    SplittableRandom random = seeds.split();
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(low, high);
    }
    return values;
  }
}
