package dev.skein.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.SequenceWriter;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/** Rows of a full experiment as a file that other tools read. */
final class LabResults {
  private static final Path FOLDER = Path.of("lab-results");

  private LabResults() {}

  /**
   * Writes {@code lab-results/NAME.csv} in the working directory: a column for every key that a row
   * has, in the order met; a row without it leaves the cell empty.
   */
  static Path write(String experiment, List<Map<String, Object>> rows) {
    Set<String> columns = new LinkedHashSet<>();
    rows.forEach(row -> columns.addAll(row.keySet()));
    CsvSchema.Builder schema = CsvSchema.builder().setUseHeader(true);
    columns.forEach(schema::addColumn);
    Path file = FOLDER.resolve(experiment + ".csv");
    try {
      Files.createDirectories(FOLDER);
      try (Writer out = Files.newBufferedWriter(file);
          SequenceWriter csv = new CsvMapper().writer(schema.build()).writeValues(out)) {
        csv.writeAll(rows);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException("results cannot be written to " + file + ": " + e.getMessage(), e));
    }
  }
}
