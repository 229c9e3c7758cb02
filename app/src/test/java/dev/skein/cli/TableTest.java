package dev.skein.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void numbersStandToTheRightAndTextToTheLeft() {
    Table table = new Table("mode", "ms", "moved");
    table.row("local", 1234.5, "0 B");
    table.row("pipeline", 9.876, "12.5 kB");
    table.row("none", null, "-");

    assertThat(table.toString())
        .isEqualTo(
            """
            mode           ms    moved
            local     1234.50      0 B
            pipeline     9.88  12.5 kB
            none            –        -
            """);
  }

  @Test
  void oneWordAmongNumbersMakesItText() {
    assertThat(new Table("n", "x").row(1, "a").row("ten", "b").toString())
        .isEqualTo("n    x\n1    a\nten  b\n");
  }

  @Test
  void fractionsOfAColumnHaveTheSameDecimals() {
    assertThat(new Table("x").row(0.0).row(1.5f).row(15.55).row(Double.NaN).row(7).toString())
        .isEqualTo("    x\n 0.00\n 1.50\n15.55\n    –\n    7\n");
    assertThat(new Table("x", "y").row(0.01234, 250.4).row(20.0, 1e6).toString())
        .isEqualTo("     x        y\n 0.012      250\n20.000  1000000\n");
  }

  @Test
  void aCellIsOneLineWhateverIsInIt() {
    assertThat(new Table("name").row("a\nb\u001b[31m").toString()).isEqualTo("name\na?b?[31m\n");
  }

  @Test
  void widthCountsCharactersNotUnits() {
    assertThat(new Table("x", "y").row("🦢", "z").row("ab", "z").toString())
        .isEqualTo("x   y\n🦢   z\nab  z\n");
  }

  @Test
  void headingsAloneStay() {
    assertThat(new Table("a", "b").toString()).isEqualTo("a  b\n");
  }

  @Test
  void cellsMustFitTheHeadings() {
    assertThatThrownBy(() -> new Table("a", "b").row("x"))
        .hasMessageContaining("1 cells under 2 headings");
  }

  @Test
  void jsonIsOneLine() {
    record Run(String mode, double latencyMsP50, List<String> devices) {}

    assertThat(Json.line(new Run("local\n", 1.5, List.of("a"))))
        .isEqualTo("{\"mode\":\"local\\n\",\"latency_ms_p50\":1.5,\"devices\":[\"a\"]}");
    assertThat(Json.line(Map.of("ok", true))).isEqualTo("{\"ok\":true}");
  }
}
