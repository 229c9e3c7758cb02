package dev.skein.engine;

import ai.onnxruntime.OrtException;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * ONNX Runtime's messages, which may be long and in many lines, as one line that a user can use.
 */
final class OrtErrors {
  private static final int LONGEST = 400;
  private static final Pattern PREFIX = Pattern.compile("^Error code - \\S+ - message: ");
  private static final Pattern SPACE = Pattern.compile("\\s+");
  // Source positions and the like, such as "/onnxruntime_src/core/x.cc:123 void f(int) ".
  private static final Pattern SOURCE = Pattern.compile("\\S+\\.(cc|h):\\d+ .{0,400}?\\) (?=\\S)");
  private static final Pattern UNKNOWN_OPERATOR =
      Pattern.compile(
          "No Op registered for (\\S+)|: ?([\\w.]+:)?(\\w+)\\([-\\d]+\\) is not a registered"
              + "|find an implementation for (\\w+)\\(");

  private OrtErrors() {}

  static EngineException opening(Graph graph, OrtException e) {
    String text = oneLine(String.valueOf(e.getMessage()));
    Matcher unknown = UNKNOWN_OPERATOR.matcher(text);
    if (unknown.find()) {
      String op = firstGroup(unknown);
      for (Node node : graph.nodes()) {
        if (node.op().equals(op)) {
          return new EngineException(
              "this machine's ONNX Runtime %s cannot run %s%s: it knows no such operator of this"
                      .formatted(
                          OnnxRuntimeLibrary.environment().getVersion(),
                          node.label(),
                          node.domain().isEmpty() ? "" : " of domain '" + node.domain() + "'")
                  + " version for these types; export the model with another operator set",
              e);
        }
      }
    }
    return new EngineException("model '" + graph.name() + "' cannot be opened: " + text, e);
  }

  static EngineException running(Graph graph, OrtException e) {
    return new EngineException(
        "model '" + graph.name() + "' failed: " + oneLine(String.valueOf(e.getMessage())), e);
  }

  static String oneLine(String message) {
    String text = SPACE.matcher(message).replaceAll(" ").strip();
    text = PREFIX.matcher(text).replaceFirst("");
    text = SOURCE.matcher(text).replaceAll("");
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }

  private static String firstGroup(Matcher matcher) {
    for (int group : new int[] {1, 3, 4}) {
      String text = matcher.group(group);
      if (text != null) {
        return text;
      }
    }
    return "";
  }
}
