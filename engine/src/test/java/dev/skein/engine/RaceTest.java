package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RaceTest {
  @Test
  void givesEachContenderItsTimeInOrder() {
    Map<String, Tensor> x = Map.of("x", Tensor.ofFloats(Shape.of(64, 64), new float[64 * 64]));
    try (Session light = Session.open(Graphs.heavy(64, 1), SessionOptions.defaults());
        Session heavy = Session.open(Graphs.heavy(64, 40), SessionOptions.defaults())) {
      List<Race.Contender> contenders =
          List.of(Race.Contender.of("b", heavy, x), Race.Contender.of("a", light, x));
      Map<String, Double> millis = Race.run(contenders, Duration.ofMillis(40));
      assertThat(millis.keySet()).containsExactly("b", "a");
      assertThat(millis.values()).allMatch(one -> one > 0);
    }
  }

  @Test
  void everybodyBeginsInTurn() {
    List<String> turns = new ArrayList<>();
    Race.run(
        List.of(
            new Race.Contender("a", true, () -> turns.add("a")),
            new Race.Contender("b", true, () -> turns.add("b")),
            new Race.Contender("c", true, () -> turns.add("c"))),
        Duration.ZERO);
    // One round to warm up, then those that count.
    assertThat(turns.subList(3, 12)).containsExactly("a", "b", "c", "b", "c", "a", "c", "a", "b");
    assertThat(Collections.frequency(turns, "a")).isEqualTo(Collections.frequency(turns, "c"));
  }

  @Test
  void refusesTwoOfOneName() {
    Race.Contender one = new Race.Contender("one", true, () -> {});
    assertThatThrownBy(() -> Race.run(List.of(one, one), Duration.ZERO))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("'one'");
  }

  @Test
  void quartileIsOneThatWasMeasured() {
    assertThat(Race.lowerQuartile(List.of(4.0, 1.0, 3.0, 2.0))).isEqualTo(2);
  }
}
