package dev.skein.input;

import ai.djl.modality.nlp.DefaultVocabulary;
import ai.djl.modality.nlp.Vocabulary;
import ai.djl.modality.nlp.bert.BertFullTokenizer;
import ai.djl.modality.nlp.bert.WordpieceTokenizer;
import ai.djl.modality.nlp.preprocess.TextProcessor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Text to the token numbers of an uncased BERT model (Devlin et al. 2019; the WordPiece rules of
 * its {@code tokenization.py}): clean, lower-case, strip accents, split at punctuation, then the
 * longest pieces that the vocabulary has. Text such as {@code [SEP]} in a sentence stays text.
 */
final class WordPieces {
  private static final int MAX_WORD = 100;
  private static final int MAX_VOCABULARY = 1 << 20;

  private final Vocabulary vocabulary;
  private final List<TextProcessor> cleaning;
  private final WordpieceTokenizer pieces;
  private final long start;
  private final long end;

  private WordPieces(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    this.cleaning = BertFullTokenizer.getPreprocessors(true);
    this.pieces = new WordpieceTokenizer(vocabulary, "[UNK]", MAX_WORD);
    this.start = vocabulary.getIndex("[CLS]");
    this.end = vocabulary.getIndex("[SEP]");
  }

  /** Reads the vocabulary of a {@code tokenizer.json}. */
  static WordPieces read(String resource) {
    try (InputStream in = WordPieces.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new InputException(resource + " is not on the class path; rebuild Skein");
      }
      JsonNode words = JsonMapper.shared().readTree(in).path("model").path("vocab");
      if (words.isEmpty() || words.size() > MAX_VOCABULARY) {
        throw new InputException(resource + " has a vocabulary of " + words.size() + " words");
      }
      return new WordPieces(
          DefaultVocabulary.builder().add(inOrder(words)).optUnknownToken("[UNK]").build());
    } catch (IOException | JacksonException e) {
      throw new InputException("cannot read the tokenizer " + resource + " (" + e + ")", e);
    }
  }

  private static List<String> inOrder(JsonNode words) {
    String[] byNumber = new String[words.size()];
    words.forEachEntry((word, number) -> byNumber[number.intValue()] = word);
    return Arrays.asList(byNumber);
  }

  /** Token numbers between the start and end marks; at most {@code limit} in all. */
  long[] encode(String text, int limit) {
    List<String> tokens = List.of(separated(text));
    for (TextProcessor step : cleaning) {
      tokens = step.preprocess(tokens);
    }
    LongStream inner =
        pieces.preprocess(tokens).stream().mapToLong(vocabulary::getIndex).limit(limit - 2L);
    return LongStream.concat(LongStream.concat(LongStream.of(start), inner), LongStream.of(end))
        .toArray();
  }

  /** Chinese characters stand alone and invisible format characters go: the library leaves both. */
  private static String separated(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    text.codePoints()
        .filter(c -> Character.getType(c) != Character.FORMAT)
        .forEach(c -> {
          if (Character.isIdeographic(c)) {
            out.append(' ').appendCodePoint(c).append(' ');
          } else {
            out.appendCodePoint(c);
          }
        });
    return out.toString();
  }
}
