package dev.skein.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Commands that take part in a swarm, with one node as a process. */
@Timeout(120)
class SwarmCommandsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String SWARM = "test-" + UUID.randomUUID();

  @TempDir static Path folder;
  private static String model;
  private static SkeinProcess node;
  private static JsonNode ready;

  @BeforeAll
  static void start() {
    model = TinyModels.classifier(folder.resolve("tiny.onnx")).toString();
    node = start("shelf");
    ready = ready(node);
  }

  @AfterAll
  static void stop() {
    if (node != null) {
      node.close();
    }
  }

  private static SkeinProcess start(String name, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "node",
                "--json",
                "--until-eof",
                "--name",
                name,
                "--home",
                home(name),
                "--swarm-name",
                SWARM,
                "--no-multicast",
                "--bind",
                "127.0.0.1"));
    args.addAll(List.of(more));
    return SkeinProcess.start(args);
  }

  private static JsonNode ready(SkeinProcess process) {
    eventually(process, () -> !process.out().isEmpty() || !process.isAlive());
    assertThat(process.isAlive()).as("%s", process).isTrue();
    return Cli.object(process.out());
  }

  private static void eventually(Object told, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("%s within %s", told, PATIENCE).isLessThan(end);
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static Cli joining(String... args) {
    List<String> all = new ArrayList<>(Arrays.asList(args));
    all.addAll(List.of("--no-multicast", "--bind", "127.0.0.1", "--swarm-name", SWARM));
    all.addAll(List.of("--join", ready.get("join").stringValue()));
    return Cli.run(all.toArray(String[]::new));
  }

  private static String home(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void aNodePrintsOneJsonObjectWhenItIsReady() {
    assertThat(ready.get("name").stringValue()).isEqualTo("shelf");
    assertThat(UUID.fromString(ready.get("id").stringValue())).isNotNull();
    assertThat(ready.get("join").stringValue()).matches("127\\.0\\.0\\.1:\\d+");
    assertThat(node.err()).isEmpty();
  }

  @Test
  void swarmLsPrintsOneJsonObject() {
    JsonNode members = joining("swarm", "ls", "--json").json().get("members");

    assertThat(members.size()).isEqualTo(1);
    JsonNode shelf = members.get(0);
    assertThat(shelf.get("name").stringValue()).isEqualTo("shelf");
    assertThat(shelf.get("id")).isEqualTo(ready.get("id"));
    assertThat(shelf.get("reference_millis").doubleValue()).isPositive();
    assertThat(shelf.get("memory_free_bytes").longValue()).isPositive();
  }

  @Test
  void swarmLsPrintsATable() {
    Cli cli = joining("swarm", "ls");

    assertThat(cli.code()).isZero();
    assertThat(cli.err()).isEmpty();
    assertThat(cli.out()).hasSize(2);
    assertThat(cli.out().get(1)).startsWith("shelf");
  }

  @Test
  void inferOverTheSwarmPrintsOneJsonObject() {
    JsonNode report =
        joining("infer", model, "random:1", "random:2", "--asks-only", "--repeat", "3", "--json")
            .json();

    assertThat(report.get("model").stringValue()).isEqualTo("tiny.onnx");
    assertThat(report.get("stages").size()).isPositive();
    for (JsonNode stage : report.get("stages")) {
      assertThat(stage.get("device").stringValue()).isEqualTo("shelf");
    }
    assertThat(report.get("answers").size()).isEqualTo(2);
    assertThat(report.get("latency_ms_p50").doubleValue()).isPositive();
    assertThat(report.get("bytes_moved").longValue()).isGreaterThanOrEqualTo(3 * 16 * 16 * 4);
  }

  @Test
  void theSwarmSaysWhatThisDeviceSaysAlone() {
    JsonNode local = joining("infer", model, "random:7", "--mode", "local", "--json").json();
    JsonNode remote = joining("infer", model, "random:7", "--asks-only", "--json").json();

    assertThat(remote.get("answers")).isEqualTo(local.get("answers"));
    assertThat(local.get("bytes_moved").longValue()).isZero();
  }

  @Test
  void inferPrintsTablesForPeople() {
    Cli cli = joining("infer", model, "random:1", "--mode", "pipeline");

    assertThat(cli.code()).isZero();
    assertThat(cli.err()).isEmpty();
    assertThat(String.join("\n", cli.out())).contains("answer", "random:1", "stage", "latency");
  }

  @Test
  void planPrintsOneJsonObject() {
    JsonNode report = joining("plan", model, "--asks-only", "--json").json();

    assertThat(report.get("candidates").size()).isPositive();
    assertThat(report.get("reason").stringValue()).isNotBlank();
  }

  @Test
  void inspectPrintsOneJsonObject() {
    JsonNode report = Cli.run("inspect", model, "--dim", "N=4", "--json").json();

    assertThat(report.get("operators").get("MatMul").intValue()).isEqualTo(1);
    assertThat(report.get("macs").longValue()).isGreaterThanOrEqualTo(4 * 3 * 16 * 16 * 10);
    assertThat(report.get("segments").size()).isPositive();
  }

  @Test
  void doctorAndDataPrintOneJsonObject() {
    Cli doctor = Cli.run("doctor", "--json");
    assertThat(doctor.err()).isEmpty();
    JsonNode report = Cli.object(doctor.out());
    assertThat(doctor.code()).isEqualTo(report.get("ok").booleanValue() ? 0 : 1);

    assertThat(Cli.run("data", "ls", "--json").json().get("entries").size()).isPositive();
  }

  @Test
  void aSecondNodeInTheSameHomeIsRefused() {
    joining("node", "--until-eof", "--name", "other", "--home", home("shelf"))
        .assertFailed(home("shelf"), "--home");
  }

  @Test
  void whoAnswersButIsOfAnotherSwarmIsNotJoined() {
    Cli.run(
            "node",
            "--until-eof",
            "--no-multicast",
            "--bind",
            "127.0.0.1",
            "--swarm-name",
            "other-" + SWARM,
            "--home",
            home("stranger"),
            "--join",
            ready.get("join").stringValue())
        .assertFailed(ready.get("join").stringValue(), "swarm");
  }

  @Test
  void aNodeEndsWithItsInputAndKeepsItsIdForTheNextTime() {
    String join = ready.get("join").stringValue();
    String id;
    try (SkeinProcess process = start("drawer", "--join", join)) {
      id = ready(process).get("id").stringValue();
      assertThat(names()).contains("drawer");

      process.closeInput();

      assertThat(process.exit(PATIENCE)).as("%s", process).isZero();
      assertThat(process.err()).isEmpty();
      assertThat(process.out()).hasSize(1);
    }
    assertThat(names()).containsExactly("shelf");
    try (SkeinProcess process = start("drawer", "--join", join)) {
      assertThat(ready(process).get("id").stringValue()).isEqualTo(id);
    }
  }

  @Test
  void aNodeThatIsToldToStopLeavesPolitely() {
    try (SkeinProcess process = start("cupboard", "--join", ready.get("join").stringValue())) {
      ready(process);

      process.terminate();

      assertThat(process.exit(PATIENCE)).as("ended by the signal").isEqualTo(143);
      assertThat(process.err()).isEmpty();
    }
    assertThat(names()).doesNotContain("cupboard");
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>();
    joining("swarm", "ls", "--json")
        .json()
        .get("members")
        .forEach(member -> names.add(member.get("name").stringValue()));
    return names;
  }

  @Test
  void aProcessSaysTheSameAsACall() {
    try (SkeinProcess process = SkeinProcess.start(List.of("inspect", "nosuch.onnx"))) {
      assertThat(process.exit(PATIENCE)).isEqualTo(1);
      assertThat(process.out()).isEmpty();
      assertThat(process.err()).containsExactly("skein: no such file: nosuch.onnx");
    }
    try (SkeinProcess process = SkeinProcess.start(List.of("frobnicate"))) {
      assertThat(process.exit(PATIENCE)).isEqualTo(2);
      assertThat(process.err()).hasSize(1);
    }
    try (SkeinProcess process = SkeinProcess.start(List.of("inspect", model, "--json"))) {
      assertThat(process.exit(PATIENCE)).isZero();
      assertThat(process.err()).isEmpty();
      assertThat(Cli.object(process.out()).get("model").stringValue()).isEqualTo("tiny.onnx");
    }
  }

  @Test
  @Tag("slow")
  @Timeout(300)
  void theDemoPrintsOneJsonObjectAndIsRight() {
    try (SkeinProcess process = SkeinProcess.start(List.of("demo", "--once", "--json"))) {
      assertThat(process.exit(Duration.ofSeconds(280))).as("%s", process).isZero();
      JsonNode report = Cli.object(process.out());
      assertThat(report.get("ok").booleanValue()).isTrue();
      assertThat(report.get("runs").size()).isEqualTo(5);
      JsonNode fault = report.get("faults").get(0);
      assertThat(fault.get("lost_requests").intValue()).isZero();
      assertThat(fault.get("wrong_results").intValue()).isZero();
      assertThat(fault.get("recovery_ms").doubleValue()).isPositive();
    }
  }
}
