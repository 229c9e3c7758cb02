package dev.skein.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.skein.graph.Dim;
import dev.skein.graph.TensorType;
import dev.skein.graph.Value;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreprocessingTest {
  private static final float TOLERANCE = 1e-4f;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // One pixel of red 10, green 100, blue 200; expected values worked out by hand.
        "raw | 10 100 200",
        "raw,bgr | 200 100 10",
        "unit | 0.039216 0.392157 0.784314",
        "mobilenet | -0.921569 -0.215686 0.568627",
        "torch | -1.946657 -0.285014 1.681394",
        "cifar | -1.946657 -0.285014 1.681394",
        "caffe | 96.061 -16.779 -113.68",
        "cifar-mobilenet | -1.830159 -0.370370 1.290855",
        "bgr,mean=103.9/116.8/123.7,std=1/2/4 | 96.1 -8.4 -28.425",
        "scale=1/100,mean=1,std=0.5 | -1.8 0 2",
        "scale=0.5 | 5 50 100",
      })
  void valuesAreThoseOfTheRecipe(String recipe, String expected) {
    Tensor tensor = Preprocessing.parse(recipe).apply(filled(7, 5, 0x0a64c8), nchw(3, 1, 1));

    float[] wanted = floats(expected);
    assertThat(tensor.shape()).isEqualTo(Shape.of(1, 3, 1, 1));
    assertThat(tensor.toFloats()).containsExactly(wanted, within(TOLERANCE));
  }

  @Test
  void channelsStandWhereTheModelDeclaresThem() {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0x010203);
    image.setRGB(1, 0, 0x040506);

    assertThat(Preprocessing.parse("raw").apply(image, nchw(3, 1, 2)).toFloats())
        .containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(Preprocessing.parse("raw").apply(image, nhwc(1, 2, 3)).toFloats())
        .containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void greyModelsGetLuma() {
    float grey = 0.299f * 10 + 0.587f * 100 + 0.114f * 200;

    assertThat(Preprocessing.parse("raw").apply(filled(4, 4, 0x0a64c8), nchw(1, 1, 1)).toFloats())
        .containsExactly(new float[] {grey}, within(TOLERANCE));
    assertThatThrownBy(() -> Preprocessing.parse("torch").apply(filled(4, 4, 0), nchw(1, 1, 1)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("grey");
  }

  @Test
  void bytesAndHalvesAreWrittenAsTheModelWants() {
    BufferedImage image = filled(4, 4, 0x0a64c8);
    Tensor bytes = Preprocessing.parse("raw").apply(image, input(ElementType.UINT8, 1, 1, 1, 3));
    Tensor halves =
        Preprocessing.parse("unit").apply(image, input(ElementType.FLOAT16, 1, 3, 1, 1));

    assertThat(bytes.data().toArray(ValueLayout.JAVA_BYTE)).containsExactly(10, 100, 200);
    assertThat(Elements.get(halves, 2)).isCloseTo(200 / 255.0, within(1e-3));
  }

  @Test
  void shrinkingAveragesWithATriangle() {
    BufferedImage image = new BufferedImage(4, 1, BufferedImage.TYPE_INT_RGB);
    for (int x = 0; x < 4; x++) {
      image.setRGB(x, 0, x * 40);
    }

    float[] blue = lastPlane(Preprocessing.parse("raw,fit=stretch").apply(image, nchw(3, 1, 2)));

    // Around 1 with reach 2: weights 3/4, 3/4, 1/4 of pixels 0, 1, 2; mirrored around 3.
    assertThat(blue[0]).isCloseTo((40 * 0.75f + 80 * 0.25f) / 1.75f, within(TOLERANCE));
    assertThat(blue[1]).isCloseTo((40 * 0.25f + 80 * 0.75f + 120 * 0.75f) / 1.75f, within(0.001f));
  }

  @Test
  void resizingAgreesWithTheDirectTwoDimensionalSum() {
    Random random = new Random(3);
    BufferedImage image = new BufferedImage(37, 23, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 23; y++) {
      for (int x = 0; x < 37; x++) {
        image.setRGB(x, y, random.nextInt(0x1000000));
      }
    }

    float[] blue = lastPlane(Preprocessing.parse("raw,fit=stretch").apply(image, nchw(3, 7, 50)));

    for (int y = 0; y < 7; y++) {
      for (int x = 0; x < 50; x++) {
        assertThat((double) blue[y * 50 + x]).isCloseTo(direct(image, y, x), within(0.01));
      }
    }
  }

  private static double direct(BufferedImage image, int row, int column) {
    double scaleY = 23 / 7.0;
    double scaleX = 37 / 50.0;
    double sum = 0;
    double weights = 0;
    for (int y = 0; y < 23; y++) {
      for (int x = 0; x < 37; x++) {
        double dy = Math.abs(y + 0.5 - (row + 0.5) * scaleY) / scaleY;
        double dx = Math.abs(x + 0.5 - (column + 0.5) * scaleX);
        double weight = Math.max(0, 1 - dy) * Math.max(0, 1 - dx);
        sum += weight * (image.getRGB(x, y) & 255);
        weights += weight;
      }
    }
    return sum / weights;
  }

  @Test
  void aWidePictureLosesItsSidesOrIsStretched() {
    BufferedImage image = new BufferedImage(90, 30, BufferedImage.TYPE_INT_RGB);
    image.createGraphics().fillRect(0, 0, 25, 30);

    assertThat(lastPlane(Preprocessing.parse("raw").apply(image, nchw(3, 3, 3)))).containsOnly(0);
    assertThat(lastPlane(Preprocessing.parse("raw,fit=stretch").apply(image, nchw(3, 1, 3)))[0])
        .isGreaterThan(100);
  }

  @Test
  void theCropKeepsTheGivenShareOfTheMiddle() {
    BufferedImage image = filled(100, 100, 0x0000ff);
    image.createGraphics().fillRect(25, 25, 50, 50);

    assertThat(Preprocessing.parse("raw,crop=0.3").apply(image, nchw(3, 4, 4)).toFloats())
        .containsOnly(255);
    assertThat(Preprocessing.parse("raw").apply(image, nchw(3, 4, 4)).toFloats()[0]).isLessThan(10);
  }

  @Test
  void sizeComesFromTheModelOrTheRecipe() {
    Value open =
        Value.of(
            "input",
            new TensorType(
                ElementType.FLOAT,
                List.of(Dim.named("N"), Dim.of(3), Dim.named("H"), Dim.UNKNOWN)));

    assertThat(Preprocessing.parse("raw,size=8x6").apply(filled(9, 9, 0), open).shape())
        .isEqualTo(Shape.of(1, 3, 8, 6));
    assertThatThrownBy(() -> Preprocessing.parse("raw").apply(filled(9, 9, 0), open))
        .hasMessageContaining("size=");
    assertThatThrownBy(
            () -> Preprocessing.parse("raw,size=8").apply(filled(9, 9, 0), nchw(3, 4, 4)))
        .hasMessageContaining("4 x 4")
        .hasMessageContaining("8x8");
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 2, 0})
  void modelsOfOtherChannelsAreRefused(long channels) {
    assertThatThrownBy(
            () -> Preprocessing.parse("raw").apply(filled(4, 4, 0), nchw(channels, 8, 8)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("1x" + channels + "x8x8");
  }

  @Test
  void inputsThatAreNoPicturesAreRefused() {
    Preprocessing raw = Preprocessing.parse("raw");
    BufferedImage image = filled(4, 4, 0);

    assertThatThrownBy(() -> raw.apply(image, input(ElementType.FLOAT, 1, 10)))
        .hasMessageContaining("float[1x10]");
    assertThatThrownBy(() -> raw.apply(image, input(ElementType.INT64, 1, 3, 4, 4)))
        .hasMessageContaining("int64");
    assertThatThrownBy(() -> raw.apply(image, input(ElementType.FLOAT, 8, 3, 4, 4)))
        .hasMessageContaining("8x3x4x4");
    assertThatThrownBy(() -> raw.apply(image, nchw(3, 100_000, 100_000)))
        .hasMessageContaining("100000");
    assertThatThrownBy(() -> raw.apply(image, Value.of("x", null)))
        .hasMessageContaining("undeclared");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "troch",
        "torch,",
        "mean=1/2",
        "mean=a",
        "std=0",
        "std=1/0/1",
        "size=0",
        "size=9x",
        "size=99999",
        "size=1.5",
        "crop=0",
        "crop=1.1",
        "fit=fill",
        "scale=1/0",
        "scale=NaN",
        "=",
        "mean=1e999"
      })
  void recipesThatMakeNoSenseAreRefusedInOneLine(String recipe) {
    assertThatThrownBy(() -> Preprocessing.parse(recipe))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'" + recipe + "'")
        .hasMessageContaining("mobilenet")
        .message()
        .doesNotContain("\n");
  }

  private static float[] lastPlane(Tensor tensor) {
    float[] all = tensor.toFloats();
    return Arrays.copyOfRange(all, all.length / 3 * 2, all.length);
  }

  private static float[] floats(String text) {
    String[] parts = text.split(" ");
    float[] values = new float[parts.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.parseFloat(parts[i]);
    }
    return values;
  }

  private static BufferedImage filled(int width, int height, int rgb) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }

  private static Value nchw(long channels, long height, long width) {
    return input(ElementType.FLOAT, 1, channels, height, width);
  }

  private static Value nhwc(long height, long width, long channels) {
    return input(ElementType.FLOAT, 1, height, width, channels);
  }

  private static Value input(ElementType type, long... dims) {
    return Value.of("input", TensorType.of(type, Shape.of(dims)));
  }
}
