package dev.skein.demo;

import dev.skein.graph.Model;
import dev.skein.tensor.Tensor;
import java.util.Map;

/** Real work for a model: requests, and what the answers mean. */
public interface Task {
  String modelName();

  Model model();

  /** How many different requests there are. */
  int size();

  Map<String, Tensor> inputs(int request);

  /** What was asked, for people. */
  String question(int request);

  /** What the model says, in words. */
  String answer(int request, Map<String, Tensor> outputs);
}
