package dev.skein.input;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.input.HomeCommands.Utterance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HomeCommandsTest {
  private static BareRuntime runtime;
  private static HomeCommands hub;

  @BeforeAll
  static void learn() {
    runtime = new BareRuntime(Sentences.model());
    hub = HomeCommands.learn(new Sentences(), runtime::run);
  }

  @AfterAll
  static void close() throws Exception {
    runtime.close();
  }

  @Test
  void everyUtteranceOfTheDemoFindsTheCommandThatIsMeant() {
    assertThat(HomeCommands.utterances()).hasSizeGreaterThanOrEqualTo(24);
    for (Utterance utterance : HomeCommands.utterances()) {
      assertThat(hub.match(utterance.text(), runtime::run).command())
          .as(utterance.text())
          .isEqualTo(utterance.command());
    }
  }

  @Test
  void mostWordingsEvenUnchosenOnesFindTheirCommand() throws IOException {
    List<Utterance> hard = misses();
    long right =
        hard.stream()
            .filter(u -> hub.match(u.text(), runtime::run).command().equals(u.command()))
            .count();
    double all = HomeCommands.utterances().size() + hard.size();

    assertThat((HomeCommands.utterances().size() + right) / all).isBetween(0.65, 0.85);
  }

  @Test
  void everyCommandMatchesItselfAndNoUtteranceIsACommand() {
    for (String command : HomeCommands.commands()) {
      assertThat(hub.match(command, runtime::run).command()).isEqualTo(command);
    }
    assertThat(HomeCommands.utterances().stream().map(Utterance::text).toList())
        .doesNotContainAnyElementsOf(HomeCommands.commands())
        .doesNotHaveDuplicates();
    assertThat(new HashSet<>(HomeCommands.commands()))
        .containsAll(HomeCommands.utterances().stream().map(Utterance::command).toList());
  }

  private static List<Utterance> misses() throws IOException {
    try (InputStream in = HomeCommandsTest.class.getResourceAsStream("home-misses.tsv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t"))
          .map(cells -> new Utterance(cells[0], cells[1]))
          .toList();
    }
  }
}
