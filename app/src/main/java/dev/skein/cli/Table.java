package dev.skein.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rows of text under headings; a column that holds only numbers stands to the right. */
public final class Table {
  private static final String GAP = "  ";
  private static final String NONE = "–";
  private static final double TINY = 5e-4;

  /** A number with an optional sign, percent sign or unit after a blank; or a dash for none. */
  private static final Pattern NUMBER =
      Pattern.compile("[-+−]?[0-9][0-9.,]*(e[-+][0-9]+)?( ?%| ?[a-zA-Zµ/]{1,6})?|–|-|");

  private final List<String> headings;
  private final List<List<Object>> rows = new ArrayList<>();

  public Table(String... headings) {
    this.headings = List.of(headings);
  }

  /**
   * Adds a row. A null prints as a dash; fractions of a column all have the same number of
   * decimals, three digits for the smallest of them; what would be lost so has an exponent.
   *
   * @throws IllegalArgumentException if there are more or fewer cells than headings
   */
  public Table row(@Nullable Object... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          "a row of %d cells under %d headings".formatted(cells.length, headings.size()));
    }
    List<Object> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(cell == null ? NONE : cell);
    }
    rows.add(row);
    return this;
  }

  private List<String> texts(List<Object> row) {
    List<String> texts = new ArrayList<>();
    for (int column = 0; column < row.size(); column++) {
      texts.add(
          row.get(column) instanceof Number number && isFraction(number)
              ? fraction(number.doubleValue(), decimals(column))
              // One row is one line, whatever a file or a peer put into its name.
              : row.get(column).toString().replaceAll("\\p{Cntrl}", "?"));
    }
    return texts;
  }

  private static boolean isFraction(Object cell) {
    return cell instanceof Double || cell instanceof Float;
  }

  private static String fraction(double value, int decimals) {
    if (!Double.isFinite(value)) {
      return NONE;
    }
    boolean tiny = value != 0 && Math.abs(value) < TINY;
    return String.format(Locale.ROOT, tiny ? "%.1e" : "%." + decimals + "f", value);
  }

  private int decimals(int column) {
    double smallest =
        rows.stream()
            .map(row -> row.get(column))
            .filter(Table::isFraction)
            .mapToDouble(cell -> Math.abs(((Number) cell).doubleValue()))
            .filter(value -> value > 0 && Double.isFinite(value))
            .min()
            .orElse(100);
    return smallest >= 100 ? 0 : smallest >= 10 ? 1 : smallest >= 1 ? 2 : 3;
  }

  /** Lines with no trailing blanks, the headings first, each ended by a line feed. */
  @Override
  public String toString() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(headings);
    rows.forEach(row -> lines.add(texts(row)));
    StringBuilder out = new StringBuilder();
    for (List<String> cells : lines) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < cells.size(); column++) {
        String cell = cells.get(column);
        String padding = " ".repeat(width(lines, column) - length(cell));
        line.append(column == 0 ? "" : GAP);
        line.append(isNumeric(lines, column) ? padding + cell : cell + padding);
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }

  private static int width(List<List<String>> lines, int column) {
    return lines.stream().mapToInt(line -> length(line.get(column))).max().orElse(0);
  }

  private static boolean isNumeric(List<List<String>> lines, int column) {
    return lines.size() > 1
        && lines.stream().skip(1).allMatch(line -> NUMBER.matcher(line.get(column)).matches());
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
