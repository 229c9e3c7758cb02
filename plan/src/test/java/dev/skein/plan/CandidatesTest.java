package dev.skein.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.cost.ChainCosts;
import dev.skein.cost.DeviceProfile;
import dev.skein.cost.LinkProfile;
import dev.skein.cost.SegmentCost;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CandidatesTest {
  private static ChainCosts chain(long cut) {
    SegmentCost segment = new SegmentCost(0, 1_000_000, 500_000, 30);
    return new ChainCosts(
        List.of(segment, segment, segment), new long[] {150_000, cut, cut, 4_000});
  }

  private static DeviceProfile pi(int number, double slowness, long memory) {
    return new DeviceProfile("id-" + number, "pi-" + number, slowness, 1, memory);
  }

  /** 20 Mbit/s and 2 ms everywhere; the first device asks. */
  private static Swarm swarm(DeviceProfile... devices) {
    LinkProfile[][] links = new LinkProfile[devices.length][devices.length];
    for (LinkProfile[] row : links) {
      Arrays.fill(row, new LinkProfile(2, 2.5e6));
    }
    return new Swarm(List.of(devices), links, 0);
  }

  @Test
  void saysThatOneDeviceAloneIsBestAndWhatTheBestSplitWouldMove() {
    Candidates candidates =
        Candidates.of(
            chain(2_300_000), swarm(pi(1, 2, 1L << 40), pi(2, 1.5, 1L << 40)), Goal.LATENCY);
    assertThat(candidates.plans())
        .extracting(Candidate::label)
        .containsExactly("pi-1 alone (the requester)", "pi-2 alone", "best split in two");
    assertThat(candidates.chosen().label()).isEqualTo("pi-1 alone (the requester)");
    assertThat(candidates.chosen().bytesMoved()).isZero();
    assertThat(candidates.chosen().memoryBytes()).isEqualTo(Map.of(0, 3_500_000L));
    assertThat(candidates.chosen().plan().optimal()).isTrue();
    assertThat(candidates.plans().get(2).bytesMoved()).isEqualTo(2_304_000);
    assertThat(candidates.reason())
        .isEqualTo(
            "pi-1 alone is 6.0x faster than the best split in two:"
                + " it moves 2.3 MB from pi-1 to pi-2 at 20 Mbit/s = 922 ms");
  }

  @Test
  void saysWhatASplitGains() {
    Candidates candidates =
        Candidates.of(
            chain(10_000), swarm(pi(1, 8, 1L << 40), pi(2, 1, 1L << 40)), Goal.THROUGHPUT);
    assertThat(candidates.chosen().label()).isEqualTo("pi-2 alone");
    candidates =
        Candidates.of(
            chain(10_000), swarm(pi(1, 2, 1L << 40), pi(2, 1, 1L << 40)), Goal.THROUGHPUT);
    assertThat(candidates.chosen().label()).isEqualTo("best with 2 devices");
    assertThat(candidates.reason())
        .isEqualTo(
            "pi-1 and pi-2 are 1.5x faster than pi-2 alone, the best single device:"
                + " the busiest device or link spends 61 ms on a request, not 91 ms");
  }

  @Test
  void saysThatOnlySeveralTogetherHaveTheMemory() {
    Candidates candidates =
        Candidates.of(chain(10_000), swarm(pi(1, 2, 2_600_000), pi(2, 1, 2_600_000)), Goal.LATENCY);
    assertThat(candidates.plans())
        .extracting(Candidate::label)
        .containsExactly("best with 2 devices");
    assertThat(candidates.chosen().memoryBytes()).isEqualTo(Map.of(0, 1_500_000L, 1, 2_500_000L));
    assertThat(candidates.reason())
        .isEqualTo("no device alone has the 3.5 MB that the model needs: pi-1 and pi-2 share it");
  }

  @Test
  void tellsDevicesOfOneNameApart() {
    DeviceProfile twin = new DeviceProfile("id-9", "pi-1", 1.5, 1, 1L << 40);
    Candidates candidates =
        Candidates.of(chain(10_000), swarm(pi(1, 2, 1L << 40), twin), Goal.LATENCY);
    assertThat(candidates.plans())
        .extracting(Candidate::label)
        .contains("pi-1 (id-1) alone (the requester)", "pi-1 (id-9) alone");
  }

  @Test
  void saysWhenThereIsNobodyElse() {
    Candidates candidates = Candidates.of(chain(10_000), swarm(pi(1, 2, 1L << 40)), Goal.LATENCY);
    assertThat(candidates.reason()).isEqualTo("pi-1 is the only device");
  }

  @ParameterizedTest
  @EnumSource
  void choosesTheBestItShowsAndWhatThePlannerWould(Goal goal) {
    for (long seed = 0; seed < 40; seed++) {
      Problem problem =
          Problem.random(new Problem.Shape(12, 5, seed % 3, seed % 2 == 0, false, 0), seed);
      Plan plan;
      try {
        plan = new ExactPlanner().plan(problem.costs(), problem.swarm(), goal);
      } catch (PlanException nothingFits) {
        continue;
      }
      Candidates candidates = Candidates.of(problem.costs(), problem.swarm(), goal);
      Plan chosen = candidates.chosen().plan();
      assertThat(candidates.plans())
          .allMatch(other -> Singles.order(goal).compare(chosen, other.plan()) <= 0);
      assertThat(Singles.order(goal).compare(chosen, plan)).isLessThanOrEqualTo(0);
      assertThat(candidates.reason()).isNotBlank().doesNotContain("\n");
      assertThat(candidates.plans()).filteredOn(Candidate::chosen).hasSize(1);
    }
  }
}
