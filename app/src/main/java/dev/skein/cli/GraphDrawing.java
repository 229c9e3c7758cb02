package dev.skein.cli;

import dev.skein.cli.GraphBoxes.Box;
import dev.skein.cli.Inspection.Report;
import dev.skein.cli.LayeredLayout.Edge;
import dev.skein.cost.OperatorCost;
import dev.skein.graph.Node;
import dev.skein.graph.OneLine;
import dev.skein.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A graph as a picture: a box for each node that depends on the input, coloured by its share of the
 * time; under it what it makes, with shape and bytes.
 */
final class GraphDrawing {
  private static final double HEIGHT = 40;
  private static final double SPACE = 36;
  private static final double LINE = 11;
  private static final double TOP = 88;
  private static final double SIDE = 24;

  private final Inspection inspection;
  private final GraphBoxes graph;
  private final List<Box> boxes;
  private final Map<Edge, String> edges;
  private final List<List<String>> ports = new ArrayList<>();

  /** Values whose reader is too far below for a line: both ends name them. */
  private final Set<String> distant = new LinkedHashSet<>();

  private final double total;
  private final double largest;
  private final SvgText svg = new SvgText();

  private GraphDrawing(Inspection inspection) {
    this.inspection = inspection;
    this.graph = new GraphBoxes(inspection);
    this.boxes = graph.boxes();
    this.edges = graph.edges();
    double sum = 0;
    double most = 0;
    for (Box box : boxes) {
      double millis = box.node() < 0 ? 0 : inspection.millis(box.node());
      sum += millis;
      most = Math.max(most, millis);
    }
    this.total = sum;
    this.largest = most;
  }

  /** A whole SVG document. */
  static String of(Inspection inspection, Report report) {
    return new GraphDrawing(inspection).draw(report);
  }

  private String draw(Report report) {
    LayeredLayout layout =
        LayeredLayout.of(boxes.stream().map(this::room).toList(), edges.keySet());
    ports(layout);
    edges.forEach((edge, value) -> {
      if (!layout.isDrawn(edge)) {
        distant.add(value);
      }
    });
    double[] tops = tops(layout);
    String sum = sum(report);
    double width = Math.max(layout.width(), 7.4 * sum.length()) + 2 * SIDE;
    svg.begin(width, tops[layout.layers()] + 20, "Graph of " + OneLine.of(report.model()));
    head(report, sum);
    Map<Integer, List<Edge>> entering =
        edges.keySet().stream().filter(layout::isDrawn).collect(Collectors.groupingBy(Edge::to));
    entering.values().forEach(into -> draw(into, layout, tops));
    for (int box = 0; box < boxes.size(); box++) {
      draw(box, layout, tops);
    }
    return svg.end();
  }

  /** Upper ends of the layers, and the end of the last: a box of many outputs takes more room. */
  private double[] tops(LayeredLayout layout) {
    double[] spaces = new double[layout.layers()];
    for (int box = 0; box < boxes.size(); box++) {
      int lines = Math.max(0, boxes.get(box).makes().size() - 1);
      int layer = layout.layer(box);
      spaces[layer] = Math.max(spaces[layer], SPACE + LINE * lines);
    }
    double[] tops = new double[spaces.length + 1];
    tops[0] = TOP;
    for (int layer = 0; layer < spaces.length; layer++) {
      tops[layer + 1] = tops[layer] + HEIGHT + Math.max(spaces[layer], SPACE);
    }
    return tops;
  }

  /** A box with the text to the right of the line below it. */
  private double room(Box box) {
    double width = box.width();
    for (String value : box.makes()) {
      width = Math.max(width, 2 * 5.6 * text(value).length());
    }
    return width;
  }

  private String text(String value) {
    TensorSpec spec = inspection.specs().get(value);
    return spec == null ? "" : spec.shape() + ", " + Units.text((double) spec.bytes());
  }

  private static String sum(Report report) {
    return String.format(
        Locale.ROOT,
        "%d nodes, %.2f M parameters, %.1f M multiply-accumulates, %.2f ms; activations at most %s",
        report.nodes().size(),
        report.parameters() / 1e6,
        report.macs() / 1e6,
        report.millis(),
        Units.text((double) report.memory().peakBytes()));
  }

  private void head(Report report, String sum) {
    svg.text(SIDE, 28, "head", OneLine.of(report.model()));
    svg.text(SIDE, 46, "sum", sum);
    svg.text(SIDE, 66, "sum", "share of the time: 0");
    for (int step = 0; step < 10; step++) {
      svg.box(
          new SvgText.Rectangle(SIDE + 130 + 14 * step, 57, 14, 11, 0),
          colour((step + 1) / 10.0 * largest),
          "");
    }
    svg.text(
        SIDE + 276,
        66,
        "sum",
        String.format(Locale.ROOT, "%.1f %%", total == 0 ? 0 : 100 * largest / total));
  }

