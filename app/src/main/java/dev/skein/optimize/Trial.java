package dev.skein.optimize;

import dev.skein.engine.EngineException;
import dev.skein.engine.Race;
import dev.skein.engine.Session;
import dev.skein.engine.SessionOptions;
import dev.skein.graph.Model;
import dev.skein.graph.Weight;
import dev.skein.tensor.Difference;
import dev.skein.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Runs a model and its variants on the same inputs, all with ONNX Runtime's own optimisations, and
 * compares results and times.
 */
public final class Trial {
  private static final long BIG = 64 << 20;
  private static final int TURNS = 2;

  private final Model plain;
  private final List<Map<String, Tensor>> samples;
  private final List<Map<String, Tensor>> expected;
  private final Duration time;

  /**
   * @param samples inputs, at least one; the first is the one whose time counts, and the model must
   *     run on it; others that it does not take are left out
   * @param time how long one comparison of times may take
   */
  public Trial(Model plain, List<Map<String, Tensor>> samples, Duration time) {
    this.plain = plain;
    this.time = time;
    List<Map<String, Tensor>> taken = new ArrayList<>();
    List<Map<String, Tensor>> results = new ArrayList<>();
    try (Session session = Session.open(plain, SessionOptions.defaults())) {
      for (Map<String, Tensor> sample : samples) {
        try {
          results.add(session.run(sample));
          taken.add(sample);
        } catch (EngineException e) {
          if (taken.isEmpty()) {
            throw e;
          }
        }
      }
    }
    this.samples = List.copyOf(taken);
    this.expected = List.copyOf(results);
  }

  public Model plain() {
    return plain;
  }

  public List<Map<String, Tensor>> samples() {
    return samples;
  }

  /** The sample whose time counts. */
  public Map<String, Tensor> sample() {
    return samples.getFirst();
  }

  /** Greatest difference from the plain model's results, relative to each output's range. */
  public double difference(Model other) {
    List<Map<String, Tensor>> outputs = outputs(other);
    double worst = 0;
    for (int i = 0; i < outputs.size(); i++) {
      worst = Math.max(worst, Difference.of(expected.get(i), outputs.get(i)));
    }
    return worst;
  }

  /**
   * Milliseconds of one run of each of two models, in one race.
   *
   * @param plain of the plain model
   * @param other of what was made of it
   */
  public record Timing(double plain, double other) {
    public double ratio() {
      return other / plain;
    }
  }

  /** Runs a model and the plain one in turns. */
  public Timing time(Model other) {
    Map<String, Model> models = new LinkedHashMap<>();
    models.put("before", plain);
    models.put("after", other);
    Map<String, Double> millis = millis(models);
    return new Timing(
        Objects.requireNonNull(millis.get("before")), Objects.requireNonNull(millis.get("after")));
  }

  /**
   * Milliseconds of each model, by name, taken in turns in one run. Big models are opened in turns
   * too: this device may not have the memory for two.
   */
  private Map<String, Double> millis(Map<String, Model> models) {
    return models.values().stream().anyMatch(Trial::isBig)
        ? oneAtATime(models)
        : sideBySide(models);
  }

  private static boolean isBig(Model model) {
    return model.graph().weights().values().stream().mapToLong(Weight::bytes).sum() > BIG;
  }

  private Map<String, Double> sideBySide(Map<String, Model> models) {
    Map<String, Session> sessions = new LinkedHashMap<>();
    try {
      models.forEach(
          (name, model) -> sessions.put(name, Session.open(model, SessionOptions.defaults())));
      return Race.run(sessions, sample(), time);
    } finally {
      sessions.values().forEach(Session::close);
    }
  }

  private Map<String, Double> oneAtATime(Map<String, Model> models) {
    Map<String, Double> best = new LinkedHashMap<>();
    Duration turn = time.dividedBy((long) TURNS * models.size());
    for (int i = 0; i < TURNS; i++) {
      models.forEach((name, model) -> {
        try (Session session = Session.open(model, SessionOptions.defaults())) {
          Race.run(Map.of(name, session), sample(), turn)
              .forEach((who, millis) -> best.merge(who, millis, Math::min));
        }
      });
    }
    return best;
  }

  private List<Map<String, Tensor>> outputs(Model model) {
    List<Map<String, Tensor>> outputs = new ArrayList<>();
    try (Session session = Session.open(model, SessionOptions.defaults())) {
      samples.forEach(sample -> outputs.add(session.run(sample)));
    }
    return outputs;
  }
}
