package dev.skein.lab.experiment;

import dev.skein.architecture.Architectures;
import dev.skein.cli.Main;
import dev.skein.engine.EngineException;
import dev.skein.engine.ResidentMemory;
import dev.skein.onnx.OnnxWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What {@code skein optimize} itself takes, as a process of its own.
 *
 * @param fileBytes of the model
 * @param seconds from start to end
 * @param residentBytes most beyond what the same command takes for a tiny model; pages of mapped
 *     files count, which the system takes back when it needs them
 * @param anonymousBytes the same without mapped files: what cannot be taken back
 */
record OptimizerCost(long fileBytes, double seconds, long residentBytes, long anonymousBytes) {
  private static final String MODEL = "random:resnet50@224";
  private static final String TINY = "random:mobilenetv2@32";
  private static final Duration DEADLINE = Duration.ofMinutes(5);
  private static final long EACH_MILLIS = 10;

  /**
   * Optimises a model of about 100 MB.
   *
   * @param folder for temporary files
   */
  static OptimizerCost measure(Path folder) throws IOException, InterruptedException {
    Path model = written(MODEL, folder);
    OptimizerCost bare = run(written(TINY, folder), folder);
    OptimizerCost cost = run(model, folder);
    return new OptimizerCost(
        cost.fileBytes(),
        cost.seconds(),
        cost.residentBytes() - bare.residentBytes(),
        cost.anonymousBytes() - bare.anonymousBytes());
  }

  private static Path written(String name, Path folder) {
    Path file = folder.resolve(name.replaceAll("\\W", "-") + ".onnx");
    OnnxWriter.write(Architectures.parse(name).orElseThrow(), file);
    return file;
  }

  private static OptimizerCost run(Path model, Path folder)
      throws IOException, InterruptedException {
    Path errors = folder.resolve("errors.txt");
    List<String> arguments =
        List.of("optimize", model.toString(), "-o", folder.resolve("out.onnx").toString());
    long start = System.nanoTime();
    Process process = ChildJvm.start(Main.class, arguments, errors);
    try {
      long resident = 0;
      long anonymous = 0;
      while (!process.waitFor(EACH_MILLIS, TimeUnit.MILLISECONDS)) {
        ResidentMemory now = memory(process);
        resident = Math.max(resident, now.total());
        anonymous = Math.max(anonymous, now.anonymous());
        if (System.nanoTime() - start > DEADLINE.toNanos()) {
          throw new IllegalStateException("optimising " + model + " does not end");
        }
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException(Files.readString(errors).strip());
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      return new OptimizerCost(Files.size(model), seconds, resident, anonymous);
    } finally {
      process.destroyForcibly();
    }
  }

  private static ResidentMemory memory(Process process) {
    try {
      return ResidentMemory.of(process.pid());
    } catch (EngineException e) {
      // It ended between two looks.
      return new ResidentMemory(0, 0, 0);
    }
  }
}
