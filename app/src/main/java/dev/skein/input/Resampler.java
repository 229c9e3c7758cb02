package dev.skein.input;

import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;

/**
 * Scales a picture with a triangle filter that widens when it shrinks: bilinear with anti-aliasing,
 * as the pipelines that most image models were trained with do (Turkowski, "Filters for Common
 * Resampling Tasks", 1990). AWT's bilinear reads four pixels however far it shrinks.
 */
final class Resampler {
  private Resampler() {}

  /** What each output position along one axis reads: source positions and weights summing to 1. */
  private static final class Taps {
    final int[] first;
    final float[][] weights;

    Taps(int outputs) {
      first = new int[outputs];
      weights = new float[outputs][];
    }
  }

  /**
   * Red, green, blue planes one after the other, each height x width, 0 to 255.
   *
   * @param part the part of the picture that is wanted, in pixels
   */
  static float[] resize(BufferedImage image, Rectangle2D part, int height, int width) {
    int sourceHeight = image.getHeight();
    Taps across = taps(part.getX(), part.getWidth(), image.getWidth(), width);
    Taps down = taps(part.getY(), part.getHeight(), sourceHeight, height);
    float[] narrow = new float[3 * sourceHeight * width];
    int[] line = new int[image.getWidth()];
    for (int y = 0; y < sourceHeight; y++) {
      image.getRGB(0, y, line.length, 1, line, 0, line.length);
      for (int x = 0; x < width; x++) {
        float[] weights = across.weights[x];
        float red = 0;
        float green = 0;
        float blue = 0;
        for (int i = 0; i < weights.length; i++) {
          int pixel = line[across.first[x] + i];
          red += weights[i] * (pixel >> 16 & 255);
          green += weights[i] * (pixel >> 8 & 255);
          blue += weights[i] * (pixel & 255);
        }
        int at = y * width + x;
        narrow[at] = red;
        narrow[sourceHeight * width + at] = green;
        narrow[2 * sourceHeight * width + at] = blue;
      }
    }
    return resizeDown(narrow, down, sourceHeight, width);
  }

  private static float[] resizeDown(float[] narrow, Taps down, int sourceHeight, int width) {
    int height = down.first.length;
    float[] planes = new float[3 * height * width];
    for (int plane = 0; plane < 3; plane++) {
      for (int y = 0; y < height; y++) {
        int to = (plane * height + y) * width;
        float[] weights = down.weights[y];
        for (int i = 0; i < weights.length; i++) {
          int from = (plane * sourceHeight + down.first[y] + i) * width;
          for (int x = 0; x < width; x++) {
            planes[to + x] += weights[i] * narrow[from + x];
          }
        }
      }
    }
    return planes;
  }

  private static Taps taps(double start, double length, int source, int target) {
    double scale = length / target;
    double reach = Math.max(scale, 1);
    Taps taps = new Taps(target);
    for (int to = 0; to < target; to++) {
      double centre = start + (to + 0.5) * scale;
      int from = Math.max((int) Math.floor(centre - reach + 0.5), 0);
      int end = Math.min((int) Math.floor(centre + reach + 0.5), source);
      double[] raw = new double[end - from];
      double sum = 0;
      for (int i = 0; i < raw.length; i++) {
        raw[i] = Math.max(0, 1 - Math.abs((from + i + 0.5 - centre) / reach));
        sum += raw[i];
      }
      taps.first[to] = from;
      taps.weights[to] = new float[raw.length];
      for (int i = 0; i < raw.length; i++) {
        taps.weights[to][i] = (float) (raw[i] / sum);
      }
    }
    return taps;
  }
}
