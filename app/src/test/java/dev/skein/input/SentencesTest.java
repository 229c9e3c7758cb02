package dev.skein.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SentencesTest {
  private static HuggingFaceTokenizer reference;
  private static Sentences sentences;

  @BeforeAll
  static void load() throws IOException {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    try (InputStream in =
        Sentences.class.getResourceAsStream("/all-minilm-l6-v2-q-tokenizer.json")) {
      reference = HuggingFaceTokenizer.newInstance(in, Map.of("padding", "false"));
    }
    sentences = new Sentences();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Turn on the kitchen light.",
        "It's pitch-dark in here!!!",
        "Café naïve ÀÉÎ coöperate x̂ é",
        "日本語 text 中文, 한국어 안녕",
        "a\tb\u00a0c\nd \u200bzero\u200bwidth",
        "$100 €50 ±3 <b> `code` ^hat ~til |pipe|",
        "straße İstanbul ﬁne ½ ²",
        "“quoted” – dash—em… 😀",
        "supercalifragilisticexpialidocious hello_world foo@bar.com http://x.y/z?a=b",
      })
  void tokensAreThoseOfTheReferenceTokenizer(String text) {
    assertThat(sentences.encode(List.of(text)).get("input_ids").data().toArray(Tensor.INT64))
        .isEqualTo(reference.encode(text).getIds());
  }

  @Test
  void randomTextGivesTheTokensOfTheReferenceTokenizer() {
    Random random = new Random(7);
    String alphabet = "abc XYZ 019 .,!?'\"-#/ äéßñ čž ΩЖ 家光 \t{}[]()";
    for (int round = 0; round < 300; round++) {
      StringBuilder text = new StringBuilder("x");
      for (int i = random.nextInt(200); i > 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      assertThat(
              sentences
                  .encode(List.of(text.toString()))
                  .get("input_ids")
                  .data()
                  .toArray(Tensor.INT64))
          .as(text.toString())
          .isEqualTo(reference.encode(text.toString()).getIds());
    }
  }

  @Test
  void textThatLooksLikeAMarkStaysText() {
    long[] ids = sentences.encode(List.of("[SEP]")).get("input_ids").data().toArray(Tensor.INT64);

    assertThat(ids).startsWith(101).endsWith(102);
    assertThat(List.of(ids[1], ids[2])).doesNotContain(102L);
  }

  @Test
  void longTextLosesItsEndAndABatchIsPaddedToItsLongest() {
    Map<String, Tensor> inputs =
        sentences.encode(List.of("short", "word ".repeat(5000), "a ".repeat(20)));

    assertThat(inputs.values()).allMatch(t -> t.shape().equals(Shape.of(3, 128)));
    long[] mask = inputs.get("attention_mask").data().toArray(Tensor.INT64);
    List<Integer> lengths = new ArrayList<>();
    for (int row = 0; row < 3; row++) {
      int length = 0;
      for (int i = 0; i < 128; i++) {
        length += (int) mask[row * 128 + i];
      }
      lengths.add(length);
    }
    assertThat(lengths).containsExactly(3, 128, 22);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  \n "})
  void nothingSaidIsRefused(String text) {
    assertThatThrownBy(() -> sentences.encode(List.of(text)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cannot be embedded");
  }

  @Test
  void vectorsAreMeansOfTheUnmaskedTokensOfLengthOne() {
    Map<String, Tensor> inputs =
        Map.of("attention_mask", Tensor.ofLongs(Shape.of(2, 2), 1, 1, 1, 0));
    Tensor hidden = Tensor.ofFloats(Shape.of(2, 2, 2), 1, 2, 5, 6, 0, -3, 100, 100);

    List<float[]> vectors = Sentences.vectors(inputs, Map.of("last_hidden_state", hidden));

    assertThat(vectors.get(0)).containsExactly(new float[] {0.6f, 0.8f}, within(1e-6f));
    assertThat(vectors.get(1)).containsExactly(new float[] {0, -1}, within(1e-6f));
  }

  @Test
  void outputOfAnotherShapeIsNamed() {
    Map<String, Tensor> inputs = sentences.encode(List.of("hello"));
    Map<String, Tensor> wrong =
        Map.of("last_hidden_state", Tensor.ofFloats(Shape.of(1, 2, 1), 1, 2));

    assertThatThrownBy(() -> Sentences.vectors(inputs, wrong))
        .hasMessageContaining("float[1x2x1]")
        .hasMessageContaining("1x3xWIDTH");
  }

  @Test
  void paraphrasesAreNearerThanOtherSentences() throws Exception {
    try (BareRuntime runtime = new BareRuntime(Sentences.model())) {
      Map<String, Tensor> inputs =
          sentences.encode(
              List.of("A man is eating food.", "A man eats something.", "The sky is cloudy."));
      List<float[]> vectors = Sentences.vectors(inputs, runtime.run(inputs));

      assertThat(Sentences.cosine(vectors.get(0), vectors.get(0))).isCloseTo(1, within(1e-6));
      assertThat(Sentences.cosine(vectors.get(0), vectors.get(1))).isGreaterThan(0.7);
      assertThat(Sentences.cosine(vectors.get(0), vectors.get(2))).isLessThan(0.3);
    }
  }

  @Test
  void damagedModelInTheCacheIsReplaced(@TempDir Path folder) throws IOException {
    Path model = Sentences.model(folder.resolve("deep/er"));
    long size = Files.size(model);
    Files.writeString(model, "damaged");

    assertThat(Files.size(Sentences.model(folder.resolve("deep/er")))).isEqualTo(size);
    try (var files = Files.list(model.getParent())) {
      assertThat(files).containsExactly(model);
    }
  }
}
