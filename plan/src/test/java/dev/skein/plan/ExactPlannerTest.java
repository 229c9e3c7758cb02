package dev.skein.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.skein.cost.ChainCosts;
import dev.skein.cost.DeviceProfile;
import dev.skein.cost.LinkProfile;
import dev.skein.cost.SegmentCost;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Small cases worked out by hand. */
class ExactPlannerTest {
  private final ExactPlanner planner = new ExactPlanner();

  /** Segments of 10 ms and 100 weight bytes each, no activations. */
  private static ChainCosts chain(long... cutBytes) {
    SegmentCost segment = new SegmentCost(0, 100, 0, 10);
    SegmentCost[] segments = new SegmentCost[cutBytes.length - 1];
    Arrays.fill(segments, segment);
    return new ChainCosts(List.of(segments), cutBytes);
  }

  private static DeviceProfile device(String name, double slowness, long memory) {
    return new DeviceProfile(name, name, slowness, 1, memory);
  }

  /** All links alike: 1 ms and 1000 bytes each second, so 1 ms a byte. */
  private static Swarm swarm(int requester, DeviceProfile... devices) {
    int n = devices.length + 1;
    LinkProfile[][] links = new LinkProfile[n][n];
    for (LinkProfile[] row : links) {
      Arrays.fill(row, new LinkProfile(1, 1000));
    }
    return new Swarm(List.of(devices), links, requester);
  }

  @Test
  void staysLocalWhereMovingCostsMore() {
    Swarm swarm = swarm(0, device("slow", 2, 9999), device("fast", 1, 9999));
    Plan plan = planner.plan(chain(50, 50, 50), swarm, Goal.LATENCY);
    assertThat(plan.stages()).containsExactly(new Stage(0, 0, 2));
    assertThat(plan.latencyMillis()).isEqualTo(41);
    assertThat(plan.bottleneckMillis()).isEqualTo(41);
    assertThat(plan.optimal()).isTrue();
  }

  @Test
  void offloadsFromWhereTheCutIsNarrow() {
    Swarm swarm = swarm(0, device("slow", 4, 9999), device("fast", 1, 9999));
    Plan plan = planner.plan(chain(500, 5, 500, 1), swarm, Goal.LATENCY);
    assertThat(plan.stages()).containsExactly(new Stage(0, 0, 1), new Stage(1, 1, 3));
    // 1 + 40 on slow, 1 + 5 over, 1 + 20 on fast, 1 + 1 back.
    assertThat(plan.latencyMillis()).isEqualTo(70);
    assertThat(plan.bottleneckMillis()).isEqualTo(41);
  }

  @Test
  void comesBackToADeviceWhenTheMiddleIsBetterElsewhere() {
    Swarm swarm = swarm(0, device("slow", 4, 9999), device("fast", 1, 9999));
    Plan plan = planner.plan(chain(900, 5, 900, 5, 900), swarm, Goal.LATENCY);
    assertThat(plan.stages())
        .containsExactly(new Stage(0, 0, 1), new Stage(1, 1, 3), new Stage(0, 3, 4));
    assertThat(plan.latencyMillis()).isEqualTo(41 + 6 + 21 + 6 + 41);
    assertThat(plan.deviceCount()).isEqualTo(2);
  }

  @Test
  void splitsOverTwoDevicesWhatFitsNoneAlone() {
    Swarm swarm = swarm(2, device("a", 1, 250), device("b", 1, 250));
    Plan plan = planner.plan(chain(1, 9, 1, 9, 1), swarm, Goal.LATENCY);
    assertThat(plan.stages()).hasSize(2);
    assertThat(plan.stages().getFirst().to()).isEqualTo(2);
    // Request, answer and what is between take 2 ms each, each device 21 ms.
    assertThat(plan.latencyMillis()).isEqualTo(2 + 21 + 2 + 21 + 2);
    assertThat(plan.optimal()).isTrue();
  }

