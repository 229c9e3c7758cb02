package dev.skein.architecture;

import dev.skein.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Mean and variance of each channel of a value, as far as they follow from the weights: what
 * BatchNorm would have learned from its inputs. Elements count as independent and normal.
 */
final class Moments {
  /** Positive part of a normal value: 1/√(2π). */
  private static final double PEAK = 1 / Math.sqrt(2 * Math.PI);

  final double[] mean;
  final double[] variance;

  Moments(int channels) {
    this.mean = new double[channels];
    this.variance = new double[channels];
  }

  static Moments standard(int channels) {
    Moments moments = new Moments(channels);
    Arrays.fill(moments.variance, 1);
    return moments;
  }

  /**
   * Of a convolution's outputs: m' = Σ w·m + b, v' = Σ w²·v.
   *
   * @param weights [filters, channels / groups, rows, columns]
   */
  Moments convolved(Tensor weights, float[] bias) {
    int filters = (int) weights.shape().dim(0);
    int perGroup = (int) weights.shape().dim(1);
    int area = (int) (weights.shape().dim(2) * weights.shape().dim(3));
    int groups = mean.length / perGroup;
    MemorySegment data = weights.data();
    Moments out = new Moments(filters);
    long at = 0;
    for (int filter = 0; filter < filters; filter++) {
      int first = filter / (filters / groups) * perGroup;
      out.mean[filter] = bias.length == 0 ? 0 : bias[filter];
      for (int channel = first; channel < first + perGroup; channel++) {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < area; i++, at += Float.BYTES) {
          double weight = data.get(Tensor.FLOAT, at);
          sum += weight;
          squares += weight * weight;
        }
        out.mean[filter] += sum * mean[channel];
        out.variance[filter] += squares * variance[channel];
      }
    }
    return out;
  }

  /** After BatchNorm: mean β; variance γ² times what was there over what was assumed. */
  Moments normalised(float[] scale, float[] shift, float[] assumedMean, float[] assumedVariance) {
    Moments out = new Moments(mean.length);
    for (int i = 0; i < mean.length; i++) {
      double factor = scale[i] / Math.sqrt(assumedVariance[i]);
      out.mean[i] = shift[i] + factor * (mean[i] - assumedMean[i]);
      out.variance[i] = factor * factor * variance[i];
    }
    return out;
  }

  /** Of the positive part of a normal value: E = mΦ(m/s) + sφ(m/s), E² = (m² + s²)Φ + msφ. */
  Moments rectified() {
    Moments out = new Moments(mean.length);
    for (int i = 0; i < mean.length; i++) {
      double deviation = Math.sqrt(variance[i]);
      double ratio = deviation == 0 ? 0 : mean[i] / deviation;
      double density = PEAK * StrictMath.exp(-ratio * ratio / 2);
      // Φ by the logistic approximation of Bowling et al. (2009), good to 1.4e-4.
      double below = 1 / (1 + StrictMath.exp(-1.5976 * ratio - 0.07056 * ratio * ratio * ratio));
      double expected = mean[i] * below + deviation * density;
      double squared = (mean[i] * mean[i] + variance[i]) * below + mean[i] * deviation * density;
      out.mean[i] = expected;
      out.variance[i] = Math.max(squared - expected * expected, 0);
    }
    return out;
  }

  Moments plus(Moments other) {
    Moments out = new Moments(mean.length);
    for (int i = 0; i < mean.length; i++) {
      out.mean[i] = mean[i] + other.mean[i];
      out.variance[i] = variance[i] + other.variance[i];
    }
    return out;
  }

  /** The greatest of some neighbours stands about one deviation above their mean. */
  Moments greatest() {
    Moments out = new Moments(mean.length);
    for (int i = 0; i < mean.length; i++) {
      out.mean[i] = mean[i] + Math.sqrt(variance[i]);
      out.variance[i] = variance[i];
    }
    return out;
  }
}
