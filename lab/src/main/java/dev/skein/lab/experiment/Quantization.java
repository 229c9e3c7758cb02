package dev.skein.lab.experiment;

import dev.skein.cli.Experiment;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What int8 and float16 storage cost in accuracy and gain in speed and size. */
public final class Quantization implements Experiment {
  @Override
  public String name() {
    return "quantization";
  }

  @Override
  public String shows() {
    return "accuracy, speed and size of models in int8 and float16, by calibration method";
  }

  @Override
  public Result run(boolean quick, PrintStream out) {
    List<Map<String, Object>> rows = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    new QuantizedAccuracy(quick, out, rows, claims).run();
    new QuantizedSpeed(quick, out, rows, claims).run();
    return new Result(rows, claims);
  }
}
