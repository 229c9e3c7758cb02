package dev.skein.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.cli.Check.State;
import dev.skein.input.Catalogue;
import dev.skein.input.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CommandsTest {
  private final StringWriter printed = new StringWriter();

  @Test
  void doctorNamesEveryCheckOnce() {
    int code = run(new DoctorCommand());

    assertThat(printed.toString())
        .containsSubsequence(
            "jdk",
            "native",
            "cores",
            "memory",
            "disk",
            "clock",
            "cgroups",
            "data",
            "network",
            "ports",
            "multicast");
    assertThat(code).isEqualTo(printed.toString().contains(" fail ") ? 1 : 0);
  }

  @Test
  void doctorPrintsOneJsonObjectOnOneLine() {
    int code = run(new DoctorCommand(), "--json");

    JsonNode report = json();
    assertThat(report.get("ok").booleanValue()).isEqualTo(code == 0);
    assertThat(report.get("checks").size()).isEqualTo(11);
    for (JsonNode check : report.get("checks")) {
      assertThat(check.get("state").stringValue()).isIn("ok", "warn", "fail");
      assertThat(check.get("remedy").isNull())
          .isEqualTo(check.get("state").stringValue().equals("ok"));
    }
  }

  @Test
  void onThisMachineSkeinCanRun() {
    assertThat(MachineChecks.jdk().state()).isEqualTo(State.OK);
    assertThat(MachineChecks.nativeLibraries().state()).isNotEqualTo(State.FAIL);
    assertThat(NetworkChecks.multicast(NetworkChecks.interfaces()).found()).contains("work");
  }

  @Test
  void noInterfaceMeansNoMulticastAndTheWayOut() {
    Check check = NetworkChecks.multicast(List.of());

    assertThat(check.state()).isEqualTo(State.WARN);
    assertThat(check.remedy()).contains("--join");
    assertThat(NetworkChecks.addresses(List.of()).state()).isEqualTo(State.WARN);
  }

  @Test
  void portsThatAreTakenAreNamed() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
      Check check = NetworkChecks.ports(port, 1);
      assertThat(check.state()).isEqualTo(State.FAIL);
      assertThat(check.found()).contains("[" + port + "]");
      assertThat(check.remedy()).contains("--port");
    }
    assertThat(NetworkChecks.ports(port, 1).state()).isEqualTo(State.OK);
  }

  @Test
  void aFolderThatCannotBeWrittenFails(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");

    Check check = MachineChecks.disk(file.resolve("cache"));

    assertThat(check.state()).isEqualTo(State.FAIL);
    assertThat(check.found()).contains(file.toString());
    assertThat(MachineChecks.disk(folder.resolve("new")).found()).contains("MB free");
  }

  @Test
  void controlGroupsAreToldApart(@TempDir Path folder) throws IOException {
    assertThat(MachineChecks.cgroups(folder).found()).contains("none");
    Files.createDirectories(folder.resolve("cpu"));
    assertThat(MachineChecks.cgroups(folder).found())
        .contains("v1, not writable")
        .contains("memory");
    Files.createDirectories(folder.resolve("memory"));
    assertThat(MachineChecks.cgroups(folder).found()).isEqualTo("v1, writable");
    Files.createFile(folder.resolve("cgroup.controllers"));
    assertThat(MachineChecks.cgroups(folder).found()).isEqualTo("v2, writable");
  }

  @Test
  void aClockThatWasNeverSetIsTold() {
    assertThat(MachineChecks.clock(Instant.EPOCH).remedy()).contains("timedatectl");
  }

  @Test
  void dataFolderThatIsNoneFails(@TempDir Path folder) {
    assertThat(MachineChecks.data(folder.resolve("nothing").toString()).state())
        .isEqualTo(State.FAIL);
    assertThat(MachineChecks.data(folder.toString()).state()).isEqualTo(State.OK);
    assertThat(MachineChecks.data(null).state()).isEqualTo(State.OK);
  }

  @Test
  void dataListsTheWholeCatalogue() {
    assertThat(run(new DataCommand(), "ls", "--json")).isZero();

    assertThat(StreamSupport.stream(json().get("entries").spliterator(), false))
        .extracting(entry -> entry.get("name").stringValue())
        .containsExactlyElementsOf(
            Catalogue.shared().entries().stream().map(Catalogue.Entry::name).toList());
    assertThat(json().get("entries").get(0).get("state").stringValue())
        .isIn("yes", "in part", "get", "no");
  }

  @Test
  void dataListsForPeople() {
    assertThat(run(new DataCommand(), "ls")).isZero();

    assertThat(printed.toString())
        .contains("mobilenetv2")
        .contains("CC BY 2.0")
        .contains("looked in")
        .doesNotContain("  \n");
  }

  @Test
  void theSentenceTransformerNeedsNoNetwork() {
    assertThat(run(new DataCommand(), "get", "minilm", "--json")).isZero();

    JsonNode file = json().get("files").get(0);
    assertThat(Path.of(file.get("path").stringValue())).isRegularFile();
    assertThat(file.get("bytes").longValue()).isEqualTo(22_972_370);
  }

  @Test
  void unknownNamesAreToldBeforeAnythingIsFetched() {
    assertThatThrownBy(() -> run(new DataCommand(), "get", "cifar10", "resnet57"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'resnet57'");
  }

  private int run(Object command, String... arguments) {
    List<Exception> thrown = new ArrayList<>();
    int code =
        new CommandLine(command)
            .setOut(new PrintWriter(printed))
            .setExecutionExceptionHandler((failure, line, parsed) -> {
              thrown.add(failure);
              return 1;
            })
            .execute(arguments);
    if (!thrown.isEmpty()) {
      throw (RuntimeException) thrown.getFirst();
    }
    return code;
  }

  private JsonNode json() {
    assertThat(printed.toString().lines()).hasSize(1);
    return JsonMapper.shared().readTree(printed.toString());
  }
}
