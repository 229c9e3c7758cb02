package dev.skein.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.input.Shared;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(120)
class BudgetTest {
  @Test
  void aModelRunsWithinItsBudgetAndAnswersTheSame() {
    String model = Shared.file("models/cifar10_resnet56.onnx").toString();

    JsonNode free = Cli.run("infer", model, "random:3", "--budget", "1g", "--json").json();
    JsonNode tight = Cli.run("infer", model, "random:3", "--budget", "4m", "--json").json();

    assertThat(free.get("reloaded_bytes").longValue()).isZero();
    assertThat(tight.get("planned_bytes").longValue()).isLessThanOrEqualTo(4 << 20);
    assertThat(tight.get("reloaded_bytes").longValue()).isPositive();
    assertThat(tight.get("answers")).isEqualTo(free.get("answers"));
  }

  @Test
  void aBudgetThatIsTooSmallIsNamedWithWhatWouldDo() {
    String model = Shared.file("models/cifar10_resnet56.onnx").toString();

    Cli.run("infer", model, "random:3", "--budget", "64k").assertFailed("65536", "give it");
    Cli.run("infer", model, "random:3", "--budget", "little").assertWrongUsage("--budget 'little'");
    Cli.run("infer", model, "random:3", "--budget", "8m", "--mode", "pipeline")
        .assertWrongUsage("--budget", "--mode pipeline");
  }
}
