package dev.skein.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a model file may not say of itself. */
final class RecipeOptions {
  @Option(
      names = "--preprocess",
      paramLabel = "RECIPE",
      description =
          "torch, mobilenet, caffe, unit, raw, or settings (default: what the model says)")
  private @Nullable String preprocess;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "imagenet, cifar10, or a file of one label a line (default: what the model says)")
  private @Nullable String labels;

  @Nullable String preprocess() {
    return preprocess;
  }

  @Nullable String labels() {
    return labels;
  }
}
