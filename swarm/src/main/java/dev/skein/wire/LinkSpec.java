package dev.skein.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an access link is like, in each direction.
 *
 * @param bytesPerSecond infinite for no limit
 * @param delayNanos one way
 * @param jitterNanos the delay is uniform within this distance of {@code delayNanos}, never
 *     negative
 * @param loss share of packets that get lost, 0 to 0.9
 */
record LinkSpec(double bytesPerSecond, long delayNanos, long jitterNanos, double loss) {
  private static final String NUMBER = "(\\d{1,9}(?:\\.\\d{1,6})?)";
  private static final Pattern RATE = Pattern.compile(NUMBER + "([kmg]?)bit");
  private static final String TIME = NUMBER + "(us|ms|s)";
  private static final Pattern DELAY = Pattern.compile(TIME + "(?:~" + TIME + ")?");
  private static final Pattern LOSS = Pattern.compile(NUMBER + "%");
  private static final double MIN_RATE = 1_000 / 8.0;
  private static final long MAX_DELAY = 60_000_000_000L;
  private static final double MAX_LOSS = 0.9;

  static final LinkSpec NONE = new LinkSpec(Double.POSITIVE_INFINITY, 0, 0, 0);

  /** Reads {@code 20mbit,5ms~2ms,1%}: any of the parts, each at most once, in any order. */
  static LinkSpec parse(String text) {
    LinkSpec spec = NONE;
    if (text.strip().equalsIgnoreCase("none")) {
      return spec;
    }
    List<String> kinds = new ArrayList<>();
    for (String part : text.strip().toLowerCase(Locale.ROOT).split(",", -1)) {
      String word = part.strip();
      Matcher rate = RATE.matcher(word);
      Matcher delay = DELAY.matcher(word);
      Matcher loss = LOSS.matcher(word);
      if (rate.matches()) {
        kinds.add("rate");
        spec = spec.withRate(word, bitsPerSecond(rate) / 8);
      } else if (delay.matches()) {
        kinds.add("delay");
        long jitter = delay.group(3) == null ? 0 : nanos(delay.group(3), delay.group(4));
        spec = spec.withDelay(word, nanos(delay.group(1), delay.group(2)), jitter);
      } else if (loss.matches()) {
        kinds.add("loss");
        spec = spec.withLoss(word, Double.parseDouble(loss.group(1)) / 100);
      } else {
        throw wrong(word, "write a rate (20mbit), a delay (5ms or 5ms~2ms) or a loss (1%)");
      }
      if (kinds.stream().distinct().count() < kinds.size()) {
        throw wrong(word, "it gives a second " + kinds.getLast());
      }
    }
    return spec;
  }

  private LinkSpec withRate(String word, double rate) {
    if (rate < MIN_RATE) {
      throw wrong(word, "a rate must be at least 1kbit");
    }
    return new LinkSpec(rate, delayNanos, jitterNanos, loss);
  }

  private LinkSpec withDelay(String word, long delay, long jitter) {
    if (delay > MAX_DELAY || jitter > MAX_DELAY) {
      throw wrong(word, "a delay is at most 60s");
    }
    return new LinkSpec(bytesPerSecond, delay, jitter, loss);
  }

  private LinkSpec withLoss(String word, double share) {
    if (share > MAX_LOSS) {
      throw wrong(word, "a loss is at most 90%");
    }
    return new LinkSpec(bytesPerSecond, delayNanos, jitterNanos, share);
  }

  private static double bitsPerSecond(Matcher rate) {
    double unit =
        switch (rate.group(2)) {
          case "k" -> 1e3;
          case "m" -> 1e6;
          case "g" -> 1e9;
          default -> 1;
        };
    return Double.parseDouble(rate.group(1)) * unit;
  }

  private static long nanos(String number, String unit) {
    double scale =
        switch (unit) {
          case "us" -> 1e3;
          case "ms" -> 1e6;
          default -> 1e9;
        };
    return Math.round(Double.parseDouble(number) * scale);
  }

  private static IllegalArgumentException wrong(String word, String why) {
    return new IllegalArgumentException(
        "link part '%s' is not usable: %s".formatted(OneLine.of(word, 40), why));
  }

  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    if (bytesPerSecond < Double.POSITIVE_INFINITY) {
      parts.add(number(bytesPerSecond * 8 / 1e6) + "mbit");
    }
    if (delayNanos > 0 || jitterNanos > 0) {
      parts.add(
          number(delayNanos / 1e6)
              + "ms"
              + (jitterNanos > 0 ? "~" + number(jitterNanos / 1e6) + "ms" : ""));
    }
    if (loss > 0) {
      parts.add(number(loss * 100) + "%");
    }
    return parts.isEmpty() ? "none" : parts.stream().collect(Collectors.joining(","));
  }

  private static String number(double value) {
    return new java.math.BigDecimal(value)
        .setScale(6, java.math.RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }
}
