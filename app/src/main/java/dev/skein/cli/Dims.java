package dev.skein.cli;

import dev.skein.graph.Dim;
import dev.skein.graph.Model;
import dev.skein.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Sizes that a person gives to a model's named axes. */
final class Dims {
  private static final long MOST = 1 << 20;

  private Dims() {}

  /**
   * @throws UsageException naming the axis at fault
   */
  static void check(Model model, Map<String, Long> dims) {
    Set<String> known = new TreeSet<>();
    for (Value input : model.graph().requiredInputs()) {
      List<Dim> axes = input.type() == null ? null : input.type().dims();
      for (Dim axis : axes == null ? List.<Dim>of() : axes) {
        if (axis.symbol() != null) {
          known.add(axis.symbol());
        }
      }
    }
    dims.forEach((name, size) -> {
      if (!known.contains(name)) {
        throw new UsageException("--dim " + name + ": the model's named axes are " + known);
      }
      if (size < 1 || size > MOST) {
        throw new UsageException("--dim " + name + "=" + size + " is not between 1 and " + MOST);
      }
    });
  }
}
