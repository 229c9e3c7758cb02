package dev.skein.demo;

import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.graph.Model;
import dev.skein.input.HomeCommands;
import dev.skein.input.Sentences;
import dev.skein.onnx.OnnxReader;
import dev.skein.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * A home hub that finds the command nearest to what a resident says, by the MiniLM sentence
 * transformer that comes with Skein.
 */
public final class HomeTask implements Task {
  private final Model model = OnnxReader.read(Sentences.model());
  private final List<HomeCommands.Utterance> utterances = HomeCommands.utterances();
  private final HomeCommands hub;

  public HomeTask() {
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      hub = HomeCommands.learn(new Sentences(), session::run);
    }
  }

  @Override
  public String modelName() {
    return "all-MiniLM-L6-v2 (int8)";
  }

  @Override
  public Model model() {
    return model;
  }

  @Override
  public int size() {
    return utterances.size();
  }

  @Override
  public Map<String, Tensor> inputs(int request) {
    return hub.encode(utterances.get(request).text());
  }

  @Override
  public String question(int request) {
    return utterances.get(request).text();
  }

  @Override
  public String answer(int request, Map<String, Tensor> outputs) {
    return hub.match(question(request), inputs(request), outputs).command();
  }
}
