package dev.skein.slice;

import java.util.Locale;

/** Along what a layer, or several at once, is taken apart. */
public enum Axis {
  /** Each piece makes some of the output's channels; results are joined. */
  OUTPUT_CHANNELS,
  /** Each piece reads some of the input's channels; results are partial sums. */
  INPUT_CHANNELS,
  /** Each piece makes some rows, from the rows that they depend on; results are joined. */
  ROWS,
  /** Each piece makes some inner channels of a block and uses them up; results are partial sums. */
  BLOCK_CHANNELS;

  /** For example {@code output-channels}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
