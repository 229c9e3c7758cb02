package dev.skein.input;

import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A home hub that understands its commands in any words: what a resident says is matched to the
 * command whose sentence vector is nearest. Immutable; as thread-safe as the runner it is given.
 */
public final class HomeCommands {
  private static final List<String> COMMANDS =
      List.of(
          "turn on the kitchen light",
          "turn off the kitchen light",
          "turn off the bedroom light",
          "lock the front door",
          "unlock the front door",
          "open the garage door",
          "close the garage door",
          "make the house warmer",
          "make the house cooler",
          "open the blinds",
          "close the blinds",
          "play music",
          "stop the music",
          "tell me the weather",
          "set an alarm",
          "start the vacuum cleaner",
          "make coffee");

  private final Sentences sentences;
  private final List<float[]> known;

  /** What somebody said and the command that they meant. */
  public record Utterance(String text, String command) {}

  /**
   * @param similarity cosine between what was said and the command, at most 1
   */
  public record Match(String text, String command, double similarity) {}

  private HomeCommands(Sentences sentences, List<float[]> known) {
    this.sentences = sentences;
    this.known = known;
  }

  public static List<String> commands() {
    return COMMANDS;
  }

  /** Things to say to the hub, each with the command that a person would expect. */
  public static List<Utterance> utterances() {
    try (InputStream in = HomeCommands.class.getResourceAsStream("home-utterances.tsv")) {
      if (in == null) {
        throw new InputException("home-utterances.tsv is not on the class path; rebuild Skein");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", 2))
          .map(cells -> new Utterance(cells[0], cells[1]))
          .toList();
    } catch (IOException e) {
      throw new InputException("cannot read home-utterances.tsv (" + e + ")", e);
    }
  }

  /**
   * Embeds every command, one run each.
   *
   * @param model runs the sentence transformer in whatever way: inputs by name to outputs by name
   */
  public static HomeCommands learn(Sentences sentences, UnaryOperator<Map<String, Tensor>> model) {
    List<float[]> known =
        COMMANDS.stream()
            .map(command -> {
              Map<String, Tensor> inputs = sentences.encode(List.of(command));
              return Sentences.vectors(inputs, model.apply(inputs)).getFirst();
            })
            .toList();
    return new HomeCommands(sentences, known);
  }

  /** The model's inputs for one utterance. */
  public Map<String, Tensor> encode(String text) {
    return sentences.encode(List.of(text));
  }

  /** The nearest command, given the model's outputs for what {@link #encode} made of the text. */
  public Match match(String text, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    float[] said = Sentences.vectors(inputs, outputs).getFirst();
    int best = 0;
    double similarity = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < known.size(); i++) {
      double cosine = Sentences.cosine(said, known.get(i));
      if (cosine > similarity) {
        similarity = cosine;
        best = i;
      }
    }
    return new Match(text, COMMANDS.get(best), similarity);
  }

  /** {@link #encode}, run, {@link #match}. */
  public Match match(String text, UnaryOperator<Map<String, Tensor>> model) {
    Map<String, Tensor> inputs = encode(text);
    return match(text, inputs, model.apply(inputs));
  }
}
