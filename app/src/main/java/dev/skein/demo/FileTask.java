package dev.skein.demo;

import dev.skein.graph.Model;
import dev.skein.input.Catalogue;
import dev.skein.input.InputException;
import dev.skein.input.InputReader;
import dev.skein.input.Labels;
import dev.skein.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Any model with what a person named as its input. */
public final class FileTask implements Task {
  private static final String PHOTOS = "photos";

  /** The conversion that experiments use where it is there, else the published model. */
  private static final List<String> VISION_MODELS = List.of("mobilenetv2", "mobilenetv2-zoo");

  private final NamedModel source;
  private final List<InputReader.Sample> samples;
  private final Optional<Labels> labels;

  private FileTask(NamedModel source, List<InputReader.Sample> samples, Optional<Labels> labels) {
    this.source = source;
    this.samples = samples;
    this.labels = labels;
  }

  /**
   * @param inputs as typed: images, .npy files, sentences, random:SEED
   * @param preprocess what the command line said, if it did
   * @param labels likewise
   */
  public static FileTask of(
      Path file, List<String> inputs, @Nullable String preprocess, @Nullable String labels) {
    return of(NamedModel.read(file), inputs, preprocess, labels);
  }

  /** {@link #of(Path, List, String, String)} for a model that may be no file. */
  public static FileTask of(
      NamedModel source,
      List<String> inputs,
      @Nullable String preprocess,
      @Nullable String labels) {
    return new FileTask(
        source,
        InputReader.of(source.model(), source.file(), preprocess).read(inputs),
        labels(source, labels));
  }

  /** A known model whose labels are not here still runs: its classes go by number. */
  private static Optional<Labels> labels(NamedModel source, @Nullable String flag) {
    try {
      return InputReader.labels(source.model(), source.file(), flag);
    } catch (InputException e) {
      if (flag != null) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** Real photos for MobileNetV2, both from the catalogue. */
  public static FileTask photos() {
    Catalogue catalogue = Catalogue.shared();
    List<String> photos = catalogue.files(PHOTOS).stream().map(Path::toString).toList();
    return of(catalogue.fileOfAny(VISION_MODELS), photos, null, null);
  }

  @Override
  public String modelName() {
    return source.name();
  }

  @Override
  public Model model() {
    return source.model();
  }

  @Override
  public int size() {
    return samples.size();
  }

  @Override
  public Map<String, Tensor> inputs(int request) {
    return samples.get(request).tensors();
  }

  @Override
  public String question(int request) {
    return samples.get(request).name();
  }

  /** The likeliest class and its probability; the outputs' types for what is no classifier. */
  @Override
  public String answer(int request, Map<String, Tensor> outputs) {
    Tensor first = outputs.values().iterator().next();
    if (!Labels.isScores(first)) {
      return outputs.toString();
    }
    Labels names = labels.orElseGet(() -> Labels.numbered(Labels.classes(first)));
    Labels.Ranked best = names.top(first, 1).getFirst();
    return String.format(Locale.ROOT, "%s (%.0f %%)", best.label(), 100 * best.probability());
  }
}
