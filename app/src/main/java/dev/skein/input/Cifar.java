package dev.skein.input;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * CIFAR-10 (A. Krizhevsky, 2009), as its binary records (a label byte, then 3072 bytes of red,
 * green and blue planes) or as strips: PNG pictures 32 pixels wide with one image below another,
 * their labels a byte each in a file beside.
 */
final class Cifar {
  private static final Pattern BATCH =
      Pattern.compile("(data_batch_\\d{1,3}|test_batch)\\.(bin|png)");
  private static final int SIDE = 32;
  private static final int PLANE = SIDE * SIDE;
  private static final int RECORD = 1 + 3 * PLANE;
  private static final int CLASSES = 10;
  private static final int MOST_IMAGES = 1_000_000;

  private final InputReader reader;
  // Samples are read in order, so the last strip is the next one too, almost always.
  private @Nullable Path decoded;
  private @Nullable BufferedImage strip;

  private Cifar(InputReader reader) {
    this.reader = reader;
  }

  static boolean isBatch(Path file) {
    return BATCH.matcher(String.valueOf(file.getFileName())).matches();
  }

  static DataFolder.Parts read(List<Path> files, InputReader reader) throws IOException {
    Cifar cifar = new Cifar(reader);
    LabelledData training = null;
    LabelledData test = null;
    for (Path file : files) {
      if (!isBatch(file)) {
        continue;
      }
      LabelledData batch = file.toString().endsWith(".png") ? cifar.strip(file) : cifar.bin(file);
      if (String.valueOf(file.getFileName()).startsWith("test")) {
        test = test == null ? batch : test.and(batch);
      } else {
        training = training == null ? batch : training.and(batch);
      }
    }
    return new DataFolder.Parts(training, test);
  }

  private LabelledData strip(Path file) throws IOException {
    Path labels = Path.of(file.toString().replaceFirst("\\.png$", ".labels"));
    if (!Files.isRegularFile(labels) || Files.size(labels) > MOST_IMAGES) {
      throw new InputException(
          "%s has no labels beside it: put one byte for each image into %s"
              .formatted(file, labels));
    }
    byte[] classes = Files.readAllBytes(labels);
    List<LabelledData.Item> items = new ArrayList<>();
    for (int i = 0; i < classes.length; i++) {
      int at = i;
      items.add(item(labels, classes[i], file + "#" + i, () -> cut(file, at, classes.length)));
    }
    return new LabelledData(String.valueOf(file.getParent()), items);
  }

  private synchronized BufferedImage cut(Path file, int index, int count) {
    BufferedImage all = file.equals(decoded) ? strip : null;
    if (all == null) {
      // A strip takes 40 MB: the old one goes before the new one comes.
      strip = null;
      all = Images.read(file);
      if (all.getWidth() != SIDE || all.getHeight() != count * SIDE) {
        throw new InputException(
            "%s is %d x %d pixels, but %d labels need a strip of %d x %d"
                .formatted(file, all.getWidth(), all.getHeight(), count, SIDE, count * SIDE));
      }
      strip = all;
      decoded = file;
    }
    return all.getSubimage(0, index * SIDE, SIDE, SIDE);
  }

  private LabelledData bin(Path file) throws IOException {
    long size = Files.size(file);
    if (size == 0 || size % RECORD != 0 || size / RECORD > MOST_IMAGES) {
      throw new InputException(
          "%s has %d bytes, which is no number of CIFAR-10 records of %d: fetch it again"
              .formatted(file, size, RECORD));
    }
    List<LabelledData.Item> items = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer label = ByteBuffer.allocate(1);
      for (int i = 0; i < size / RECORD; i++) {
        channel.read(label.clear(), (long) i * RECORD);
        int at = i;
        items.add(item(file, label.get(0), file + "#" + i, () -> record(file, at)));
      }
    }
    return new LabelledData(String.valueOf(file.getParent()), items);
  }

  private static BufferedImage record(Path file, int index) {
    ByteBuffer bytes = ByteBuffer.allocate(RECORD);
    try (FileChannel channel = FileChannel.open(file)) {
      long start = (long) index * RECORD;
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, start + bytes.position()) < 0) {
          throw new InputException(file + " is cut short at image " + index + ": fetch it again");
        }
      }
    } catch (IOException e) {
      throw new InputException("cannot read %s (%s)".formatted(file, e.getMessage()), e);
    }
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < PLANE; i++) {
      int red = bytes.get(1 + i) & 255;
      int green = bytes.get(1 + PLANE + i) & 255;
      int blue = bytes.get(1 + 2 * PLANE + i) & 255;
      image.setRGB(i % SIDE, i / SIDE, red << 16 | green << 8 | blue);
    }
    return image;
  }

  /** An image that is not read yet. */
  private interface Source {
    BufferedImage read();
  }

  private LabelledData.Item item(Path labels, byte label, String name, Source source) {
    if (label < 0 || label >= CLASSES) {
      throw new InputException(
          "%s says class %d, but CIFAR-10 has classes 0 to 9: fetch it again"
              .formatted(labels, label & 255));
    }
    return new LabelledData.Item(label, () -> reader.picture(name, source.read()));
  }
}