  @Test
  void countsEveryStageOfADeviceAgainstItsMemory() {
    // b is worth two visits, but has room for one segment only.
    Swarm swarm = swarm(0, device("a", 9, 9999), device("b", 1, 100));
    Plan plan = planner.plan(chain(1, 1, 1, 1), swarm, Goal.LATENCY);
    long onB = plan.stages().stream().filter(stage -> stage.device() == 1).count();
    assertThat(onB).isEqualTo(1);
    assertThat(plan.latencyMillis()).isEqualTo(1 + 180 + 2 + 11 + 2, within(1e-9));
  }

  @Test
  void balancesThePipelineByTheDevicesSpeeds() {
    Swarm swarm = swarm(2, device("fast", 1, 9999), device("slow", 2, 9999));
    Plan plan = planner.plan(chain(1, 1, 1, 1), swarm, Goal.THROUGHPUT);
    // Two segments on fast (21), one on slow (21); either order moves as much.
    assertThat(plan.bottleneckMillis()).isEqualTo(21);
    assertThat(plan.requestsPerSecond()).isCloseTo(1000 / 21.0, within(1e-9));
    assertThat(plan.latencyMillis()).isEqualTo(2 + 21 + 2 + 21 + 2);
    assertThat(plan.optimal()).isTrue();
  }

  @Test
  void leavesADeviceOutWhoseLinkWouldBeTheBottleneck() {
    Swarm swarm = swarm(0, device("me", 1, 9999), device("other", 1, 9999));
    Plan plan = planner.plan(chain(90, 90, 90), swarm, Goal.THROUGHPUT);
    assertThat(plan.stages()).containsExactly(new Stage(0, 0, 2));
    assertThat(plan.bottleneckMillis()).isEqualTo(21);
  }

  @Test
  void countsBothThingsARequesterInTheMiddleSends() {
    // Only b can run the first and the last segment has to be c's: the requester sits between.
    SegmentCost small = new SegmentCost(0, 100, 0, 1);
    SegmentCost big = new SegmentCost(0, 200, 0, 1);
    ChainCosts costs = new ChainCosts(List.of(small, big, small), new long[] {30, 5, 40, 5});
    Swarm swarm = swarm(0, device("me", 1, 200), device("b", 1, 100), device("c", 1, 100));
    Plan plan = planner.plan(costs, swarm, Goal.THROUGHPUT);
    assertThat(plan.stages()).extracting(Stage::device).containsSubsequence(0);
    assertThat(plan.stages().get(1)).isEqualTo(new Stage(0, 1, 2));
    // It sends the request (30 bytes) and its stage's output (40) over one access link.
    assertThat(plan.bottleneckMillis()).isEqualTo(70);
  }

  @Test
  void goesRoundAMissingLink() {
    DeviceProfile[] devices = {device("a", 1, 250), device("b", 1, 250), device("c", 5, 250)};
    Swarm full = swarm(3, devices);
    LinkProfile[][] links = full.links();
    links[0][1] = null;
    links[1][0] = null;
    Plan plan =
        planner.plan(chain(1, 1, 1, 1, 1), new Swarm(full.devices(), links, 3), Goal.LATENCY);
    assertThat(plan.stages()).extracting(Stage::device).contains(2);
    assertThat(plan.latencyMillis()).isLessThan(Double.POSITIVE_INFINITY);
  }

  @Test
  void prefersFewerStagesWhereNothingIsGained() {
    LinkProfile[][] links = new LinkProfile[3][3];
    for (LinkProfile[] row : links) {
      Arrays.fill(row, new LinkProfile(0, 1000));
    }
    DeviceProfile free = new DeviceProfile("a", "a", 1, 0, 9999);
    DeviceProfile same = new DeviceProfile("b", "b", 1, 0, 9999);
    Swarm swarm = new Swarm(List.of(free, same), links, 2);
    Plan plan = planner.plan(chain(0, 0, 0, 0), swarm, Goal.LATENCY);
    assertThat(plan.stages()).hasSize(1);
  }

  @Test
  void givesEqualPlansForEqualInputs() {
    Problem problem = Problem.random(new Problem.Shape(60, 8, 0.5, true, false, 0), 7);
    for (Goal goal : Goal.values()) {
      assertThat(planner.plan(problem.costs(), problem.swarm(), goal))
          .isEqualTo(new ExactPlanner().plan(problem.costs(), problem.swarm(), goal));
    }
  }
}
