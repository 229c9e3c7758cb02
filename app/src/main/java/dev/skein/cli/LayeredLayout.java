package dev.skein.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Places boxes in layers from top to bottom, every box below those it reads (Sugiyama, Tagawa and
 * Toda 1981): layers by longest path, order within a layer by the mean place of neighbours, then
 * across as near to the neighbours as the boxes beside it allow. An edge over several layers gets a
 * way of its own between the boxes.
 */
final class LayeredLayout {
  /** An edge over more layers than this is not drawn: it would cross half the picture. */
  private static final int FARTHEST = 24;

  private static final int ORDER_ROUNDS = 12;
  private static final int PLACE_ROUNDS = 24;
  private static final double GAP = 22;
  private static final double WAY = 14;

  /** From one box to another behind it. */
  record Edge(int from, int to) {}

  private final int boxes;
  private final List<Double> widths;
  private final List<Integer> layerOf = new ArrayList<>();
  private final List<List<Integer>> above = new ArrayList<>();
  private final List<List<Integer>> below = new ArrayList<>();
  private final List<List<Integer>> layers = new ArrayList<>();
  private final Map<Edge, List<Integer>> ways = new LinkedHashMap<>();
  private double[] x = {};

  private LayeredLayout(List<Double> widths) {
    this.boxes = widths.size();
    this.widths = new ArrayList<>(widths);
  }

  /**
   * @param widths of the boxes
   * @param edges each from a box to one with a greater number
   */
  static LayeredLayout of(List<Double> widths, Set<Edge> edges) {
    LayeredLayout layout = new LayeredLayout(widths);
    layout.rank(edges);
    edges.forEach(layout::connect);
    layout.fill();
    layout.order();
    layout.place();
    return layout;
  }

  private void rank(Set<Edge> edges) {
    Map<Integer, Integer> nearest = new HashMap<>();
    Set<Integer> targets = new LinkedHashSet<>();
    List<Edge> inOrder = edges.stream().sorted(Comparator.comparingInt(Edge::to)).toList();
    for (int box = 0; box < boxes; box++) {
      layerOf.add(0);
      above.add(new ArrayList<>());
      below.add(new ArrayList<>());
    }
    for (Edge edge : inOrder) {
      layerOf.set(edge.to(), Math.max(layerOf.get(edge.to()), layerOf.get(edge.from()) + 1));
      targets.add(edge.to());
    }
    edges.forEach(edge -> nearest.merge(edge.from(), layerOf.get(edge.to()), Math::min));
    for (int box = 0; box < boxes; box++) {
      if (!targets.contains(box) && nearest.containsKey(box)) {
        layerOf.set(box, nearest.get(box) - 1);
      }
    }
  }

  private void connect(Edge edge) {
    int to = layerOf.get(edge.to());
    if (to - layerOf.get(edge.from()) > FARTHEST) {
      return;
    }
    List<Integer> way = new ArrayList<>();
    int last = edge.from();
    for (int layer = layerOf.get(edge.from()) + 1; layer < to; layer++) {
      int bend = widths.size();
      widths.add(WAY);
      layerOf.add(layer);
      above.add(new ArrayList<>());
      below.add(new ArrayList<>());
      link(last, bend);
      way.add(bend);
      last = bend;
    }
    link(last, edge.to());
    ways.put(edge, way);
  }

  private void link(int from, int to) {
    below.get(from).add(to);
    above.get(to).add(from);
  }

  private void fill() {
    for (int item = 0; item < widths.size(); item++) {
      while (layers.size() <= layerOf.get(item)) {
        layers.add(new ArrayList<>());
      }
      layers.get(layerOf.get(item)).add(item);
    }
  }

  private void order() {
    double[] place = new double[widths.size()];
    layers.forEach(layer -> number(layer, place));
    for (int round = 0; round < ORDER_ROUNDS; round++) {
      boolean down = round % 2 == 0;
      for (int i = 0; i < layers.size(); i++) {
        List<Integer> layer = layers.get(down ? i : layers.size() - 1 - i);
        List<List<Integer>> neighbours = down ? above : below;
        Map<Integer, Double> wish = new HashMap<>();
        layer.forEach(item -> wish.put(item, mean(neighbours.get(item), place, place[item])));
        layer.sort(Comparator.comparingDouble(item -> wish.getOrDefault(item, 0.0)));
        number(layer, place);
      }
    }
  }

  // Places in the middle of a layer are equal to those in the middle of another.
  private static void number(List<Integer> layer, double[] place) {
    for (int i = 0; i < layer.size(); i++) {
      place[layer.get(i)] = i - (layer.size() - 1) / 2.0;
    }
  }

  private static double mean(List<Integer> items, double[] of, double otherwise) {
    return items.stream().mapToDouble(item -> of[item]).average().orElse(otherwise);
  }

  private void place() {
    x = new double[widths.size()];
    for (int round = 0; round < PLACE_ROUNDS; round++) {
      boolean down = round % 2 == 0;
      for (int i = 0; i < layers.size(); i++) {
        settle(layers.get(down ? i : layers.size() - 1 - i), down);
      }
    }
    double left = Double.MAX_VALUE;
    for (int item = 0; item < x.length; item++) {
      left = Math.min(left, x[item] - widths.get(item) / 2);
    }
    for (int item = 0; item < x.length; item++) {
      x[item] -= left;
    }
  }

  /**
   * As near to the wishes as the order and the widths allow: isotonic regression by pooling
   * neighbours that are in each other's way.
   */
  private void settle(List<Integer> layer, boolean down) {
    double[] offset = new double[layer.size()];
    for (int i = 1; i < layer.size(); i++) {
      offset[i] =
          offset[i - 1] + (widths.get(layer.get(i - 1)) + widths.get(layer.get(i))) / 2 + GAP;
    }
    List<double[]> pools = new ArrayList<>();
    for (int i = 0; i < layer.size(); i++) {
      int item = layer.get(i);
      double wish = mean((down ? above : below).get(item), x, x[item]);
      // A way stays straight before a box does.
      double weight = item >= boxes ? 4 : 1;
      double[] pool = {(wish - offset[i]) * weight, weight, 1};
      while (!pools.isEmpty() && pools.getLast()[0] / pools.getLast()[1] >= pool[0] / pool[1]) {
        double[] before = pools.removeLast();
        pool = new double[] {before[0] + pool[0], before[1] + pool[1], before[2] + pool[2]};
      }
      pools.add(pool);
    }
    int at = 0;
    for (double[] pool : pools) {
      for (int i = 0; i < pool[2]; i++, at++) {
        x[layer.get(at)] = pool[0] / pool[1] + offset[at];
      }
    }
  }

  int layers() {
    return layers.size();
  }

  int layer(int box) {
    return layerOf.get(box);
  }

  /** The middle of a box, from the left end of the picture. */
  double x(int box) {
    return x[box];
  }

  double width() {
    double right = 0;
    for (int item = 0; item < x.length; item++) {
      right = Math.max(right, x[item] + widths.get(item) / 2);
    }
    return right;
  }

  boolean isDrawn(Edge edge) {
    return ways.containsKey(edge);
  }

  /** Where an edge goes through the layers between its ends, from the top. */
  List<Double> way(Edge edge) {
    return ways.getOrDefault(edge, List.of()).stream().map(bend -> x[bend]).toList();
  }
}
