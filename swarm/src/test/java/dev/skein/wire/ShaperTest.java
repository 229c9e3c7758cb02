package dev.skein.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShaperTest {
  private static final long MS = 1_000_000;

  private static Shaper shaper(String link) {
    return new Shaper(LinkSpec.parse(link), 1);
  }

  @Test
  void bytesLeaveAtTheRateAndArriveOneDelayLater() {
    Shaper.Flow flow = shaper("8mbit,5ms").flow(); // 1,000 bytes a millisecond
    assertThat(flow.send(0, 10_000)).isEqualTo(new Shaper.Passage(10 * MS, 15 * MS));
    assertThat(flow.send(2 * MS, 5_000)).isEqualTo(new Shaper.Passage(15 * MS, 20 * MS));
    assertThat(flow.send(40 * MS, 1_000)).isEqualTo(new Shaper.Passage(41 * MS, 46 * MS));
  }

  @Test
  void connectionsShareTheRate() {
    Shaper shaper = shaper("8mbit");
    Shaper.Flow one = shaper.flow();
    Shaper.Flow two = shaper.flow();
    assertThat(one.send(0, 4_000).arrives()).isEqualTo(4 * MS);
    assertThat(two.send(0, 4_000).arrives()).isEqualTo(8 * MS);
    assertThat(one.send(0, 4_000).arrives()).isEqualTo(12 * MS);
  }

  @Test
  void delayAloneDoesNotLimitTheRate() {
    Shaper.Flow flow = shaper("30ms").flow();
    assertThat(flow.send(0, 1 << 30)).isEqualTo(new Shaper.Passage(0, 30 * MS));
    assertThat(flow.send(1, 1 << 30)).isEqualTo(new Shaper.Passage(1, 30 * MS + 1));
  }

  @Test
  void jitterStaysWithinItsBoundsAndKeepsOrder() {
    Shaper.Flow flow = shaper("10ms~4ms").flow();
    long last = 0;
    double sum = 0;
    for (int i = 0; i < 1000; i++) {
      long now = i * 20 * MS;
      long arrives = flow.send(now, 100).arrives();
      assertThat(arrives - now).isBetween(6 * MS, 14 * MS);
      sum += arrives - now;
      long second = flow.send(now, 100).arrives();
      assertThat(second).isGreaterThanOrEqualTo(arrives);
      assertThat(second).isGreaterThan(last);
      last = second;
    }
    assertThat(sum / 1000 / MS).isCloseTo(10, within(0.3));
  }

  @Test
  void lostPacketsTakeTheirShareOfTheRateAgain() {
    // Each packet is sent 1 / (1 - p) times on average.
    int packets = 50_000;
    Shaper.Flow flow = shaper("8mbit,20%").flow();
    long leaves = 0;
    for (int i = 0; i < packets; i++) {
      leaves = flow.send(0, Shaper.PACKET_BYTES).leaves();
    }
    double perfect = packets * Shaper.PACKET_BYTES / 1e6 * 1e9;
    assertThat(leaves / perfect).isCloseTo(1 / 0.8, within(0.01));
  }

  @Test
  void lostPacketHoldsUpItsFlowButNoOther() {
    LinkSpec spec = LinkSpec.parse("30ms,10%");
    assertThat(Shaper.timeoutNanos(spec)).isEqualTo(120 * MS);
    Shaper shaper = new Shaper(spec, 5);
    Shaper.Flow flow = shaper.flow();
    Shaper.Flow other = shaper.flow();
    long[] delays = new long[2000];
    long[] others = new long[2000];
    for (int i = 0; i < delays.length; i++) {
      long now = i * 1000L * MS; // long enough apart to be independent
      delays[i] = flow.send(now, 1000).arrives() - now;
      others[i] = other.send(now, 1000).arrives() - now;
      if (delays[i] > 30 * MS) {
        assertThat(delays[i]).isEqualTo(150 * MS);
        assertThat(flow.send(now + MS, 0).arrives() - now).isEqualTo(150 * MS);
      }
    }
    assertThat(IntStream.range(0, 2000).filter(i -> delays[i] > 30 * MS).count() / 2000.0)
        .isCloseTo(0.1, within(0.02));
    assertThat(IntStream.range(0, 2000).filter(i -> delays[i] > others[i]).count()).isPositive();
  }

  @Test
  void sameSeedGivesTheSameLink() {
    Shaper.Flow one = new Shaper(LinkSpec.parse("1mbit,5ms~5ms,5%"), 3).flow();
    Shaper.Flow two = new Shaper(LinkSpec.parse("1mbit,5ms~5ms,5%"), 3).flow();
    for (int i = 0; i < 100; i++) {
      assertThat(one.send(i, 5000)).isEqualTo(two.send(i, 5000));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "20mbit,5ms,1%|20mbit,5ms,1%",
        "250kbit|0.25mbit",
        " 1%, 40ms~10ms |40ms~10ms,1%",
        "1.5GBIT|1500mbit",
        "800us|0.8ms",
        "0%|none",
        " None |none"
      })
  void linkIsReadFromItsParts(String text, String canonical) {
    assertThat(Link.parse(text)).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "20",
        "20mbps",
        "5ms,6ms",
        "1mbit,,5ms",
        "-5ms",
        "95%",
        "1bit",
        "61s",
        "5ms~",
        "NaNms",
        "99999999999mbit",
        "5 ms"
      })
  void badPartIsNamed(String text) {
    assertThatThrownBy(() -> Link.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("link part '.*' is not usable: .+");
  }
}
