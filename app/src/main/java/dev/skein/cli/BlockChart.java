package dev.skein.cli;

import java.util.List;

/** A row of numbers as a small chart of block characters, at most 80 columns wide. */
final class BlockChart {
  private static final int COLUMNS = 68;
  private static final int ROWS = 8;
  private static final String EIGHTHS = " ▁▂▃▄▅▆▇█";
  private static final int MAX_STRETCH = 4;

  private BlockChart() {}

  /**
   * Bytes over time. Few values get several columns each; of many, each column shows the greatest
   * of its share, so that the peak is always seen.
   *
   * @return lines, each ended by a line feed; none if there are no values
   */
  static String ofBytes(List<Long> values) {
    if (values.isEmpty()) {
      return "";
    }
    long[] columns = columns(values);
    long top = 1;
    for (long column : columns) {
      top = Math.max(top, column);
    }
    StringBuilder chart = new StringBuilder();
    for (int row = ROWS - 1; row >= 0; row--) {
      String label =
          row == ROWS - 1 ? Units.text((double) top) : row == 3 ? Units.text(top / 2.0) : "";
      StringBuilder line = new StringBuilder("%9s │".formatted(label));
      for (long column : columns) {
        long eighths = Math.round((double) column * ROWS * 8 / top) - row * 8L;
        // What is there at all is seen.
        long least = row == 0 && column > 0 ? 1 : 0;
        line.append(EIGHTHS.charAt((int) Math.clamp(eighths, least, 8L)));
      }
      chart.append(line.toString().stripTrailing()).append('\n');
    }
    chart.append(" ".repeat(10)).append('└').append("─".repeat(columns.length)).append('\n');
    String last = Integer.toString(values.size() - 1);
    int gap = columns.length - 1 - last.length();
    chart.append(" ".repeat(11)).append('0');
    return chart.append(gap > 0 ? " ".repeat(gap) + last : "").append('\n').toString();
  }

  private static long[] columns(List<Long> values) {
    int count = values.size();
    int stretch = Math.clamp(COLUMNS / count, 1, MAX_STRETCH);
    long[] columns = new long[Math.min(COLUMNS, count * stretch)];
    for (int column = 0; column < columns.length; column++) {
      int from = (int) ((long) column * count / columns.length);
      int to = Math.max(from + 1, (int) ((column + 1L) * count / columns.length));
      for (int i = from; i < to; i++) {
        columns[column] = Math.max(columns[column], values.get(i));
      }
    }
    return columns;
  }
}
