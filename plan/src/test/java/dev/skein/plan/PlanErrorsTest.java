package dev.skein.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.cost.ChainCosts;
import dev.skein.cost.DeviceProfile;
import dev.skein.cost.LinkProfile;
import dev.skein.cost.SegmentCost;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanErrorsTest {
  private static final LinkProfile LINK = new LinkProfile(1, 1000);
  private static final DeviceProfile GOOD = new DeviceProfile("1", "good", 1, 0, 1_000_000);

  private static ChainCosts chain(long weights, long activations, double millis) {
    SegmentCost segment = new SegmentCost(0, weights, activations, millis);
    return new ChainCosts(List.of(segment, segment), new long[] {1, 1, 1});
  }

  private static Swarm swarm(DeviceProfile device, LinkProfile link) {
    LinkProfile[][] links = {{LINK, link, LINK}, {LINK, LINK, LINK}, {LINK, LINK, LINK}};
    return new Swarm(List.of(device, GOOD), links, 2);
  }

  private static void assertRefused(ChainCosts costs, Swarm swarm, String... words) {
    for (Goal goal : Goal.values()) {
      assertThatThrownBy(() -> new ExactPlanner().plan(costs, swarm, goal))
          .isInstanceOf(PlanException.class)
          .satisfies(e -> assertThat(e.getMessage()).contains(words).doesNotContain("\n"));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, -1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void refusesValuesThatAreNoMeasurements(double value) {
    String text = Double.toString(value);
    ChainCosts costs = chain(1, 1, 1);
    assertRefused(costs, swarm(new DeviceProfile("0", "pi\n0", value, 0, 1), LINK), "pi?0", text);
    assertRefused(costs, swarm(new DeviceProfile("0", "pi-0", 1, value, 1), LINK), "pi-0", text);
    assertRefused(costs, swarm(GOOD, new LinkProfile(value, 1)), "link from good (1) to", text);
    assertRefused(costs, swarm(GOOD, new LinkProfile(1, value)), "bytes per second", text);
    assertRefused(chain(1, 1, value), swarm(GOOD, LINK), "segment 0", text);
  }

  @Test
  void refusesALinkThatMovesNothing() {
    assertRefused(chain(1, 1, 1), swarm(GOOD, new LinkProfile(1, 0)), "0.0", "leave the link out");
  }

  @Test
  void refusesNegativeSizes() {
    assertRefused(chain(-5, 1, 1), swarm(GOOD, LINK), "segment 0", "-5");
    assertRefused(chain(1, -5, 1), swarm(GOOD, LINK), "segment 0", "-5");
    assertRefused(chain(1, 1, 1), swarm(new DeviceProfile("0", "pi", 1, 1, -5), LINK), "pi", "-5");
  }

  @Test
  void saysWhichSegmentFitsNowhere() {
    DeviceProfile small = new DeviceProfile("0", "small", 1, 0, 500_000);
    assertRefused(
        chain(900_000, 600_000, 1),
        swarm(small, LINK),
        "segment 0 alone needs 1.5 MB",
        "good 1.0 MB, small 500 kB");
  }

  @Test
  void saysWhatTheModelNeedsAndWhatThereIs() {
    DeviceProfile small = new DeviceProfile("0", "small", 1, 0, 500_000);
    assertRefused(
        chain(800_000, 0, 1),
        swarm(small, LINK),
        "no placement fits",
        "1.6 MB",
        "good 1.0 MB, small 500 kB");
  }

  @ParameterizedTest
  @EnumSource
  void refusesASwarmWithoutDevices(Goal goal) {
    Swarm empty = new Swarm(List.of(), new LinkProfile[][] {{LINK}}, 0);
    assertThatThrownBy(() -> new ExactPlanner().plan(chain(1, 1, 1), empty, goal))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("no device");
  }

  @Test
  void refusesAChainWithoutSegments() {
    ChainCosts none = new ChainCosts(List.of(), new long[] {1});
    assertRefused(none, swarm(GOOD, LINK), "0 segments");
  }

  @Test
  void refusesSwarmsThatAreNotSquare() {
    LinkProfile[][] two = {{LINK, LINK}, {LINK, LINK}};
    assertThatThrownBy(() -> new Swarm(List.of(GOOD, GOOD), two, 2)).hasMessageContaining("3 rows");
    assertThatThrownBy(() -> new Swarm(List.of(GOOD), two, 2)).hasMessageContaining("requester 2");
    assertThatThrownBy(() -> new ChainCosts(List.of(), new long[2])).hasMessageContaining("not 2");
  }

  @Test
  void keepsItsOwnCopyOfArrays() {
    LinkProfile[][] links = {{LINK, LINK}, {LINK, LINK}};
    Swarm swarm = new Swarm(List.of(GOOD), links, 0);
    links[0][0] = null;
    assertThat(swarm.link(0, 0)).isEqualTo(LINK);
    swarm.links()[0][0] = null;
    assertThat(swarm.link(0, 0)).isEqualTo(LINK);
    assertThat(swarm).isEqualTo(new Swarm(List.of(GOOD), swarm.links(), 0));
  }
}
