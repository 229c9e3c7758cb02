package dev.skein.input;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of data for one model, divided into what it may be fitted to and what it is scored on.
 * It holds one of
 *
 * <ul>
 *   <li>pictures and {@code .npy} files: samples without labels;
 *   <li>folders of them, each named by its label or the label's index;
 *   <li>CIFAR-10: {@code data_batch_*} and {@code test_batch}, as the usual {@code .bin} files or
 *       as {@code .png} strips with {@code .labels};
 *   <li>MNIST: {@code train-images-idx3-ubyte.gz} with labels, {@code t10k-…} the same.
 * </ul>
 *
 * @param calibration a random choice of the training part, or of everything
 * @param evaluation the test part, or everything that is not in {@code calibration}
 * @param disjoint whether no sample is in both; false only if there were too few to divide
 */
public record DataFolder(LabelledData calibration, LabelledData evaluation, boolean disjoint) {
  private static final int MOST_FILES = 1_000_000;

  /** Who says what the samples are: the model's reader, and its labels if anybody names any. */
  record Meaning(InputReader reader, @Nullable Labels labels) {}

  /** The parts of a data set that its makers divided. */
  record Parts(@Nullable LabelledData training, @Nullable LabelledData test) {}

  /**
   * Looks through a folder; reads no sample yet.
   *
   * @param labels what folder names may be, if they are no numbers
   * @param samples how many to choose for calibration
   * @param seed chooses them: the same samples for the same seed
   * @throws InputException naming the folder or file that does not fit, and what would
   */
  public static DataFolder open(
      Path folder, InputReader reader, @Nullable Labels labels, int samples, long seed) {
    if (samples < 1) {
      throw new InputException("samples is " + samples + ", but must be at least 1");
    }
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          "%s is no folder: name one with pictures, .npy files, or CIFAR-10 or MNIST files"
              .formatted(folder));
    }
    try {
      Parts parts = parts(folder, new Meaning(reader, labels));
      LabelledData training = parts.training();
      LabelledData test = parts.test();
      LabelledData from = training != null ? training : test;
      if (from == null || from.size() == 0) {
        throw new InputException(
            ("%s holds no pictures, .npy files, folders of them, CIFAR-10 or MNIST files: name"
                    + " another folder")
                .formatted(folder));
      }
      return divided(from, training == null ? null : test, samples, seed);
    } catch (IOException e) {
      throw new InputException("cannot read %s (%s)".formatted(folder, e.getMessage()), e);
    }
  }

  private static DataFolder divided(
      LabelledData from, @Nullable LabelledData test, int samples, long seed) {
    LabelledData.Division division = from.divide(samples, seed);
    if (test != null) {
      return new DataFolder(division.chosen(), test, true);
    }
    boolean some = division.left().size() > 0;
    return new DataFolder(division.chosen(), some ? division.left() : division.chosen(), some);
  }

  private static Parts parts(Path folder, Meaning meaning) throws IOException {
    List<Path> entries = entries(folder);
    if (entries.stream().anyMatch(Cifar::isBatch)) {
      return Cifar.read(entries, meaning.reader());
    }
    if (entries.stream().anyMatch(Mnist::isImages)) {
      return Mnist.read(entries, meaning.reader());
    }
    List<LabelledData.Item> items = files(entries, LabelledData.NO_LABEL, meaning.reader());
    if (!items.isEmpty()) {
      return new Parts(new LabelledData(folder.toString(), items), null);
    }
    for (Path entry : entries) {
      if (Files.isDirectory(entry)) {
        List<Path> inner = entries(entry);
        if (inner.stream().anyMatch(DataFolder::isSample)) {
          items.addAll(files(inner, label(entry, meaning.labels()), meaning.reader()));
          requireFew(folder, items.size());
        }
      }
    }
    return new Parts(new LabelledData(folder.toString(), items), null);
  }

  /** Sorted by name, hidden ones left out. */
  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      List<Path> entries =
          all.filter(entry -> !String.valueOf(entry.getFileName()).startsWith("."))
              .limit(MOST_FILES + 1L)
              .sorted()
              .toList();
      requireFew(folder, entries.size());
      return entries;
    }
  }

  private static void requireFew(Path folder, int count) {
    if (count > MOST_FILES) {
      throw new InputException(
          "%s holds more than %d files: name a folder with fewer".formatted(folder, MOST_FILES));
    }
  }

  private static boolean isSample(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return Stream.of(".png", ".jpg", ".jpeg", ".npy").anyMatch(name::endsWith)
        && Files.isRegularFile(file);
  }

  private static List<LabelledData.Item> files(List<Path> files, int label, InputReader reader) {
    List<LabelledData.Item> items = new ArrayList<>();
    files.stream()
        .filter(DataFolder::isSample)
        .forEach(file ->
            items.add(
                new LabelledData.Item(
                    label, () -> reader.read(List.of(file.toString())).getFirst())));
    return items;
  }

  private static int label(Path folder, @Nullable Labels labels) {
    String name = String.valueOf(folder.getFileName());
    if (name.matches("\\d{1,7}")) {
      return Integer.parseInt(name);
    }
    if (labels == null) {
      throw new InputException(
          "folder %s is named by no index, and the model names no labels: add --labels"
              .formatted(folder));
    }
    return labels
        .index(name)
        .orElseThrow(() ->
            new InputException(
                "folder %s is named by none of the model's %d labels: rename it, or add --labels"
                    .formatted(folder, labels.size())));
  }
}
