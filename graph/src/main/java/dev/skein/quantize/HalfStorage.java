package dev.skein.quantize;

import dev.skein.graph.Attribute;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.Weight;
import dev.skein.rewrite.Rewrite;
import dev.skein.rewrite.Scope;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Stores big weights in half precision; what computes stays as it is. Runtimes do the Cast once,
 * when they open the model: half the file, the same speed.
 *
 * <pre>
 * Before  weight w: float
 * After   weight w_half: float16, w = Cast(w_half)
 * </pre>
 *
 * <p>Conditions: a float weight of at least {@value #LEAST_ELEMENTS} numbers, all of them within
 * ±65504 (the greatest float16) and finite. Goes last: folding constants would undo it.
 */
public final class HalfStorage implements Rewrite {
  /** Below this, the Cast takes as many bytes as it saves. */
  static final int LEAST_ELEMENTS = 256;

  private static final float GREATEST = 65504;

  @Override
  public String name() {
    return "half-storage";
  }

  @Override
  public Patch find(Scope scope) {
    Patch patch = new Patch();
    Set<String> given = new HashSet<>();
    scope.graph().inputs().forEach(input -> given.add(input.name()));
    for (String name : scope.graph().weights().keySet()) {
      Tensor floats = scope.floats(name);
      // A weight that the caller may replace, or gets, has to stay what it is.
      boolean own = !given.contains(name) && !scope.isOutput(name);
      if (floats != null && floats.shape().elements() >= LEAST_ELEMENTS && own) {
        Tensor half = halved(floats);
        if (half != null) {
          store(scope, name, half, patch);
        }
      }
    }
    return patch;
  }

  private static void store(Scope scope, String name, Tensor half, Patch patch) {
    String stored = scope.fresh(name + "_half");
    patch.removeWeight(name);
    patch.weight(stored, new Weight.Held(half));
    patch.insert(
        Node.of("Cast", List.of(stored), List.of(name))
            .with("to", new Attribute.OfInt(ElementType.FLOAT.code())));
  }

  private static @Nullable Tensor halved(Tensor floats) {
    Tensor half = Tensor.allocate(ElementType.FLOAT16, floats.shape());
    short[] piece = new short[Tensors.PIECE];
    AtomicBoolean fits = new AtomicBoolean(true);
    Tensors.eachPiece(
        floats,
        (values, length, start) -> {
          for (int i = 0; i < length; i++) {
            if (!(Math.abs(values[i]) <= GREATEST)) {
              fits.set(false);
              return;
            }
            piece[i] = Float.floatToFloat16(values[i]);
          }
          Tensors.write(half, start, piece, length);
        });
    return fits.get() ? half : null;
  }
}
