package dev.skein.input;

import dev.skein.graph.Dim;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tensors for any model: from NumPy's {@code .npy} files, or random. */
public final class TensorFiles {
  static final long MAX_BYTES = 1L << 30;
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 1 << 16;
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{\\s*'descr':\\s*'([^']{1,16})',\\s*'fortran_order':\\s*(True|False),"
              + "\\s*'shape':\\s*\\(([0-9, ]*)\\),?\\s*}\\s*");
  private static final Map<String, ElementType> TYPES =
      Map.ofEntries(
          Map.entry("f2", ElementType.FLOAT16),
          Map.entry("f4", ElementType.FLOAT),
          Map.entry("f8", ElementType.DOUBLE),
          Map.entry("i1", ElementType.INT8),
          Map.entry("i2", ElementType.INT16),
          Map.entry("i4", ElementType.INT32),
          Map.entry("i8", ElementType.INT64),
          Map.entry("u1", ElementType.UINT8),
          Map.entry("u2", ElementType.UINT16),
          Map.entry("u4", ElementType.UINT32),
          Map.entry("u8", ElementType.UINT64),
          Map.entry("b1", ElementType.BOOL));

  private TensorFiles() {}

  /**
   * Reads an array in the NumPy format, versions 1 to 3 (NEP 1).
   *
   * @throws InputException if the file is cut short or has bytes to spare, is over 1 GiB, or holds
   *     anything but little-endian numbers or truth values in C order
   */
  public static Tensor readNpy(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + (Files.exists(file) ? " is not a file" : " does not exist"));
    }
    try (FileChannel channel = FileChannel.open(file)) {
      String header = header(file, channel);
      Matcher matcher = HEADER.matcher(header);
      if (!matcher.matches()) {
        throw new InputException(file + " has a .npy header that makes no sense");
      }
      if (matcher.group(2).equals("True")) {
        throw new InputException(
            file + " is in Fortran order: save it with numpy.ascontiguousarray");
      }
      return values(file, channel, type(file, matcher.group(1)), shape(file, matcher.group(3)));
    } catch (IOException e) {
      throw new InputException("cannot read " + file + " (" + e.getMessage() + ")", e);
    }
  }

  private static String header(Path file, FileChannel channel) throws IOException {
    ByteBuffer start = read(file, channel, MAGIC.length + 2);
    byte[] magic = new byte[MAGIC.length];
    start.get(magic);
    int version = start.get();
    if (!Arrays.equals(magic, MAGIC) || version < 1 || version > 3) {
      throw new InputException(file + " is not a .npy file of version 1 to 3");
    }
    int length =
        version == 1
            ? Short.toUnsignedInt(read(file, channel, 2).getShort())
            : read(file, channel, 4).getInt();
    if (length < 0 || length > MAX_HEADER) {
      throw new InputException(
          "%s declares a header of %s bytes, over the limit of %d"
              .formatted(file, Integer.toUnsignedString(length), MAX_HEADER));
    }
    byte[] text = new byte[length];
    read(file, channel, length).get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static ByteBuffer read(Path file, FileChannel channel, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    fill(file, channel, buffer);
    return buffer.flip();
  }

  private static void fill(Path file, FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new InputException(file + " is cut short: " + channel.size() + " bytes");
      }
    }
  }

  private static ElementType type(Path file, String description) {
    char order = description.charAt(0);
    ElementType type = TYPES.get(description.substring(1));
    boolean oneByte = type != null && type.bits() == 8;
    if (type == null || (order != '<' && !(oneByte && order == '|'))) {
      throw new InputException(
          "%s holds '%s': save it as little-endian numbers, for example astype('<f4')"
              .formatted(file, description));
    }
    return type;
  }

  private static Shape shape(Path file, String text) {
    try {
      long[] dims =
          Arrays.stream(text.split(","))
              .map(String::strip)
              .filter(part -> !part.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray();
      return Shape.of(dims);
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "%s declares the shape (%s), which cannot be".formatted(file, text.strip()), e);
    }
  }

  private static Tensor values(Path file, FileChannel channel, ElementType type, Shape shape)
      throws IOException {
    long bytes = type.bits() / 8 * Math.min(shape.elements(), MAX_BYTES + 1);
    if (bytes > MAX_BYTES) {
      throw new InputException(
          "%s declares the shape %s of %s, over the limit of %d bytes"
              .formatted(file, shape, type, MAX_BYTES));
    }
    long present = channel.size() - channel.position();
    if (present != bytes) {
      throw new InputException(
          "%s declares %s[%s], so %d bytes of values, but has %d"
              .formatted(file, type, shape, bytes, present));
    }
    Tensor tensor = Tensor.allocate(type, shape);
    fill(file, channel, tensor.buffer());
    if (type == ElementType.BOOL) {
      for (long i = 0; i < bytes; i++) {
        if ((tensor.data().get(ValueLayout.JAVA_BYTE, i) & ~1) != 0) {
          throw new InputException(file + " holds truth values other than 0 and 1");
        }
      }
    }
    return tensor;
  }

  /**
   * Random values that most models take: floats between -1 and 1, integers and truth values 0 or 1.
   * Axes that the model leaves open are 1.
   *
   * @throws InputException if the input is no tensor of numbers
   */
  public static Tensor random(Value input, Random random) {
    TensorType type = input.type();
    List<Dim> dims = type == null ? null : type.dims();
    if (type == null || dims == null || !fills(type.element())) {
      throw new InputException(
          "input '%s' is %s, for which there are no random values: give it a .npy file"
              .formatted(input.name(), type == null ? "undeclared" : type));
    }
    Shape shape = shape(input, dims);
    Tensor tensor = Tensor.allocate(type.element(), shape);
    int width = type.element().bits() / 8;
    for (long i = 0; i < shape.elements(); i++) {
      if (width > 1 && isFloating(type.element())) {
        Elements.set(tensor, i, random.nextFloat() * 2 - 1);
      } else {
        // Little-endian: the low byte comes first, the others stay 0.
        tensor.data().set(ValueLayout.JAVA_BYTE, i * width, (byte) random.nextInt(2));
      }
    }
    return tensor;
  }

  private static boolean isFloating(ElementType type) {
    return type == ElementType.FLOAT || type == ElementType.FLOAT16 || type == ElementType.DOUBLE;
  }

  private static boolean fills(@Nullable ElementType type) {
    return type != null && TYPES.containsValue(type);
  }

  private static Shape shape(Value input, List<Dim> dims) {
    try {
      Shape shape =
          Shape.of(dims.stream().mapToLong(dim -> dim.isFixed() ? dim.size() : 1).toArray());
      if (shape.elements() > MAX_BYTES / Long.BYTES) {
        throw new InputException(
            "input '%s' of shape %s is too large to make up".formatted(input.name(), shape));
      }
      return shape;
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "input '%s' has an impossible shape: %s".formatted(input.name(), e.getMessage()), e);
    }
  }
}
