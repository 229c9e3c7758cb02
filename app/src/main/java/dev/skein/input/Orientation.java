package dev.skein.input;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * How a camera was held: cameras and phones store the picture as the sensor saw it and note the
 * turn in Exif tag 0x0112 (Exif 2.32, 4.6.4), which ImageIO does not look at.
 */
final class Orientation {
  static final int UPRIGHT = 1;
  private static final int TAG = 0x0112;
  private static final int MARKER = 0xff;
  private static final int APP1 = 0xe1;
  private static final int START_OF_SCAN = 0xda;
  private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
  private static final int ENTRY_BYTES = 12;

  private Orientation() {}

  /** 1 to 8 as Exif numbers them; 1 for what has no (sound) note, or is no JPEG. */
  static int of(byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file);
    if (file.length < 4 || bytes.getShort(0) != (short) 0xffd8) {
      return UPRIGHT;
    }
    int at = 2;
    while (at + 4 <= file.length && (file[at] & 255) == MARKER) {
      int marker = file[at + 1] & 255;
      int length = Short.toUnsignedInt(bytes.getShort(at + 2));
      if (marker == START_OF_SCAN || length < 2 || at + 2 + length > file.length) {
        return UPRIGHT;
      }
      if (marker == APP1 && startsWithExif(file, at + 4, length - 2)) {
        int start = at + 4 + EXIF.length;
        return inTiff(bytes.slice(start, at + 2 + length - start));
      }
      at += 2 + length;
    }
    return UPRIGHT;
  }

  private static boolean startsWithExif(byte[] file, int at, int length) {
    if (length < EXIF.length) {
      return false;
    }
    for (int i = 0; i < EXIF.length; i++) {
      if (file[at + i] != EXIF[i]) {
        return false;
      }
    }
    return true;
  }

  private static int inTiff(ByteBuffer tiff) {
    if (tiff.capacity() < 8) {
      return UPRIGHT;
    }
    tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = Integer.toUnsignedLong(tiff.getInt(4));
    if (directory + 2 > tiff.capacity()) {
      return UPRIGHT;
    }
    int entries = Short.toUnsignedInt(tiff.getShort((int) directory));
    for (int i = 0; i < entries; i++) {
      long at = directory + 2 + (long) i * ENTRY_BYTES;
      if (at + ENTRY_BYTES > tiff.capacity()) {
        return UPRIGHT;
      }
      if (Short.toUnsignedInt(tiff.getShort((int) at)) == TAG) {
        int value = Short.toUnsignedInt(tiff.getShort((int) at + 8));
        return value >= 1 && value <= 8 ? value : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  /** The picture as it was seen. */
  static BufferedImage upright(BufferedImage image, int orientation) {
    if (orientation == UPRIGHT) {
      return image;
    }
    boolean turned = orientation >= 5;
    int width = turned ? image.getHeight() : image.getWidth();
    int height = turned ? image.getWidth() : image.getHeight();
    BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int right = width - 1 - x;
        int up = height - 1 - y;
        int rgb =
            switch (orientation) {
              case 2 -> image.getRGB(right, y);
              case 3 -> image.getRGB(right, up);
              case 4 -> image.getRGB(x, up);
              case 5 -> image.getRGB(y, x);
              case 6 -> image.getRGB(y, right);
              case 7 -> image.getRGB(up, right);
              case 8 -> image.getRGB(up, x);
              default -> throw new IllegalArgumentException("orientation " + orientation);
            };
        result.setRGB(x, y, rgb);
      }
    }
    return result;
  }
}
