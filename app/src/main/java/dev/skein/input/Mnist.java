package dev.skein.input;

import java.awt.image.BufferedImage;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** MNIST and data sets in its form (LeCun et al.): grey images and labels as IDX files. */
final class Mnist {
  private static final Pattern IMAGES =
      Pattern.compile("(train|t10k)-images[-.]idx3-ubyte(\\.gz)?");
  private static final int IMAGES_MAGIC = 0x803;
  private static final int LABELS_MAGIC = 0x801;
  private static final int MOST_BYTES = 256 << 20;

  private Mnist() {}

  static boolean isImages(Path file) {
    return IMAGES.matcher(String.valueOf(file.getFileName())).matches();
  }

  static DataFolder.Parts read(List<Path> files, InputReader reader) throws IOException {
    Map<String, Path> byName =
        files.stream()
            .collect(Collectors.toMap(file -> String.valueOf(file.getFileName()), file -> file));
    LabelledData training = null;
    LabelledData test = null;
    for (Path file : files) {
      Matcher name = IMAGES.matcher(String.valueOf(file.getFileName()));
      if (name.matches()) {
        Path labels = byName.get(name.group().replace("images", "labels").replace("idx3", "idx1"));
        if (name.group(1).equals("train")) {
          training = read(file, labels, reader);
        } else {
          test = read(file, labels, reader);
        }
      }
    }
    return new DataFolder.Parts(training, test);
  }

  private static LabelledData read(Path file, @Nullable Path labelFile, InputReader reader)
      throws IOException {
    if (labelFile == null) {
      throw new InputException(
          "%s has no labels beside it: fetch the labels file too".formatted(file));
    }
    Idx images = Idx.read(file, IMAGES_MAGIC, 3);
    Idx labels = Idx.read(labelFile, LABELS_MAGIC, 1);
    if (images.dims()[0] != labels.dims()[0]) {
      throw new InputException(
          "%s has %d images, but %s has %d labels: fetch both again"
              .formatted(file, images.dims()[0], labelFile, labels.dims()[0]));
    }
    List<LabelledData.Item> items = new ArrayList<>();
    for (int i = 0; i < images.dims()[0]; i++) {
      int at = i;
      items.add(
          new LabelledData.Item(
              labels.values()[i] & 255, () -> reader.picture(file + "#" + at, image(images, at))));
    }
    return new LabelledData(String.valueOf(file.getParent()), items);
  }

  private static BufferedImage image(Idx images, int index) {
    int height = images.dims()[1];
    int width = images.dims()[2];
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int start = index * height * width;
    for (int i = 0; i < height * width; i++) {
      int grey = images.values()[start + i] & 255;
      image.setRGB(i % width, i / width, grey << 16 | grey << 8 | grey);
    }
    return image;
  }

  /** An IDX file of bytes: a magic number that tells the axes, their sizes, the values. */
  private static final class Idx {
    private final int[] dims;
    private final byte[] values;

    private Idx(int[] dims, byte[] values) {
      this.dims = dims;
      this.values = values;
    }

    int[] dims() {
      return dims;
    }

    byte[] values() {
      return values;
    }

    static Idx read(Path file, int magic, int rank) throws IOException {
      try (InputStream raw = Files.newInputStream(file);
          DataInputStream in =
              new DataInputStream(
                  file.toString().endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw)) {
        if (in.readInt() != magic) {
          throw new InputException(file + " is no IDX file of bytes with " + rank + " axes");
        }
        int[] dims = new int[rank];
        long count = 1;
        for (int axis = 0; axis < rank; axis++) {
          dims[axis] = in.readInt();
          count = dims[axis] < 1 || count > MOST_BYTES ? -1 : count * dims[axis];
          if (count < 0 || count > MOST_BYTES) {
            throw new InputException(
                "%s declares an axis of %d, over the limit of %d bytes in all"
                    .formatted(file, dims[axis], MOST_BYTES));
          }
        }
        byte[] values = in.readNBytes((int) count);
        if (values.length < count) {
          throw new EOFException();
        }
        return new Idx(dims, values);
      } catch (EOFException e) {
        throw new InputException(file + " is cut short: fetch it again", e);
      }
    }
  }
}
