package dev.skein.input;

import dev.skein.graph.Model;
import dev.skein.graph.Value;
import dev.skein.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a person types to feed a model, made into its input tensors: pictures, {@code .npy} files,
 * sentences, {@code NAME=…} for one of several inputs, {@code random:SEED} for anything.
 */
public final class InputReader {
  /** The recipe for sentences, in place of one for pictures. */
  public static final String TEXT_RECIPE = "bert-uncased";

  /** Metadata of a model that states its recipe: what {@code --preprocess} takes. */
  public static final String RECIPE_KEY = "skein.preprocess";

  /**
   * Metadata of a model that names its labels: {@code imagenet}, {@code cifar10}, or one a line.
   */
  public static final String LABELS_KEY = "skein.labels";

  private static final String RANDOM = "random:";
  private static final int MAX_SENTENCES = 100_000;
  private static final long MAX_TEXT_BYTES = 16 << 20;

  private final List<Value> inputs;
  private final @Nullable String recipe;
  private final Map<String, Value> byName;

  /**
   * One request.
   *
   * @param name what the person typed
   */
  public record Sample(String name, Map<String, Tensor> tensors) {}

  private InputReader(Model model, @Nullable String recipe) {
    this.inputs = model.graph().requiredInputs();
    this.byName =
        inputs.stream()
            .collect(
                Collectors.toMap(Value::name, input -> input, (a, b) -> a, LinkedHashMap::new));
    this.recipe = recipe;
    if (recipe != null && !recipe.equals(TEXT_RECIPE)) {
      Preprocessing.parse(recipe);
    }
  }

  /**
   * A reader for one model. The recipe is what the flag says, else the model's metadata, else what
   * the catalogue knows about this very file.
   *
   * @param file where the model was read from, if it was
   * @param flag what {@code --preprocess} said
   */
  public static InputReader of(Model model, @Nullable Path file, @Nullable String flag) {
    String recipe = flag != null ? flag : model.metadata().get(RECIPE_KEY);
    if (recipe == null && file != null) {
      recipe = Catalogue.shared().model(file).map(Catalogue.Entry::preprocess).orElse(null);
    }
    return new InputReader(model, recipe);
  }

  /** How pictures or sentences become tensors; null if nobody says. */
  public @Nullable String recipe() {
    return recipe;
  }

  /**
   * A model's labels, found in the same three places.
   *
   * @param flag what {@code --labels} said: a file or a name
   * @return nothing if nobody names any
   */
  public static Optional<Labels> labels(Model model, @Nullable Path file, @Nullable String flag) {
    if (flag != null) {
      return Optional.of(Labels.parse(flag));
    }
    String own = model.metadata().get(LABELS_KEY);
    if (own != null) {
      // A model may come from anybody: its metadata names no files of ours.
      return Optional.of(
          own.equals("imagenet") || own.equals("cifar10")
              ? Labels.parse(own)
              : Labels.of(own.lines().map(String::strip).toList()));
    }
    return Optional.ofNullable(file)
        .flatMap(Catalogue.shared()::model)
        .map(Catalogue.Entry::labels)
        .map(Labels::parse);
  }

  /**
   * One sample for each picture, array or sentence; {@code NAME=…} arguments together make one.
   *
   * @throws InputException that names the argument at fault and what would do
   */
  public List<Sample> read(List<String> arguments) {
    if (arguments.isEmpty()) {
      throw new InputException(
          "no input given: name pictures, .npy files, NAME=FILE for each of %s, or random:SEED"
              .formatted(byName.keySet()));
    }
    List<String> named = arguments.stream().filter(this::isNamed).toList();
    if (!named.isEmpty() && named.size() < arguments.size()) {
      throw new InputException(
          "'%s' names an input and another argument does not: name all or none"
              .formatted(named.getFirst()));
    }
    if (!named.isEmpty()) {
      return List.of(readNamed(named));
    }
    List<Sample> samples = new ArrayList<>();
    for (String argument : arguments) {
      samples.addAll(readOne(argument));
    }
    return samples;
  }

  /**
   * The sample for a picture that is in memory.
   *
   * @throws InputException if the model takes no single picture, or nobody says how it takes one
   */
  public Sample picture(String name, BufferedImage image) {
    Value input = onlyInput();
    Tensor tensor = preprocessing(name).apply(image, input);
    return new Sample(name, Map.of(input.name(), accepted(input, name, tensor)));
  }

  private boolean isNamed(String argument) {
    int equals = argument.indexOf('=');
    return equals > 0 && byName.containsKey(argument.substring(0, equals));
  }

