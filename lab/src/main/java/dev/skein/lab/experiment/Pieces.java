package dev.skein.lab.experiment;

import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.graph.Graph;
import dev.skein.graph.Model;
import dev.skein.graph.Segment;
import dev.skein.graph.Segments;
import dev.skein.graph.Value;
import dev.skein.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Runs the segments of one model, one by one. */
final class Pieces implements AutoCloseable {
  private final Model model;
  private final Map<Segment, Session> kept = new HashMap<>();

  Pieces(Model model) {
    this.model = model;
  }

  /** Runs a segment whose session is closed again. */
  Map<String, Tensor> once(Segment segment, Map<String, Tensor> frontier) {
    Graph graph = Segments.extract(model.graph(), segment);
    if (graph.nodes().isEmpty()) {
      return passed(segment, frontier);
    }
    try (Session session = Session.open(model.with(graph), SessionOptions.defaults())) {
      return run(segment, session, frontier);
    }
  }

  /** Runs a segment whose session is kept for the next time. */
  Map<String, Tensor> often(Segment segment, Map<String, Tensor> frontier) {
    Graph graph = Segments.extract(model.graph(), segment);
    if (graph.nodes().isEmpty()) {
      return passed(segment, frontier);
    }
    Session session =
        kept.computeIfAbsent(
            segment, unknown -> Session.open(model.with(graph), SessionOptions.defaults()));
    return run(segment, session, frontier);
  }

  private Map<String, Tensor> run(Segment segment, Session session, Map<String, Tensor> frontier) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Value input : session.inputs()) {
      inputs.put(input.name(), Objects.requireNonNull(frontier.get(input.name()), input.name()));
    }
    Map<String, Tensor> result = passed(segment, frontier);
    result.putAll(session.run(inputs));
    return result;
  }

  private Map<String, Tensor> passed(Segment segment, Map<String, Tensor> frontier) {
    Map<String, Tensor> passed = new LinkedHashMap<>();
    for (String name : Segments.passed(model.graph(), segment)) {
      passed.put(name, Objects.requireNonNull(frontier.get(name), name));
    }
    return passed;
  }

  @Override
  public void close() {
    kept.values().forEach(Session::close);
  }
}
