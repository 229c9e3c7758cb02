package dev.skein.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.skein.input.Labels.Ranked;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelsTest {
  private final Labels labels = Labels.of(List.of("cat", "dog", "owl"));

  @Test
  void logitsBecomeProbabilitiesLikeliestFirst() {
    List<Ranked> top = labels.top(Tensor.ofFloats(Shape.of(1, 3), 1, 3, 2), 2);

    assertThat(top).extracting(Ranked::label).containsExactly("dog", "owl");
    assertThat(top.get(0).probability()).isCloseTo(0.665241, within(1e-6));
    assertThat(top.get(1).probability()).isCloseTo(0.244728, within(1e-6));
  }

  @Test
  void probabilitiesAreTakenAsTheyAreAndHugeLogitsDoNotOverflow() {
    assertThat(labels.top(Tensor.ofFloats(Shape.of(1, 3, 1, 1), 0.1f, 0.2f, 0.7f), 1))
        .singleElement()
        .satisfies(best -> assertThat(best.probability()).isCloseTo(0.7, within(1e-6)));
    assertThat(labels.top(Tensor.ofFloats(Shape.of(1, 3), 9e37f, -9e37f, 1), 3))
        .extracting(Ranked::probability)
        .containsExactly(1.0, 0.0, 0.0);
  }

  @Test
  void eachPictureOfABatchHasItsOwnAnswer() {
    Tensor scores = Tensor.ofFloats(Shape.of(2, 3), 5, 0, 0, 0, 0, 5);

    assertThat(labels.top(scores, 0, 1).getFirst().label()).isEqualTo("cat");
    assertThat(labels.top(scores, 1, 1).getFirst().label()).isEqualTo("owl");
  }

  @Test
  void wrongNumberOfLabelsIsToldWithBothNumbers() {
    assertThatThrownBy(() -> labels.top(Tensor.ofFloats(Shape.of(1, 4), 1, 2, 3, 4), 1))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("4 classes")
        .hasMessageContaining("3 labels");
  }

  @Test
  void scoresThatAreNoNumbersAreTold() {
    assertThatThrownBy(() -> labels.top(Tensor.ofFloats(Shape.of(1, 3), 1, Float.NaN, 0), 1))
        .hasMessageContaining("'dog'");
  }

  @Test
  void onlyBatchTimesClassesAreScores() {
    assertThat(Labels.isScores(Tensor.ofFloats(Shape.of(1, 3), 1, 2, 3))).isTrue();
    assertThat(Labels.isScores(Tensor.ofFloats(Shape.of(3, 1), 1, 2, 3))).isFalse();
    assertThat(Labels.isScores(Tensor.ofFloats(Shape.of(1, 2, 2), 1, 2, 3, 4))).isFalse();
    assertThat(Labels.isScores(Tensor.ofFloats(Shape.of(), 1))).isFalse();
    assertThat(Labels.isScores(Tensor.allocate(ElementType.FLOAT, Shape.of(0, 3)))).isFalse();
    assertThat(Labels.isScores(Tensor.allocate(ElementType.BOOL, Shape.of(1, 3)))).isFalse();
  }

  @Test
  void fileHasOneLabelALine(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("l.txt"), "cat\n dog \nÄffchen\n");

    assertThat(Labels.parse(file.toString()).top(Tensor.ofFloats(Shape.of(1, 3), 1, 2, 3), 3))
        .extracting(Ranked::label)
        .containsExactly("Äffchen", "dog", "cat");
    assertThatThrownBy(() -> Labels.parse(folder.resolve("none").toString()))
        .hasMessageContaining("none");
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertThatThrownBy(() -> Labels.parse(file.toString())).hasMessageContaining("UTF-8");
  }

  @Test
  void knownSetsGoByName() {
    assertThat(Labels.parse("cifar10").size()).isEqualTo(10);
    assertThat(Labels.numbered(4).size()).isEqualTo(4);
  }
}