  /** Several values leave a box in the order of where they go, so that they do not cross. */
  private void ports(LayeredLayout layout) {
    Map<String, Double> goals = new HashMap<>();
    edges.forEach((edge, value) -> {
      List<Double> bends = layout.way(edge);
      goals.merge(value, bends.isEmpty() ? layout.x(edge.to()) : bends.getFirst(), Math::min);
    });
    for (int box = 0; box < boxes.size(); box++) {
      double own = layout.x(box);
      ports.add(
          boxes.get(box).makes().stream()
              .sorted(Comparator.comparingDouble(value -> goals.getOrDefault(value, own)))
              .toList());
    }
  }

  /** All edges into a box, side by side in the order in which they come. */
  private void draw(List<Edge> into, LayeredLayout layout, double[] tops) {
    List<Edge> sorted =
        into.stream().sorted(Comparator.comparingDouble(edge -> lastX(edge, layout))).toList();
    for (int i = 0; i < sorted.size(); i++) {
      Edge edge = sorted.get(i);
      double spread = boxes.get(edge.to()).width() * 0.5;
      double enters = layout.x(edge.to()) + spread * ((i + 1.0) / (sorted.size() + 1) - 0.5);
      int first = layout.layer(edge.from());
      double leaves = port(edge.from(), edges.getOrDefault(edge, ""), layout);
      List<Double> bends = layout.way(edge);
      double fromY = tops[first] + HEIGHT;
      svg.move(SIDE + leaves, fromY);
      for (int bend = 0; bend < bends.size(); bend++) {
        double at = tops[first + 1 + bend];
        svg.curve(SIDE + bends.get(bend), at);
        svg.line(SIDE + bends.get(bend), at + HEIGHT);
      }
      svg.curve(SIDE + enters, tops[layout.layer(edge.to())]);
      svg.stroke();
    }
  }

  private static double lastX(Edge edge, LayeredLayout layout) {
    List<Double> bends = layout.way(edge);
    return bends.isEmpty() ? layout.x(edge.from()) : bends.getLast();
  }

  /** Where a value leaves its box. */
  private double port(int box, String value, LayeredLayout layout) {
    List<String> values = ports.get(box);
    double place = (values.indexOf(value) + 1.0) / (values.size() + 1) - 0.5;
    return layout.x(box) + (values.size() < 2 ? 0 : place * boxes.get(box).width());
  }

  private void draw(int number, LayeredLayout layout, double[] tops) {
    Box box = boxes.get(number);
    double x = SIDE + layout.x(number);
    double y = tops[layout.layer(number)];
    double millis = box.node() < 0 ? 0 : inspection.millis(box.node());
    double round = box.node() < 0 ? HEIGHT / 2 : 5;
    svg.box(
        new SvgText.Rectangle(x - box.width() / 2, y, box.width(), HEIGHT, round),
        box.node() < 0 ? "#e9eef5" : colour(millis),
        tip(box));
    svg.text(x, y + 17, "op", box.title());
    svg.text(x, y + 31, "cost", box.detail());
    List<String> values = ports.get(number);
    for (int i = 0; i < values.size(); i++) {
      svg.text(
          SIDE + port(number, values.get(i), layout) + 5,
          y + HEIGHT + 13 + LINE * i,
          "value",
          text(values.get(i))
              + (distant.contains(values.get(i)) ? " → " + GraphBoxes.shorten(values.get(i)) : ""));
    }
    String far = far(number, layout);
    if (!far.isEmpty()) {
      svg.text(x + box.width() / 2 + 4, y + 24, "value", "← " + far);
    }
  }

  /** What a box reads from too far above for a line. */
  private String far(int number, LayeredLayout layout) {
    Set<String> far = new LinkedHashSet<>();
    for (String value : boxes.get(number).reads()) {
      Integer maker = graph.maker(value);
      if (maker != null && !layout.isDrawn(new Edge(maker, number))) {
        far.add(GraphBoxes.shorten(value));
      }
    }
    return far.stream().limit(2).collect(Collectors.joining(", ")) + (far.size() > 2 ? ", …" : "");
  }

  private String tip(Box box) {
    if (box.node() < 0) {
      return box.title() + " " + box.detail();
    }
    Node node = inspection.graph().nodes().get(box.node());
    OperatorCost cost = inspection.cost(box.node());
    return OneLine.of(
        String.format(
            Locale.ROOT,
            "%s, node %d: %d MACs, %d parameters, %s read, %s written, %.2f MACs a byte, %.3f ms",
            node.label(),
            box.node(),
            cost.macs(),
            cost.parameters(),
            Units.text((double) cost.bytesRead()),
            Units.text((double) cost.bytesWritten()),
            cost.intensity(),
            inspection.millis(box.node())));
  }

  /** From white to orange; the root, so that middling shares can be told from none. */
  private String colour(double millis) {
    double share = largest == 0 ? 0 : Math.sqrt(millis / largest);
    return String.format(
        Locale.ROOT,
        "#%02x%02x%02x",
        Math.round(255 - 2 * share),
        Math.round(255 - 110 * share),
        Math.round(252 - 190 * share));
  }
}
