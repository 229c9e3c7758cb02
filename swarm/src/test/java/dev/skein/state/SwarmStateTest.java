package dev.skein.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.skein.cost.ChainCosts;
import dev.skein.cost.LinkProfile;
import dev.skein.cost.SegmentCost;
import dev.skein.plan.ExactPlanner;
import dev.skein.plan.Goal;
import dev.skein.plan.Plan;
import dev.skein.state.SwarmEvent.DeviceMeasured;
import dev.skein.state.SwarmEvent.Joined;
import dev.skein.state.SwarmEvent.Left;
import dev.skein.state.SwarmEvent.LinkMeasured;
import dev.skein.state.SwarmEvent.StageMeasured;
import dev.skein.state.SwarmEvent.Suspected;
import dev.skein.state.SwarmEvent.Trusted;
import dev.skein.state.SwarmState.Hop;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SwarmStateTest {
  private static final LinkProfile FAST = new LinkProfile(1, 1e7);
  private static final LinkProfile SLOW = new LinkProfile(20, 1e5);

  private static SwarmState after(SwarmEvent... events) {
    SwarmState state = SwarmState.EMPTY;
    for (SwarmEvent event : events) {
      state = state.apply(event);
    }
    return state;
  }

  private static DeviceState kitchen(SwarmEvent... events) {
    return after(events).devices().get("k");
  }

  @Test
  void whoJoinsIsKnownByNameAndNotYetUsable() {
    assertThat(kitchen(new Joined("k", "kitchen")))
        .isEqualTo(new DeviceState("kitchen", false, 0, 0));
    assertThat(kitchen(new Joined("k", "kitchen")).usable()).isFalse();
  }

  @Test
  void aMeasuredDeviceIsUsable() {
    DeviceState state = kitchen(new Joined("k", "kitchen"), new DeviceMeasured("k", 12, 1000));

    assertThat(state).isEqualTo(new DeviceState("kitchen", false, 12, 1000));
    assertThat(state.usable()).isTrue();
  }

  @Test
  void toJoinAgainUnchangedKeepsWhatIsKnown() {
    assertThat(
            kitchen(
                new Joined("k", "kitchen"),
                new DeviceMeasured("k", 12, 1000),
                new Joined("k", "kitchen")))
        .isEqualTo(new DeviceState("kitchen", false, 12, 1000));
  }

  @Test
  void anotherNameMeansAnotherDevice() {
    assertThat(
            kitchen(
                new Joined("k", "kitchen"),
                new DeviceMeasured("k", 12, 1000),
                new Joined("k", "cellar")))
        .isEqualTo(new DeviceState("cellar", false, 0, 0));
  }

  @Test
  void whoLeavesTakesItsLinksAlongAndOnlyThose() {
    SwarmState state =
        after(
            new Joined("h", "hall"),
            new Joined("k", "kitchen"),
            new Joined("b", "bedroom"),
            new LinkMeasured("k", "h", FAST),
            new LinkMeasured("h", "k", FAST),
            new LinkMeasured("h", "b", SLOW),
            new Left("k"));

    assertThat(state.devices()).containsOnlyKeys("h", "b");
    assertThat(state.links()).isEqualTo(Map.of(new Hop("h", "b"), SLOW));
  }

  @Test
  void aSuspectIsNotUsableUntilItIsTrustedAndKeepsItsMeasurements() {
    SwarmState measured = after(new Joined("k", "kitchen"), new DeviceMeasured("k", 12, 1000));
    SwarmState suspected = measured.apply(new Suspected("k"));

    assertThat(suspected.devices().get("k")).isEqualTo(new DeviceState("kitchen", true, 12, 1000));
    assertThat(suspected.devices().get("k").usable()).isFalse();
    assertThat(suspected.apply(new Trusted("k"))).isEqualTo(measured);
  }

  @Test
  void measurementsDoNotEndASuspicion() {
    assertThat(
            kitchen(
                    new Joined("k", "kitchen"),
                    new Suspected("k"),
                    new DeviceMeasured("k", 12, 1000),
                    new StageMeasured("k", 10, 20))
                .suspected())
        .isTrue();
  }

  @Test
  void strangersAreNotInvented() {
    SwarmState state =
        after(
            new Suspected("x"),
            new Trusted("x"),
            new DeviceMeasured("x", 1, 1),
            new StageMeasured("x", 1, 1),
            new Left("x"));

    assertThat(state).isEqualTo(SwarmState.EMPTY);
  }

  @Test
  void aStageThatRanIsBetterEvidenceThanTheCalibration() {
    DeviceState state =
        kitchen(
            new Joined("k", "kitchen"),
            new DeviceMeasured("k", 12, 1000),
            new StageMeasured("k", 10, 300.3));

    assertThat(state.slowness()).isCloseTo(30, within(0.1));
    assertThat(state.memoryBytes()).isEqualTo(1000);
  }

  @Test
  void aStageShorterThanItsOverheadDoesNotMakeADeviceInfinitelyFast() {
    DeviceState state =
        kitchen(
            new Joined("k", "kitchen"),
            new DeviceMeasured("k", 12, 1000),
            new StageMeasured("k", 0.02, 0.24));

    assertThat(state.slowness()).isBetween(6.0, 12.0);
  }

  @Test
  void aStageThatCostsNothingSaysNothing() {
    assertThat(
            kitchen(
                    new Joined("k", "kitchen"),
                    new DeviceMeasured("k", 12, 1000),
                    new StageMeasured("k", 0, 300))
                .slowness())
        .isEqualTo(12);
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        0,
        -1,
        Double.MIN_VALUE,
        Double.MAX_VALUE,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY
      })
  void liesAboutSpeedStayWithinBounds(double lie) {
    DeviceState claimed = kitchen(new Joined("k", "kitchen"), new DeviceMeasured("k", lie, 1000));
    DeviceState measured =
        kitchen(
            new Joined("k", "kitchen"),
            new DeviceMeasured("k", 12, 1000),
            new StageMeasured("k", 1, lie));

    assertThat(claimed.slowness()).isBetween(1e-3, 1e5);
    assertThat(measured.slowness()).isBetween(1e-3, 1e5);
  }

  @Test
  void whatIsNoNumberCountsAsTheWorst() {
    assertThat(
            kitchen(new Joined("k", "kitchen"), new DeviceMeasured("k", Double.NaN, 1)).slowness())
        .isEqualTo(1e5);
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        0,
        -1,
        Double.MAX_VALUE,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY
      })
  void noLieMakesPlanningForTheOthersImpossible(double lie) {
    SwarmState state =
        after(
            new Joined("k", "kitchen"),
            new Joined("l", "liar"),
            new Joined("r", "requester"),
            new DeviceMeasured("k", 1, 1 << 20),
            new DeviceMeasured("l", lie, (long) lie),
            new LinkMeasured("k", "r", FAST),
            new LinkMeasured("l", "r", new LinkProfile(lie, lie)),
            new LinkMeasured("l", "k", new LinkProfile(lie, 1e6)));
    ChainCosts costs = new ChainCosts(List.of(new SegmentCost(0, 1000, 100, 5)), new long[] {8, 8});

    for (Goal goal : Goal.values()) {
      Plan plan = new ExactPlanner().plan(costs, state.snapshot("r", node -> true).swarm(), goal);
      assertThat(plan.latencyMillis()).isFinite().isPositive();
    }
  }

  @Test
  void theRequesterIsOneOfTheDevicesIfItComputes() {
    Snapshot snapshot = twoDevices().snapshot("k", node -> true);

    assertThat(snapshot.nodes()).containsExactly("h", "k");
    assertThat(snapshot.swarm().requester()).isEqualTo(1);
    assertThat(snapshot.swarm().link(1, 0)).isEqualTo(FAST);
  }

  @Test
  void theRequesterStandsBehindTheDevicesIfItOnlyAsks() {
    SwarmState state =
        twoDevices().apply(new Joined("r", "requester")).apply(new LinkMeasured("r", "h", SLOW));

    Snapshot snapshot = state.snapshot("r", node -> true);

    assertThat(snapshot.nodes()).containsExactly("h", "k");
    assertThat(snapshot.swarm().requester()).isEqualTo(2);
    assertThat(snapshot.swarm().link(2, 0)).isEqualTo(SLOW);
    assertThat(snapshot.swarm().link(0, 2)).as("taken as alike both ways").isEqualTo(SLOW);
    assertThat(snapshot.swarm().link(2, 1)).as("never measured").isNull();
  }

  @Test
  void theRequesterStandsBehindTheDevicesIfItIsNotEligibleItself() {
    Snapshot snapshot = twoDevices().snapshot("k", "h"::equals);

    assertThat(snapshot.nodes()).containsExactly("h");
    assertThat(snapshot.swarm().requester()).isEqualTo(1);
    assertThat(snapshot.swarm().link(1, 0)).isEqualTo(FAST);
  }

  @Test
  void whoIsSuspectedUnmeasuredOrNotEligibleGetsNoWork() {
    SwarmState state =
        twoDevices()
            .apply(new Joined("n", "new"))
            .apply(new Joined("b", "barred"))
            .apply(new DeviceMeasured("b", 1, 1))
            .apply(new Suspected("h"));

    assertThat(state.snapshot("k", node -> !node.equals("b")).nodes()).containsExactly("k");
    assertThat(state.apply(new Suspected("k")).snapshot("k", "n"::equals).nodes()).isEmpty();
  }

  @Test
  void eachDirectionThatWasMeasuredKeepsItsOwnValue() {
    Snapshot snapshot =
        twoDevices().apply(new LinkMeasured("h", "k", SLOW)).snapshot("h", node -> true);

    assertThat(snapshot.swarm().link(0, 1)).isEqualTo(SLOW);
    assertThat(snapshot.swarm().link(1, 0)).isEqualTo(FAST);
  }

  @Test
  void devicesArriveAtPlannersAsTheyAre() {
    Snapshot snapshot = twoDevices().snapshot("k", node -> true);

    assertThat(snapshot.swarm().devices())
        .extracting(d -> d.id() + " " + d.name() + " " + d.slowness() + " " + d.memoryBytes())
        .containsExactly("h hall 2.0 2000", "k kitchen 1.0 1000");
    assertThat(snapshot.swarm().devices()).allMatch(device -> device.overheadMillis() > 0);
  }

  @Test
  void aStateNeverChanges() {
    SwarmState before = twoDevices();
    SwarmState same = twoDevices();

    SwarmState _ = before.apply(new Left("k"));
    SwarmState _ = before.apply(new LinkMeasured("h", "k", SLOW));

    assertThat(before).isEqualTo(same);
    assertThatThrownBy(() -> before.devices().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> before.links().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  private static SwarmState twoDevices() {
    return after(
        new Joined("k", "kitchen"),
        new Joined("h", "hall"),
        new DeviceMeasured("k", 1, 1000),
        new DeviceMeasured("h", 2, 2000),
        new LinkMeasured("k", "h", FAST));
  }
}
