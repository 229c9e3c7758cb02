package dev.skein.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {
  @Test
  void readsNamesAndAddresses() {
    assertThat(HostPort.parse("pi.local:7700")).isEqualTo(new HostPort("pi.local", 7700));
    assertThat(HostPort.parse("10.0.0.1:1")).isEqualTo(new HostPort("10.0.0.1", 1));
    assertThat(HostPort.parse("[fe80::1]:7700")).isEqualTo(new HostPort("fe80::1", 7700));
    assertThat(HostPort.parse("[fe80::1]:7700")).hasToString("[fe80::1]:7700");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "pi", ":7700", "pi:", "pi:x", "pi:0", "pi:65536", "fe80::1:7700", "[]:1"})
  void refusesAnythingElseAndShowsTheForm(String text) {
    assertThatThrownBy(() -> HostPort.parse(text))
        .isInstanceOf(MembershipException.class)
        .hasMessageContaining("HOST:PORT");
  }
}
