package dev.skein.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rows of text under headings; a column that holds only numbers stands to the right. */
public final class Table {
  private static final String GAP = "  ";

  /** A number with an optional sign, percent sign or unit after a blank; or a dash for none. */
  private static final Pattern NUMBER =
      Pattern.compile("[-+−]?[0-9][0-9.,]*( ?%| ?[a-zA-Zµ/]{1,6})?|–|-|");

  private final List<String> headings;
  private final List<List<String>> rows = new ArrayList<>();

  public Table(String... headings) {
    this.headings = List.of(headings);
  }

  /**
   * Adds a row. A null prints as a dash, a fraction with three significant digits or no decimals.
   *
   * @throws IllegalArgumentException if there are more or fewer cells than headings
   */
  public Table row(@Nullable Object... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          "a row of %d cells under %d headings".formatted(cells.length, headings.size()));
    }
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(text(cell));
    }
    rows.add(row);
    return this;
  }

  private static String text(@Nullable Object cell) {
    if (cell == null) {
      return "–";
    }
    if (!(cell instanceof Double || cell instanceof Float)) {
      // One row is one line, whatever a file or a peer put into its name.
      return cell.toString().replaceAll("\\p{Cntrl}", "?");
    }
    double value = ((Number) cell).doubleValue();
    if (!Double.isFinite(value)) {
      return "–";
    }
    double size = Math.abs(value);
    int decimals = size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** Lines with no trailing blanks, the headings first, each ended by a line feed. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    append(out, headings);
    rows.forEach(row -> append(out, row));
    return out.toString();
  }

  private void append(StringBuilder out, List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < cells.size(); column++) {
      String cell = cells.get(column);
      String padding = " ".repeat(width(column) - length(cell));
      line.append(column == 0 ? "" : GAP);
      line.append(isNumeric(column) ? padding + cell : cell + padding);
    }
    out.append(line.toString().stripTrailing()).append('\n');
  }

  private int width(int column) {
    int widest = length(headings.get(column));
    for (List<String> row : rows) {
      widest = Math.max(widest, length(row.get(column)));
    }
    return widest;
  }

  private boolean isNumeric(int column) {
    return !rows.isEmpty()
        && rows.stream().allMatch(row -> NUMBER.matcher(row.get(column)).matches());
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
