package dev.skein.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skein.engine.BudgetPlan.Problem;
import dev.skein.engine.BudgetPlan.Run;
import dev.skein.engine.BudgetPlan.Unit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetPlanTest {
  private static final long PAGE = Pages.SIZE;

  @Test
  void keepsEverythingWhereThereIsRoom() {
    Problem problem =
        new Problem(List.of(unit(100, 0, 2), unit(200, 1, 3)), new BitSet(), 10 * PAGE, PAGE);
    BudgetPlan plan = BudgetPlan.of(problem, 1000 * PAGE).orElseThrow();
    assertThat(plan.reloaded()).isZero();
    assertThat(plan.runs()).hasSize(1);
    assertThat(plan.runs().getFirst().stays()).isTrue();
    assertThat(plan.bytes()).isEqualTo((10 + 1 + 300 + 3) * PAGE);
  }

  @Test
  void leastIsTheGreatestUnitWithWhatIsAlwaysThere() {
    Problem problem =
        new Problem(
            List.of(unit(100, 0, 2), unit(7, 1, 90), unit(50, 0, 1)),
            new BitSet(),
            10 * PAGE,
            PAGE);
    assertThat(BudgetPlan.least(problem)).isEqualTo((10 + 3 + 102) * PAGE);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void plansKeepTheirBudget(long seed) {
    Problem problem = random(new Random(seed));
    long least = BudgetPlan.least(problem);
    assertThat(BudgetPlan.of(problem, least - 1)).isEmpty();
    long all = least + problem.weightBytes() + problem.slabBytes(problem.allPages());
    long reloaded = Long.MAX_VALUE;
    for (long budget = least; budget <= all; budget += Math.max(PAGE, (all - least) / 12)) {
      Optional<BudgetPlan> plan = BudgetPlan.of(problem, budget);
      assertThat(plan).isPresent();
      assertThat(greatestSum(problem, plan.get())).isLessThanOrEqualTo(budget);
      assertThat(plan.get().bytes()).isLessThanOrEqualTo(budget);
      assertThat(covers(plan.get(), problem)).isTrue();
      reloaded = Math.min(reloaded, plan.get().reloaded());
    }
    assertThat(reloaded).isLessThan(problem.weightBytes());
  }

  /** Goes through two runs of the model, page by page. */
  private static long greatestSum(Problem problem, BudgetPlan plan) {
    long kept = 0;
    for (Run run : plan.runs()) {
      kept += run.stays() ? weights(problem, run) : 0;
    }
    BitSet resident = problem.allPages();
    long greatest = 0;
    for (int round = 0; round < 2; round++) {
      for (Run run : plan.runs()) {
        resident.andNot(run.releases());
        for (Unit unit : problem.units().subList(run.from(), run.to())) {
          resident.or(unit.pages());
        }
        long comes = run.stays() ? 0 : weights(problem, run);
        if (round > 0) {
          greatest = Math.max(greatest, kept + comes + problem.slabBytes(resident));
        }
      }
    }
    return greatest + problem.always() + plan.runs().size() * problem.perRun();
  }

  private static long weights(Problem problem, Run run) {
    return problem.units().subList(run.from(), run.to()).stream().mapToLong(Unit::weights).sum();
  }

  private static boolean covers(BudgetPlan plan, Problem problem) {
    int at = 0;
    for (Run run : plan.runs()) {
      if (run.from() != at || run.to() <= at) {
        return false;
      }
      at = run.to();
    }
    return at == problem.units().size();
  }

  private static Problem random(Random random) {
    List<Unit> units = new ArrayList<>();
    int count = 1 + random.nextInt(40);
    for (int i = 0; i < count; i++) {
      int from = random.nextInt(60);
      long pages = random.nextInt(4) == 0 ? 0 : random.nextInt(200);
      units.add(unit(pages, from, from + 1 + random.nextInt(40)));
    }
    units.add(unit(50, 0, 10));
    BitSet breaks = new BitSet();
    if (random.nextBoolean()) {
      breaks.set(random.nextInt(units.size()));
    }
    return new Problem(units, breaks, random.nextInt(100) * PAGE, PAGE);
  }

  private static Unit unit(long weightPages, int fromPage, int toPage) {
    BitSet pages = new BitSet();
    pages.set(fromPage, toPage);
    return new Unit(weightPages * PAGE, pages);
  }
}
