package dev.skein.input;

import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Names of a classifier's classes, and its answer in words. */
public final class Labels {
  private static final long MAX_FILE_BYTES = 16 << 20;

  /** Sums of probabilities stray from 1 by their rounding, most in float16. */
  private static final double SUM_TOLERANCE = 0.02;

  private static final List<String> CIFAR10 =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private final List<String> names;

  /**
   * One class of an answer.
   *
   * @param probability softmax over all classes, 0 to 1
   */
  public record Ranked(int index, String label, double probability) {}

  private Labels(List<String> names) {
    this.names = List.copyOf(names);
  }

  public static Labels of(List<String> names) {
    return new Labels(names);
  }

  /** Class 0, class 1, and so on: for a model of which nobody has said more. */
  public static Labels numbered(int classes) {
    return new Labels(IntStream.range(0, classes).mapToObj(i -> "class " + i).toList());
  }

  /**
   * Labels by name or file.
   *
   * @param text {@code cifar10}, {@code imagenet} (its names are in the catalogue), or a file
   * @throws InputException if there is no such file, or it is not text of one label a line
   */
  public static Labels parse(String text) {
    return switch (text) {
      case "cifar10" -> new Labels(CIFAR10);
      case "imagenet" -> read(Catalogue.shared().file("imagenet-labels"));
      default -> read(Path.of(text));
    };
  }

  /** One label a line; empty lines count. */
  public static Labels read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new InputException("no file of labels at " + file);
      }
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new InputException(file + " is over 16 MiB, which is no list of labels");
      }
      return new Labels(Files.readAllLines(file).stream().map(String::strip).toList());
    } catch (MalformedInputException e) {
      throw new InputException(file + " is not UTF-8 text of one label a line", e);
    } catch (IOException e) {
      throw new InputException("cannot read the labels " + file + " (" + e.getMessage() + ")", e);
    }
  }

  public int size() {
    return names.size();
  }

  /** The {@code count} likeliest classes of the first picture, likeliest first. */
  public List<Ranked> top(Tensor scores, int count) {
    return top(scores, 0, count);
  }

  /**
   * The likeliest classes of one picture of a batch, likeliest first; equals go by index. Scores
   * that are probabilities already (none negative, sum 1) are taken as they are.
   *
   * @param scores of shape batch x classes; further axes of size 1 do not matter
   * @throws InputException if there are not as many labels as classes, or the scores are no numbers
   */
  public List<Ranked> top(Tensor scores, int row, int count) {
    int classes = classes(scores);
    if (classes != names.size()) {
      throw new InputException(
          "the model tells %d classes apart, but there are %d labels: give others with --labels"
              .formatted(classes, names.size()));
    }
    double[] values = new double[classes];
    for (int i = 0; i < classes; i++) {
      values[i] = Elements.get(scores, (long) row * classes + i);
      if (Double.isNaN(values[i]) || values[i] == Double.POSITIVE_INFINITY) {
        throw new InputException(
            "the model's score for '%s' is not a number: is the preprocessing right?"
                .formatted(names.get(i)));
      }
    }
    double[] probabilities = areProbabilities(values) ? values : softmax(values);
    return IntStream.range(0, classes)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -values[i]))
        .limit(count)
        .map(i -> new Ranked(i, names.get(i), probabilities[i]))
        .toList();
  }

  /**
   * Whether a tensor looks like a classifier's scores: batch x classes, any number of 1s around.
   */
  public static boolean isScores(Tensor tensor) {
    Shape shape = tensor.shape();
    List<Long> wide = new ArrayList<>();
    for (int axis = 1; axis < shape.rank(); axis++) {
      if (shape.dim(axis) != 1) {
        wide.add(shape.dim(axis));
      }
    }
    return Elements.reads(tensor.type()) && wide.size() == 1 && shape.elements() > 0;
  }

  /** Classes that such a tensor tells apart. */
  public static int classes(Tensor scores) {
    if (!isScores(scores)) {
      throw new InputException("the output is " + scores + ", not scores of batch x classes");
    }
    return Math.toIntExact(scores.shape().elements() / scores.shape().dim(0));
  }

  /** The class with the highest score in one row of such a tensor; the first of equals. */
  public static int first(Tensor scores, int row) {
    int classes = classes(scores);
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < classes; i++) {
      double score = Elements.get(scores, (long) row * classes + i);
      if (score > most) {
        most = score;
        best = i;
      }
    }
    return best;
  }

  /** The index of a label, whatever its case; nothing if there is none of that name. */
  public OptionalInt index(String label) {
    return IntStream.range(0, names.size())
        .filter(i -> names.get(i).equalsIgnoreCase(label))
        .findFirst();
  }

  private static boolean areProbabilities(double[] values) {
    return Arrays.stream(values).allMatch(value -> value >= 0)
        && Math.abs(Arrays.stream(values).sum() - 1) < SUM_TOLERANCE;
  }

  private static double[] softmax(double[] values) {
    double max = Arrays.stream(values).max().orElse(0);
    double[] powers = Arrays.stream(values).map(value -> Math.exp(value - max)).toArray();
    double sum = Arrays.stream(powers).sum();
    return Arrays.stream(powers).map(power -> power / sum).toArray();
  }
}
