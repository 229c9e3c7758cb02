package dev.skein.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Dim;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorFilesTest {
  /** What numpy 1.x writes for {@code numpy.array([[1.5, -2], [3, 4]], '<f4')}. */
  private static final String HEADER =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void floatsAreReadFromEveryVersion(int version) throws IOException {
    Tensor tensor = TensorFiles.readNpy(npy(version, HEADER, floats(1.5f, -2, 3, 4)));

    assertThat(tensor.shape()).isEqualTo(Shape.of(2, 2));
    assertThat(tensor.toFloats()).containsExactly(1.5f, -2, 3, 4);
  }

  @Test
  void scalarsVectorsAndEmptyArraysAreRead() throws IOException {
    assertThat(TensorFiles.readNpy(npy(1, header("<f4", ""), floats(7))).shape())
        .isEqualTo(Shape.of());
    assertThat(TensorFiles.readNpy(npy(1, header("<f4", "1,"), floats(7))).shape())
        .isEqualTo(Shape.of(1));
    assertThat(TensorFiles.readNpy(npy(1, header("<f4", "0, 3"), new byte[0])).shape())
        .isEqualTo(Shape.of(0, 3));
  }

  @ParameterizedTest
  @CsvSource({
    "<i8,INT64,8",
    "<i4,INT32,4",
    "<i2,INT16,2",
    "|i1,INT8,1",
    "|u1,UINT8,1",
    "<u2,UINT16,2",
    "<f2,FLOAT16,2",
    "<f8,DOUBLE,8",
    "|b1,BOOL,1",
    "<u4,UINT32,4",
    "<u8,UINT64,8"
  })
  void everyNumberTypeIsRead(String description, ElementType type, int width) throws IOException {
    byte[] values = new byte[3 * width];
    values[width] = 1;

    Tensor tensor = TensorFiles.readNpy(npy(1, header(description, "3,"), values));

    assertThat(tensor.type()).isEqualTo(type);
    assertThat(tensor.data().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(values);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        ">f4;2,;>f4",
        "|O;2,;|O",
        "<U4;2,;<U4",
        "<f4;3,;12 bytes",
        "<f4;1,;4 bytes",
        "<f4;99999999999,;over the limit",
        "<f4;9999999999, 9999999999;cannot be",
        "<f4;99999999999999999999;cannot be",
        "<f4;1 2;cannot be",
        "<f4;1073741825, 1;over the limit",
        "<f8;2305843009213693953,;over the limit"
      })
  void arraysThatCannotBeUsedAreRefusedByName(String type, String shape, String reason)
      throws IOException {
    Path file = npy(1, header(type, shape), floats(1, 2));

    assertThatThrownBy(() -> TensorFiles.readNpy(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason);
  }

  @Test
  void fortranOrderIsRefusedWithTheWayOut() throws IOException {
    Path file = npy(1, HEADER.replace("False", "True"), floats(1, 2, 3, 4));

    assertThatThrownBy(() -> TensorFiles.readNpy(file)).hasMessageContaining("ascontiguousarray");
  }

  @Test
  void truthValuesOtherThanZeroAndOneAreRefused() throws IOException {
    Path file = npy(1, header("|b1", "2,"), new byte[] {1, 2});

    assertThatThrownBy(() -> TensorFiles.readNpy(file)).hasMessageContaining("truth values");
  }

  @Test
  void headerOfFourGigabytesIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(npy(2, HEADER, floats(1, 2, 3, 4)));
    Arrays.fill(bytes, 8, 12, (byte) 0xff);
    Path file = Files.write(folder.resolve("long.npy"), bytes);

    assertThatThrownBy(() -> TensorFiles.readNpy(file)).hasMessageContaining("4294967295 bytes");
  }

  @Test
  void mutatedArraysAreReadOrRefusedInOneLine() throws IOException {
    byte[] whole = Files.readAllBytes(npy(1, HEADER, floats(1.5f, -2, 3, 4)));
    Random random = new Random(17);
    Path file = folder.resolve("mutant.npy");
    int refused = 0;
    for (int round = 0; round < 2500; round++) {
      byte[] mutant =
          random.nextInt(4) == 0 ? Arrays.copyOf(whole, random.nextInt(200)) : whole.clone();
      for (int i = random.nextInt(4); i > 0 && mutant.length > 0; i--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, mutant);
      try {
        assertThat(TensorFiles.readNpy(file).bytes()).isEqualTo(16);
      } catch (InputException e) {
        refused++;
        assertThat(e.getMessage()).contains("mutant.npy").doesNotContain("\n");
      }
    }
    assertThat(refused).isBetween(500, 2250);
  }

  @Test
  void randomInputIsTheSameForTheSameSeed() {
    Value input =
        Value.of(
            "x", new TensorType(ElementType.FLOAT, List.of(Dim.named("N"), Dim.of(3), Dim.of(5))));

    float[] first = TensorFiles.random(input, new Random(1)).toFloats();

    assertThat(first).hasSize(15).isEqualTo(TensorFiles.random(input, new Random(1)).toFloats());
    assertThat(first).isNotEqualTo(TensorFiles.random(input, new Random(2)).toFloats());
    for (float value : first) {
      assertThat(value).isBetween(-1f, 1f);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"INT64", "INT32", "UINT8", "INT8", "BOOL", "UINT16"})
  void randomIntegersAreNoughtOrOne(ElementType type) {
    Tensor tensor =
        TensorFiles.random(Value.of("x", TensorType.of(type, Shape.of(64))), new Random(4));

    byte[] bytes = tensor.data().toArray(ValueLayout.JAVA_BYTE);
    int ones = 0;
    for (int i = 0; i < bytes.length; i++) {
      assertThat((int) bytes[i]).isBetween(0, i % (type.bits() / 8) == 0 ? 1 : 0);
      ones += bytes[i];
    }
    assertThat(ones).isBetween(10, 54);
  }

  @Test
  void randomTextAndEndlessInputsAreRefused() {
    assertThatThrownBy(() ->
            TensorFiles.random(
                Value.of("words", TensorType.of(ElementType.STRING, Shape.of(1))), new Random(1)))
        .hasMessageContaining("'words'");
    assertThatThrownBy(() ->
            TensorFiles.random(
                Value.of("big", TensorType.of(ElementType.FLOAT, Shape.of(1L << 40))),
                new Random(1)))
        .hasMessageContaining("'big'");
  }

  private static String header(String type, String shape) {
    return "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, shape);
  }

  private static byte[] floats(float... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    return buffer.array();
  }

  private Path npy(int version, String header, byte[] values) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    int lengthBytes = version == 1 ? 2 : 4;
    String padded = header + " ".repeat(63 - (header.length() + 8 + lengthBytes) % 64) + "\n";
    ByteBuffer length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    length.putInt(padded.length());
    out.write(length.array(), 0, lengthBytes);
    out.write(padded.getBytes(StandardCharsets.US_ASCII));
    out.write(values);
    return Files.write(folder.resolve("array.npy"), out.toByteArray());
  }
}
