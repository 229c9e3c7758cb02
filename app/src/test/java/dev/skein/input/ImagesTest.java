package dev.skein.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {
  @TempDir private Path folder;

  @Test
  void pngKeepsItsPixelsAndWhatIsTransparentTurnsWhite() throws IOException {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0xff010203);
    image.setRGB(1, 0, 0x00ff0000);
    image.setRGB(2, 0, 0xff0000ff);
    Path file = write(image, "png", "a.png");

    BufferedImage read = Images.read(file);

    assertThat(read.getRGB(0, 0)).isEqualTo(0xff010203);
    assertThat(read.getRGB(1, 0)).isEqualTo(0xffffffff);
    assertThat(read.getRGB(2, 0)).isEqualTo(0xff0000ff);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_BYTE_GRAY,
        BufferedImage.TYPE_USHORT_GRAY,
        BufferedImage.TYPE_BYTE_BINARY,
        BufferedImage.TYPE_BYTE_INDEXED
      })
  void greyAndPalettePicturesAreReadAsColour(int type) throws IOException {
    BufferedImage image = new BufferedImage(2, 1, type);
    image.setRGB(0, 0, 0xffffffff);
    image.setRGB(1, 0, 0xff000000);

    BufferedImage read = Images.read(write(image, "png", "grey.png"));

    assertThat(read.getRGB(0, 0)).isEqualTo(0xffffffff);
    assertThat(read.getRGB(1, 0)).isEqualTo(0xff000000);
  }

  @Test
  void jpegIsToldByItsContentNotItsName() throws IOException {
    Path file = write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "jpg", "picture.dat");

    assertThat(Images.read(file).getWidth()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({
    // Where red, green, blue and white (clockwise from top left as seen) are in the stored picture.
    "1, RGWB",
    "2, GRBW",
    "3, BWGR",
    "4, WBRG",
    "5, RWGB",
    "6, GBRW",
    "7, BGWR",
    "8, WRBG"
  })
  void picturesAreTurnedAsTheCameraWasHeld(int orientation, String stored) throws IOException {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        image.setRGB(x, y, COLOURS.get(stored.charAt(y / 32 * 2 + x / 32)));
      }
    }
    byte[] jpeg = Files.readAllBytes(write(image, "jpg", "plain.jpg"));
    for (boolean little : new boolean[] {false, true}) {
      Path file = folder.resolve("turned.jpg");
      Files.write(file, withOrientation(jpeg, orientation, little));

      BufferedImage read = Images.read(file);

      assertThat(name(read.getRGB(16, 16))).isEqualTo('R');
      assertThat(name(read.getRGB(48, 16))).isEqualTo('G');
      assertThat(name(read.getRGB(48, 48))).isEqualTo('B');
      assertThat(name(read.getRGB(16, 48))).isEqualTo('W');
    }
  }

  @Test
  void brokenCameraNotesLeaveThePictureAsItIs() throws IOException {
    byte[] jpeg = Files.readAllBytes(write(noise(16, 8), "jpg", "plain.jpg"));
    byte[] noted = withOrientation(jpeg, 6, true);
    Random random = new Random(2);
    for (int round = 0; round < 2000; round++) {
      byte[] mutant = random.nextBoolean() ? noted.clone() : Arrays.copyOf(noted, 3 + round % 40);
      mutant[2 + random.nextInt(Math.min(38, mutant.length - 2))] = (byte) random.nextInt(256);
      assertThat(Orientation.of(mutant)).isBetween(1, 8);
    }
  }

  private static final Map<Character, Integer> COLOURS =
      Map.of('R', 0xff0000, 'G', 0x00ff00, 'B', 0x0000ff, 'W', 0xffffff);

  private static char name(int rgb) {
    boolean red = (rgb >> 16 & 255) > 128;
    boolean green = (rgb >> 8 & 255) > 128;
    return red ? green ? 'W' : 'R' : green ? 'G' : 'B';
  }

  private static byte[] withOrientation(byte[] jpeg, int orientation, boolean little) {
    ByteBuffer note = ByteBuffer.allocate(36);
    note.putShort((short) 0xffe1).putShort((short) 34);
    note.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII));
    note.order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    note.put((little ? "II" : "MM").getBytes(StandardCharsets.US_ASCII));
    note.putShort((short) 42).putInt(8).putShort((short) 1);
    note.putShort((short) 0x0112).putShort((short) 3).putInt(1);
    note.putShort((short) orientation).putShort((short) 0).putInt(0);
    byte[] result = new byte[jpeg.length + 36];
    System.arraycopy(jpeg, 0, result, 0, 2);
    System.arraycopy(note.array(), 0, result, 2, 36);
    System.arraycopy(jpeg, 2, result, 38, jpeg.length - 2);
    return result;
  }

  @Test
  void textNamedJpgIsRefusedByName() throws IOException {
    Path file = Files.writeString(folder.resolve("holiday.jpg"), "Dear aunt,\nit rains.\n");

    assertRefused(file, "neither a JPEG nor a PNG");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gif", "bmp"})
  void otherPictureFormatsAreRefused(String format) throws IOException {
    assertRefused(
        write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), format, "x.png"),
        "neither a JPEG nor a PNG");
  }

  @Test
  void emptyMissingAndFolderAreRefused() throws IOException {
    assertRefused(Files.createFile(folder.resolve("empty.png")), "neither a JPEG nor a PNG");
    assertRefused(folder.resolve("nowhere.png"), "does not exist");
    assertRefused(folder, "is not a file");
  }

  @Test
  void aPngThatDeclaresABillionPixelsIsRefusedBeforeItIsDecoded() throws IOException {
    assertRefused(pngHeader(100_000, 100_000), "100000 x 100000");
    assertRefused(pngHeader(Integer.MAX_VALUE, Integer.MAX_VALUE), "over the limit");
  }

  @Test
  void aFileOverTheLimitIsRefusedUnread() throws IOException {
    Path file = folder.resolve("huge.jpg");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(Images.MAX_FILE_BYTES + 1);
    }

    assertRefused(file, "over the limit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png"})
  void aPictureCutShortAnywhereIsRefused(String format) throws IOException {
    byte[] whole = Files.readAllBytes(write(noise(64, 48), format, "whole." + format));
    // The last few bytes hold no pixels.
    for (int length = whole.length - 40; length > 0; length -= Math.max(1, whole.length / 60)) {
      Path file = folder.resolve("cut-" + length + "." + format);
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Images.read(file))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(InputException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png"})
  void mutatedPicturesAreReadOrRefusedInOneLine(String format) throws IOException {
    byte[] whole = Files.readAllBytes(write(noise(32, 32), format, "whole." + format));
    Random random = new Random(11);
    Path file = folder.resolve("mutant." + format);
    int refused = 0;
    for (int round = 0; round < 1000; round++) {
      byte[] mutant = whole.clone();
      for (int i = 1 + random.nextInt(8); i > 0; i--) {
        // Headers are short and matter most.
        int at = random.nextInt(random.nextBoolean() ? 64 : mutant.length);
        mutant[at] = (byte) random.nextInt(256);
      }
      Files.write(file, mutant);
      try {
        assertThat(Images.read(file).getWidth()).isPositive();
      } catch (InputException e) {
        refused++;
        assertThat(e.getMessage()).contains("mutant").doesNotContain("\n").hasSizeLessThan(400);
      }
    }
    assertThat(refused).isBetween(100, 999);
  }

  private static BufferedImage noise(int width, int height) {
    Random random = new Random(5);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt(0x1000000));
      }
    }
    return image;
  }

  private Path write(BufferedImage image, String format, String name) throws IOException {
    Path file = folder.resolve(name);
    assertThat(ImageIO.write(image, format, file.toFile())).isTrue();
    return file;
  }

  private Path pngHeader(int width, int height) throws IOException {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(chunk);
    out.write("IHDR".getBytes(StandardCharsets.US_ASCII));
    out.writeInt(width);
    out.writeInt(height);
    out.write(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(chunk.toByteArray());
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    DataOutputStream png = new DataOutputStream(file);
    png.writeLong(0x89504e470d0a1a0aL);
    png.writeInt(13);
    png.write(chunk.toByteArray());
    png.writeInt((int) crc.getValue());
    return Files.write(folder.resolve("bomb-" + width + ".png"), file.toByteArray());
  }

  private static void assertRefused(Path file, String reason) {
    assertThatThrownBy(() -> Images.read(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason)
        .message()
        .doesNotContain("\n");
  }
}
