package dev.skein.cli;

import dev.skein.demo.FileTask;
import dev.skein.engine.BudgetedSession;
import dev.skein.engine.SessionOptions;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a model on this device alone, within a memory budget: its weights come and go. */
record BudgetedInfer(FileTask task, long budget, int repeat) {

  /**
   * @param plannedBytes what the model takes at most
   * @param reloadedBytes weights that are read again in every run
   */
  record Report(
      String model,
      long plannedBytes,
      long reloadedBytes,
      int segments,
      double latencyMsP50,
      double latencyMsP95,
      List<InferCommand.Answered> answers) {}

  /**
   * @throws dev.skein.engine.EngineException if the budget is too small, naming what would do
   */
  Report run() {
    Map<String, TensorSpec> shapes = specs(task.inputs(0));
    try (BudgetedSession session =
        BudgetedSession.open(task.model(), budget, shapes, SessionOptions.defaults())) {
      List<InferCommand.Answered> answers = new ArrayList<>();
      double[] millis = new double[task.size() * repeat];
      for (int i = 0; i < millis.length; i++) {
        int request = i % task.size();
        Map<String, Tensor> inputs = task.inputs(request);
        if (!specs(inputs).equals(shapes)) {
          throw new UsageException(
              "--budget prepares the model for one shape of input, but %s has another than the first"
                  .formatted(task.question(request)));
        }
        long start = System.nanoTime();
        Map<String, Tensor> outputs = session.run(inputs);
        millis[i] = (System.nanoTime() - start) / 1e6;
        if (i < task.size()) {
          answers.add(
              new InferCommand.Answered(task.question(request), task.answer(request, outputs)));
        }
      }
      Arrays.sort(millis);
      return new Report(
          task.modelName(),
          session.plannedBytes(),
          session.reloadedBytes(),
          session.segments().size(),
          millis[millis.length / 2],
          millis[Math.min(millis.length - 1, millis.length * 95 / 100)],
          answers);
    }
  }

  private static Map<String, TensorSpec> specs(Map<String, Tensor> tensors) {
    Map<String, TensorSpec> specs = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> specs.put(name, TensorSpec.of(tensor)));
    return specs;
  }

  static void print(Report report) {
    Table answers = new Table("input", "answer");
    report.answers().forEach(one -> answers.row(one.input(), one.answer()));
    System.out.println(answers);
    System.out.printf(
        "within %s: %d segments, %s of weights read again in every run; latency %.1f ms (95 %%:"
            + " %.1f)%n",
        Units.text((double) report.plannedBytes()),
        report.segments(),
        Units.text((double) report.reloadedBytes()),
        report.latencyMsP50(),
        report.latencyMsP95());
  }
}
