package dev.skein.input;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes JPEG and PNG files that may be anything: broken, hostile, or no images at all. */
public final class Images {
  static final long MAX_FILE_BYTES = 64L << 20;
  static final long MAX_PIXELS = 40_000_000;
  private static final Set<String> FORMATS = Set.of("jpeg", "png");

  static {
    // No screen is needed, and a device without a window system must not be asked for one.
    System.setProperty("java.awt.headless", "true");
  }

  private Images() {}

  /**
   * The whole picture as opaque sRGB, turned as its camera noted; what is transparent lies over
   * white.
   *
   * @throws InputException if the file cannot be read, is over 64 MiB or 40 megapixels (by its
   *     header, before any pixel is decoded), is neither JPEG nor PNG, or is cut short or damaged
   */
  public static BufferedImage read(Path file) {
    byte[] bytes = bytes(file);
    // ImageIO's readers answer some malformed files with unchecked exceptions of many kinds.
    try {
      return decode(file, bytes);
    } catch (InputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new InputException(
          "%s is not a readable image (%s): save it as an RGB JPEG or a PNG"
              .formatted(file, reason(e)),
          e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new InputException(
            file + (Files.exists(file) ? " is not a file" : " does not exist"));
      }
      long size = Files.size(file);
      if (size > MAX_FILE_BYTES) {
        throw new InputException(
            "%s has %d bytes, over the limit of %d for an image: make it smaller"
                .formatted(file, size, MAX_FILE_BYTES));
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + reason(e), e);
    }
  }

  private static BufferedImage decode(Path file, byte[] bytes) throws IOException {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      ImageReader reader = reader(file, in);
      try {
        reader.setInput(in, true, true);
        long width = reader.getWidth(0);
        long height = reader.getHeight(0);
        if (width * height > MAX_PIXELS) {
          throw new InputException(
              "%s declares %d x %d pixels, over the limit of %d: scale it down"
                  .formatted(file, width, height, MAX_PIXELS));
        }
        reader.addIIOReadWarningListener((source, warning) -> refuseTruncation(file, warning));
        return Orientation.upright(opaque(reader.read(0)), Orientation.of(bytes));
      } finally {
        reader.dispose();
      }
    }
  }

  private static ImageReader reader(Path file, ImageInputStream in) throws IOException {
    for (Iterator<ImageReader> all = ImageIO.getImageReaders(in); all.hasNext(); ) {
      ImageReader reader = all.next();
      if (FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
        return reader;
      }
      reader.dispose();
    }
    throw new InputException(file + " is neither a JPEG nor a PNG image, whatever its name says");
  }

  /** A JPEG that ends early decodes to half a picture and a warning; that is not the picture. */
  private static void refuseTruncation(Path file, String warning) {
    String text = warning.toLowerCase(Locale.ROOT);
    if (text.contains("premature") || text.contains("truncated") || text.contains("corrupt")) {
      throw new InputException(file + " is cut short or damaged: " + warning.strip());
    }
  }

  private static BufferedImage opaque(BufferedImage image) {
    BufferedImage rgb =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = rgb.createGraphics();
    graphics.drawImage(image, 0, 0, Color.WHITE, null);
    graphics.dispose();
    return rgb;
  }

  private static String reason(Exception e) {
    String message = e.getMessage();
    return message == null || message.isBlank()
        ? e.getClass().getSimpleName()
        : message.lines().findFirst().orElse("").strip();
  }
}
