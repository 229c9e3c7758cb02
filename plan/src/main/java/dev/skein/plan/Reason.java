package dev.skein.plan;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a plan was chosen, in one sentence. */
final class Reason {
  private final Instance instance;
  private final Goal goal;

  Reason(Instance instance, Goal goal) {
    this.instance = instance;
    this.goal = goal;
  }

  /**
   * @param single the best plan on one device, if any fits
   * @param split the best plan with more than one stage that is known, if any
   */
  String of(Plan chosen, @Nullable Plan single, @Nullable Plan split) {
    if (chosen.stages().size() > 1) {
      return single == null ? onlyTogether(chosen) : faster(chosen, single);
    }
    String name = instance.fleet().name(chosen.stages().getFirst().device());
    if (split == null) {
      return instance.devices() == 1
          ? "%s is the only device".formatted(name)
          : "%s alone is the only way: no two devices can share the work".formatted(name);
    }
    return "%s alone is %s than the best split in two: %s"
        .formatted(name, times(value(split), value(chosen)), costliest(split));
  }

  private String onlyTogether(Plan chosen) {
    long bytes = instance.chain().stageBytes(0, instance.segments());
    return "no device alone has the %s that the model needs: %s share it"
        .formatted(Misfit.bytes(bytes), names(chosen));
  }

  private String faster(Plan chosen, Plan single) {
    String than = instance.fleet().name(single.stages().getFirst().device());
    double saved = computing(single) - computing(chosen);
    double paid = moving(chosen) - moving(single);
    return switch (goal) {
      case LATENCY ->
          "%s are %s than %s alone, the best single device: %s of computing %s, %s of moving %s"
              .formatted(
                  names(chosen),
                  times(value(single), value(chosen)),
                  than,
                  millis(Math.abs(saved)),
                  saved >= 0 ? "less" : "more",
                  millis(Math.abs(paid)),
                  paid >= 0 ? "more" : "less");
      case THROUGHPUT ->
          "%s are %s than %s alone, the best single device: the busiest device or link spends %s on a request, not %s"
              .formatted(
                  names(chosen),
                  times(value(single), value(chosen)),
                  than,
                  millis(value(chosen)),
                  millis(value(single)));
    };
  }

  private double value(Plan plan) {
    return goal == Goal.LATENCY ? plan.latencyMillis() : plan.bottleneckMillis();
  }

  private double computing(Plan plan) {
    return plan.stages().stream()
        .mapToDouble(stage -> instance.stageMillis(stage.device(), stage.from(), stage.to()))
        .sum();
  }

  private double moving(Plan plan) {
    return plan.latencyMillis() - computing(plan);
  }

  /** What takes longest in a split: its slowest transfer, or else its slowest stage. */
  private String costliest(Plan split) {
    List<Stage> stages = split.stages();
    int requester = instance.fleet().requester;
    String what = "";
    double most = -1;
    for (int k = 0; k <= stages.size(); k++) {
      int from = k == 0 ? requester : stages.get(k - 1).device();
      int to = k == stages.size() ? requester : stages.get(k).device();
      int cut = k == 0 ? 0 : stages.get(k - 1).to();
      double time = instance.transferMillis(cut, from, to);
      if (from != to && time > most) {
        most = time;
        what = transfer(cut, from, to, time);
      }
    }
    for (Stage stage : stages) {
      double time = instance.stageMillis(stage.device(), stage.from(), stage.to());
      if (time > most) {
        most = time;
        what =
            "its part on %s takes %s"
                .formatted(instance.fleet().name(stage.device()), millis(time));
      }
    }
    return what;
  }

  private String transfer(int cut, int from, int to, double time) {
    double megabits = 8e-3 / instance.fleet().perByte[instance.fleet().at(from, to)];
    return "it moves %s from %s to %s at %s Mbit/s = %s"
        .formatted(
            Misfit.bytes(instance.chain().cutBytes[cut]),
            instance.fleet().name(from),
            instance.fleet().name(to),
            number(megabits),
            millis(time));
  }

  private String names(Plan plan) {
    List<String> names =
        plan.stages().stream().map(Stage::device).distinct().map(instance.fleet()::name).toList();
    if (names.size() > 4) {
      return names.size() + " devices";
    }
    return names.size() == 1
        ? names.getFirst()
        : String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast();
  }

  private static String times(double slow, double fast) {
    double ratio = slow / fast;
    return ratio < 1.05 ? "faster by %s".formatted(millis(slow - fast)) : factor(ratio) + " faster";
  }

  private static String factor(double ratio) {
    return String.format(Locale.ROOT, ratio < 10 ? "%.1fx" : "%.0fx", ratio);
  }

  private static String millis(double millis) {
    return number(millis) + " ms";
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 9.95 ? "%.1f" : "%.0f", value);
  }
}
