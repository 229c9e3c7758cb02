package dev.skein.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one command line came to, run in this JVM.
 *
 * @param out lines of standard output
 * @param err lines of standard error
 */
record Cli(int code, List<String> out, List<String> err) {
  static Cli run(String... args) {
    Logging.toFileOnly();
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
    try {
      int code = Main.run(args);
      return new Cli(code, lines(printed), lines(complained));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** Failed work: exit code 1, one line that has all of these in it, and nothing else. */
  void assertFailed(String... said) {
    assertComplaint(1, said);
  }

  /** Wrong usage: exit code 2, likewise. */
  void assertWrongUsage(String... said) {
    assertComplaint(2, said);
  }

  private void assertComplaint(int expected, String... said) {
    assertThat(err).hasSize(1);
    assertThat(err.getFirst())
        .startsWith("skein: ")
        .contains(said)
        .doesNotContain("Exception")
        .doesNotContain("\tat ")
        .doesNotEndWith(": null")
        .hasSizeGreaterThan(20);
    assertThat(out).isEmpty();
    assertThat(code).as("%s", err).isEqualTo(expected);
  }

  /** Success with exactly one line, a JSON object, and nothing else. */
  JsonNode json() {
    assertThat(err).isEmpty();
    assertThat(code).isZero();
    return object(out);
  }

  static JsonNode object(List<String> lines) {
    assertThat(lines).hasSize(1);
    JsonNode node = JsonMapper.shared().readTree(lines.getFirst());
    assertThat(node.isObject()).isTrue();
    return node;
  }

  private static List<String> lines(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
