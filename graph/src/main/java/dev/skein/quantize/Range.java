package dev.skein.quantize;

/**
 * The numbers that a quantised value can stand for; what lies outside is cut off.
 *
 * @param min at most {@code max}, finite
 */
public record Range(float min, float max) {
  public Range {
    if (!(Float.isFinite(min) && Float.isFinite(max) && min <= max)) {
      throw new QuantizeException("range %s to %s is none: calibrate again".formatted(min, max));
    }
    // Zero has one sign here.
    min += 0f;
    max += 0f;
  }

  /** The part of this range within another; their edges nearest to each other if there is none. */
  public Range within(float least, float most) {
    float low = Math.clamp(min, least, most);
    return new Range(low, Math.max(low, Math.clamp(max, least, most)));
  }

  /** This range widened to hold zero, which padding and Relu must hit exactly. */
  Range withZero() {
    return new Range(Math.min(min, 0), Math.max(max, 0));
  }
}
