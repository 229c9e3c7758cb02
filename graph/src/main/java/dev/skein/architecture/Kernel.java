package dev.skein.architecture;

/**
 * A square convolution, padded so that stride 1 keeps the map's size.
 *
 * @param filters output channels
 * @param groups 1, or as many as there are input channels
 */
record Kernel(int filters, int size, int stride, int groups, boolean bias) {
  static Kernel of(int filters, int size, int stride) {
    return new Kernel(filters, size, stride, 1, false);
  }

  static Kernel depthwise(int channels, int stride) {
    return new Kernel(channels, 3, stride, channels, false);
  }

  Kernel biased() {
    return new Kernel(filters, size, stride, groups, true);
  }

  int padding() {
    return size / 2;
  }
}
