package dev.skein.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.cli.SkeinProcess;
import dev.skein.infer.Pipeline;
import dev.skein.input.Sentences;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that die, freeze and come back while requests are under way. */
@Timeout(180)
class FaultTest {
  private static final int REQUESTS = 48;

  @TempDir static Path folder;
  private static Emulation emulation;
  private static Fleet fleet;

  @BeforeAll
  static void start() {
    emulation = new Emulation(folder.resolve("requester"));
    fleet = emulation.fleet;
  }

  @AfterAll
  static void stop() {
    if (emulation != null) {
      emulation.close();
    }
  }

  @AfterEach
  void restore() {
    emulation.restore();
  }

  @Test
  void requestsOutliveAKilledDeviceWhichIsUsedAgainOnceRestarted() {
    String former = fleet.id("b");
    try (Pipeline pipeline = emulation.open()) {
      assertThat(emulation.names(pipeline)).containsExactly("a", "b", "c");

      RequestStream stream = emulation.stream(pipeline, REQUESTS, () -> fleet.kill("b"));

      emulation.assertAllRight(stream, REQUESTS);
      assertThat(emulation.names(pipeline)).containsExactly("a", "c");
      assertThat(pipeline.recoveries()).isPositive();
    }

    emulation.restore();

    assertThat(fleet.id("b")).isEqualTo(former);
    try (Pipeline pipeline = emulation.open()) {
      assertThat(emulation.names(pipeline)).containsExactly("a", "b", "c");
      emulation.assertAllRight(emulation.stream(pipeline, 6), 6);
    }
  }

  @Test
  void requestsOutliveAFrozenDeviceWhichIsUsedAgainOnceThawed() {
    try (Pipeline pipeline = emulation.open()) {
      RequestStream stream = emulation.stream(pipeline, REQUESTS, () -> fleet.pause("b"));

      emulation.assertAllRight(stream, REQUESTS);
      assertThat(emulation.names(pipeline)).containsExactly("a", "c");
    }

    fleet.resume("b");
    emulation.awaitUsable(List.of("b"));

    try (Pipeline pipeline = emulation.open()) {
      assertThat(emulation.names(pipeline)).containsExactly("a", "b", "c");
      emulation.assertAllRight(emulation.stream(pipeline, 6), 6);
    }
  }

  @Test
  @Tag("slow")
  void requestsOutliveTheLossOfTheFirstAndTheLastDevice() {
    for (String victim : List.of("a", "c")) {
      try (Pipeline pipeline = emulation.open()) {
        RequestStream stream = emulation.stream(pipeline, REQUESTS, () -> fleet.kill(victim));
        emulation.assertAllRight(stream, REQUESTS);
        assertThat(emulation.names(pipeline)).doesNotContain(victim).hasSize(2);
      }
      emulation.restore();
    }
  }

  @Test
  @Tag("slow")
  void requestsOutliveTwoKillsInARow() {
    try (Pipeline pipeline = emulation.open()) {
      RequestStream stream =
          emulation.stream(pipeline, REQUESTS, () -> fleet.kill("c"), () -> fleet.kill("a"));

      emulation.assertAllRight(stream, REQUESTS);
      assertThat(emulation.names(pipeline)).containsExactly("b");
      assertThat(pipeline.recoveries()).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  @Tag("slow")
  void requestsOutliveTwoDevicesLostAtTheSameMoment() {
    try (Pipeline pipeline = emulation.open()) {
      RequestStream stream =
          emulation.stream(
              pipeline,
              REQUESTS,
              () -> {
                fleet.pause("a");
                fleet.kill("b");
              });

      emulation.assertAllRight(stream, REQUESTS);
      assertThat(emulation.names(pipeline)).containsExactly("c");
    }
  }

  @Test
  @Tag("slow")
  void requestsOutliveAFreezeAndAKillAndTheThawInBetween() {
    try (Pipeline pipeline = emulation.open()) {
      RequestStream stream =
          emulation.stream(
              pipeline,
              REQUESTS,
              () -> fleet.pause("b"),
              () -> fleet.resume("b"),
              () -> fleet.kill("c"));

      emulation.assertAllRight(stream, REQUESTS);
    }
  }

  @Test
  @Tag("slow")
  void aFreezeShorterThanAnyPatienceLosesNothing() {
    try (Pipeline pipeline = emulation.open()) {
      RequestStream stream =
          emulation.stream(
              pipeline,
              REQUESTS,
              () -> {
                fleet.pause("b");
                sleep(300);
                fleet.resume("b");
              });

      emulation.assertAllRight(stream, REQUESTS);
    }
  }

  @Test
  @Tag("slow")
  void devicesDropWhatAKilledRequesterHadDeployed() {
    try (SkeinProcess requester =
        SkeinProcess.start(
            List.of(
                "infer",
                Sentences.model().toString(),
                "turn the light on",
                "--repeat",
                "100000",
                "--mode",
                "pipeline",
                "--asks-only",
                "--bind",
                "127.0.0.1",
                "--no-multicast",
                "--swarm-name",
                fleet.swarm(),
                "--join",
                fleet.join(),
                "--home",
                folder.resolve("other").toString()))) {
      Emulation.eventually(
          "work deployed",
          () -> {
            assertThat(requester.isAlive()).as("%s", requester).isTrue();
            return Emulation.NAMES.stream().anyMatch(name -> emulation.deployments(name) > 0);
          });

      requester.kill();

      Emulation.eventually(
          "work dropped",
          Duration.ofSeconds(10),
          () -> Emulation.NAMES.stream().allMatch(name -> emulation.deployments(name) == 0));
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
