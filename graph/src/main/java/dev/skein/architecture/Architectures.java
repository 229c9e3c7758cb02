package dev.skein.architecture;

import dev.skein.graph.Model;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The architectures there are, by name. */
public final class Architectures {
  /**
   * Metadata key of every model made here; its value is {@code random}. What such a model answers
   * means nothing: it is never scored for accuracy.
   */
  public static final String WEIGHTS_KEY = "skein.weights";

  private static final String PREFIX = "random:";
  private static final Pattern REQUEST =
      Pattern.compile("random:([a-z0-9]{1,20})@(\\d{1,9})(?:#(\\d{1,18}))?");
  private static final List<String> NAMES =
      List.of("mobilenetv2", "resnet18", "resnet34", "resnet50", "vgg16");
  private static final long SMALLEST = 32;
  private static final long LARGEST = 1024;
  private static final long IMAGENET = 64;
  private static final int MOST_CLASSES = 100_000;
  private static final long SEED = 1;

  private Architectures() {}

  public static List<String> names() {
    return NAMES;
  }

  /**
   * A model of opset 17 with input {@code input} [N, 3, size, size] and output {@code logits} [N,
   * classes], BatchNorm as nodes of their own, all types declared. Convolution and dense weights
   * are He-normal; BatchNorm's statistics are near those of the values that reach it, so that
   * activations of inputs of variance 1 neither vanish nor explode.
   *
   * @param inputSize rows and columns of the pictures, 32 to 1024; below 64 the form that the
   *     literature uses for CIFAR
   * @param classes 1 to 100,000
   * @param seed equal seeds give equal weights
   * @throws IllegalArgumentException naming the argument that is out of range
   */
  public static Model model(String name, long inputSize, int classes, long seed) {
    if (inputSize < SMALLEST || inputSize > LARGEST) {
      throw new IllegalArgumentException(
          "input size %d is not between %d and %d".formatted(inputSize, SMALLEST, LARGEST));
    }
    if (classes < 1 || classes > MOST_CLASSES) {
      throw new IllegalArgumentException(
          "%d classes are not between 1 and %d".formatted(classes, MOST_CLASSES));
    }
    Task task = new Task(inputSize, inputSize < IMAGENET, classes);
    GraphBuilder network = new GraphBuilder(name, seed);
    Map<String, String> metadata = Map.of(WEIGHTS_KEY, "random");
    return switch (name) {
      case "mobilenetv2" -> MobileNetV2.build(network, task, metadata);
      case "resnet18" -> ResNet.basic(2, 2, 2, 2).build(network, task, metadata);
      case "resnet34" -> ResNet.basic(3, 4, 6, 3).build(network, task, metadata);
      case "resnet50" -> ResNet.bottlenecks(3, 4, 6, 3).build(network, task, metadata);
      case "vgg16" -> Vgg16.build(network, task, metadata);
      default ->
          throw new IllegalArgumentException(
              "no architecture '%s': there are %s"
                  .formatted(name.replaceAll("\\p{Cntrl}", "?"), String.join(", ", NAMES)));
    };
  }

  /**
   * The model that {@code random:NAME@SIZE} or {@code random:NAME@SIZE#SEED} stands for, with 1,000
   * classes from 64 pixels on and 10 below; nothing if the text does not begin with {@code
   * random:}.
   *
   * @throws IllegalArgumentException naming what is wrong with a text that does
   */
  public static Optional<Model> parse(String text) {
    if (!text.startsWith(PREFIX)) {
      return Optional.empty();
    }
    Matcher matcher = REQUEST.matcher(text.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not random:NAME@SIZE with a NAME of %s, such as random:resnet18@224"
              .formatted(text.replaceAll("\\p{Cntrl}", "?"), String.join(", ", NAMES)));
    }
    long size = Long.parseLong(matcher.group(2));
    long seed = matcher.group(3) == null ? SEED : Long.parseLong(matcher.group(3));
    return Optional.of(model(matcher.group(1), size, size < IMAGENET ? 10 : 1000, seed));
  }
}