  private Sample readNamed(List<String> arguments) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      String name = argument.substring(0, equals);
      String source = argument.substring(equals + 1);
      Value input = byName.getOrDefault(name, inputs.getFirst());
      Tensor tensor =
          source.startsWith(RANDOM)
              ? TensorFiles.random(input, new Random(seed(source)))
              : single(input, source);
      if (tensors.put(name, tensor) != null) {
        throw new InputException("input '" + name + "' is given twice");
      }
    }
    Set<String> missing = new TreeSet<>(byName.keySet());
    missing.removeAll(tensors.keySet());
    if (!missing.isEmpty()) {
      throw new InputException("no value for " + missing + ": add NAME=FILE for each");
    }
    return new Sample(String.join(" ", arguments), tensors);
  }

  private List<Sample> readOne(String argument) {
    if (argument.startsWith(RANDOM)) {
      Random random = new Random(seed(argument));
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      inputs.forEach(input -> tensors.put(input.name(), TensorFiles.random(input, random)));
      return List.of(new Sample(argument, tensors));
    }
    if (TEXT_RECIPE.equals(recipe)) {
      Sentences sentences = SentencesHolder.SENTENCES;
      return lines(argument).stream()
          .map(text -> new Sample(text, checked(sentences.encode(List.of(text)))))
          .toList();
    }
    Value input = onlyInput();
    return List.of(new Sample(argument, Map.of(input.name(), single(input, argument))));
  }

  private Value onlyInput() {
    if (inputs.size() != 1) {
      throw new InputException(
          "the model takes %d inputs: give NAME=FILE for each of %s"
              .formatted(inputs.size(), byName.keySet()));
    }
    return inputs.getFirst();
  }

  /** The lines of a text file, or the argument itself. */
  private static List<String> lines(String argument) {
    try {
      if (!argument.endsWith(".txt") || !Files.isRegularFile(Path.of(argument))) {
        return List.of(argument);
      }
      Path file = Path.of(argument);
      if (Files.size(file) > MAX_TEXT_BYTES) {
        throw new InputException(argument + " is over 16 MiB: split it");
      }
      List<String> lines =
          Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList();
      if (lines.isEmpty() || lines.size() > MAX_SENTENCES) {
        throw new InputException(
            "%s has %d sentences, not 1 to %d".formatted(argument, lines.size(), MAX_SENTENCES));
      }
      return lines;
    } catch (IOException e) {
      throw new InputException("cannot read " + argument + " as UTF-8 text (" + e + ")", e);
    }
  }

  /** The model may take fewer inputs than the tokenizer makes, or others. */
  private Map<String, Tensor> checked(Map<String, Tensor> encoded) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Value input : inputs) {
      Tensor tensor = encoded.get(input.name());
      if (tensor == null) {
        throw new InputException(
            "input '%s' is none of %s, so sentences do not fit this model"
                .formatted(input.name(), encoded.keySet()));
      }
      tensors.put(input.name(), accepted(input, "sentence", tensor));
    }
    return tensors;
  }

  private Tensor single(Value input, String source) {
    Path file = path(source);
    if (source.endsWith(".npy")) {
      return accepted(input, source, TensorFiles.readNpy(file));
    }
    return accepted(input, source, preprocessing(source).apply(Images.read(file), input));
  }

  private Preprocessing preprocessing(String source) {
    if (recipe == null || recipe.equals(TEXT_RECIPE)) {
      throw new InputException(
          ("nobody says how this model takes '%s': add --preprocess torch, mobilenet, caffe, unit,"
                  + " raw or settings, or give a .npy file")
              .formatted(source));
    }
    return Preprocessing.parse(recipe);
  }

  private static Path path(String source) {
    try {
      return Path.of(source);
    } catch (InvalidPathException e) {
      throw new InputException("'" + source + "' cannot be the name of a file", e);
    }
  }

  private static Tensor accepted(Value input, String source, Tensor tensor) {
    if (input.type() != null && !input.type().accepts(tensor.type(), tensor.shape())) {
      throw new InputException(
          "%s gives %s, but input '%s' takes %s"
              .formatted(source, tensor, input.name(), input.type()));
    }
    return tensor;
  }

  private static long seed(String source) {
    try {
      return Long.parseLong(source.substring(RANDOM.length()));
    } catch (NumberFormatException e) {
      throw new InputException("'" + source + "' has no seed: write random:7, for example", e);
    }
  }

  /** The vocabulary takes a second to read on a small device, so only who needs it reads it. */
  private static final class SentencesHolder {
    static final Sentences SENTENCES = new Sentences();
  }
}
