package dev.skein.rewrite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PassesTest {
  private final List<Rewrite> all = Passes.standard(model -> Map.of());

  @Test
  void namesAreAllDifferentAndWritable() {
    assertThat(all)
        .extracting(Rewrite::name)
        .doesNotHaveDuplicates()
        .allMatch(name -> name.matches("[a-z]+(-[a-z]+)*"))
        .startsWith("constants-to-weights")
        .endsWith("dead-code");
  }

  @Test
  void passesAreFoundByNameInTheOrderAskedFor() {
    assertThat(Passes.named(List.of("dead-code", "no-ops"), all))
        .extracting(Rewrite::name)
        .containsExactly("dead-code", "no-ops");
  }

  @Test
  void unknownNameIsAnsweredWithTheKnownOnes() {
    assertThatThrownBy(() -> Passes.named(List.of("no-ops", "magic"), all))
        .isInstanceOf(RewriteException.class)
        .hasMessageStartingWith("there is no pass 'magic'; choose from constants-to-weights, ")
        .hasMessageContaining("no-ops, ")
        .hasMessageEndingWith(", dead-code");
  }
}
