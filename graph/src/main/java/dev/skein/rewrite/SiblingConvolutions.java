package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions of the same value become one.
 *
 * <pre>
 * Before:     Yᵢ = f(Conv(X; Wᵢ, bᵢ)),  Z = Concat(…, Y₁, …, Yₙ, …)
 *             Yᵢ = f(Conv(X; Wᵢ, bᵢ)) otherwise
 * After:      Z = Concat(…, f(Conv(X; W, b)), …), without Concat if nothing else goes into it
 *             Y₁, …, Yₙ = Split(f(Conv(X; W, b)))
 * Conditions: f is the same activation everywhere, which alone reads its convolution, or nothing;
 *             kernels, strides, pads and dilations are the same; one group; constants of single
 *             precision. With Concat: along the channels, Yᵢ next to each other, and nothing else
 *             reads them. With Split: at most 8 filters each, so few that separate convolutions
 *             leave vector lanes idle; otherwise the copy mostly costs what it saves (measured on
 *             x86-64, one thread: 9 to 10 % faster at 8 filters, from 9 % slower to 4 % faster at 12
 *             to 256).
 * Formula:    W and b are Wᵢ and bᵢ one after the other along the outputs
 * </pre>
 */
public final class SiblingConvolutions implements Rewrite {
  private static final int MOST_SPLIT = 8;
  private static final long SPLIT_INPUT_OPSET = 13;
  private static final Set<String> ACTIVATIONS =
      Set.of("Relu", "Clip", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid");

  /** A convolution, with the activation that alone reads it. */
  private record Sibling(Convolution convolution, @Nullable Node activation) {
    Node node() {
      return convolution.node();
    }

    String value() {
      return (activation == null ? node() : activation).outputs().getFirst();
    }
  }

  /** What siblings have in common. */
  private record Family(
      String input,
      Shape filter,
      Map<String, Attribute> attributes,
      String activation,
      List<Object> settings) {}

  @Override
  public String name() {
    return "sibling-convolutions";
  }

  @Override
  public Patch find(Scope scope) {
    Patch patch = new Patch();
    for (Map.Entry<Family, List<Sibling>> family : families(scope).entrySet()) {
      List<Sibling> siblings = family.getValue();
      if (siblings.size() > 1 && !concatenated(scope, patch, siblings)) {
        split(scope, patch, siblings);
      }
    }
    return patch;
  }

  private static Map<Family, List<Sibling>> families(Scope scope) {
    Map<Family, List<Sibling>> families = new LinkedHashMap<>();
    for (Node node : scope.nodes()) {
      Convolution convolution = Scope.is(node, "Conv") ? Convolution.of(scope, node) : null;
      if (convolution != null && convolution.groups() == 1 && node.makes().size() == 1) {
        Node activation = activation(scope, node.outputs().getFirst());
        Family family =
            new Family(
                node.inputs().getFirst(),
                convolution.filter(),
                node.attributes(),
                activation == null ? "" : activation.op(),
                activation == null
                    ? List.of()
                    : List.of(
                        activation.attributes(),
                        activation.inputs().subList(1, activation.inputs().size())));
        families
            .computeIfAbsent(family, ignored -> new ArrayList<>())
            .add(new Sibling(convolution, activation));
      }
    }
    return families;
  }

  private static @Nullable Node activation(Scope scope, String value) {
    Node reader = scope.onlyReader(value);
    return reader != null
            && reader.domain().isEmpty()
            && ACTIVATIONS.contains(reader.op())
            && reader.makes().size() == 1
            && reader.inputs().lastIndexOf(value) == 0
        ? reader
        : null;
  }

  private static boolean concatenated(Scope scope, Patch patch, List<Sibling> siblings) {
    Map<String, Sibling> byValue = new LinkedHashMap<>();
    siblings.forEach(sibling -> byValue.put(sibling.value(), sibling));
    for (Sibling sibling : siblings) {
      Node concat = scope.onlyReader(sibling.value());
      if (concat == null || !Scope.is(concat, "Concat") || patch.touches(concat)) {
        continue;
      }
      long axis = Attributes.integer(concat, "axis", 1);
      int from = concat.inputs().indexOf(sibling.value());
      List<Sibling> run = run(scope, byValue, concat, from);
      if ((axis == 1 || axis == 1 - sibling.convolution().rank()) && run.size() > 1) {
        join(scope, patch, run, concat, from);
        return true;
      }
    }
    return false;
  }

  /** Siblings that stand next to each other from there on, and go nowhere else. */
  private static List<Sibling> run(
      Scope scope, Map<String, Sibling> byValue, Node concat, int from) {
    List<Sibling> run = new ArrayList<>();
    for (String value : concat.inputs().subList(from, concat.inputs().size())) {
      Sibling sibling = byValue.get(value);
      boolean once = concat.inputs().indexOf(value) == concat.inputs().lastIndexOf(value);
      if (sibling == null || !once || scope.onlyReader(value) == null) {
        break;
      }
      run.add(sibling);
    }
    return run;
  }

  private static void join(Scope scope, Patch patch, List<Sibling> run, Node concat, int from) {
    List<String> inputs = new ArrayList<>(concat.inputs());
    inputs.subList(from, from + run.size()).clear();
    if (inputs.isEmpty()) {
      merge(scope, patch, run, concat.outputs().getFirst(), List.of());
      patch.remove(concat);
      return;
    }
    String joined = scope.fresh(concat.outputs().getFirst() + "_part");
    inputs.add(from, joined);
    merge(scope, patch, run, joined, List.of());
    patch.replace(concat, List.of(Nodes.on(concat, inputs, concat.outputs())));
  }

  private static void split(Scope scope, Patch patch, List<Sibling> siblings) {
    List<Sibling> fit =
        siblings.stream()
            .filter(sibling -> sibling.convolution().outputChannels() <= MOST_SPLIT)
            .toList();
    if (fit.size() < 2) {
      return;
    }
    String whole = scope.fresh(fit.getFirst().value() + "_siblings");
    List<String> values = fit.stream().map(Sibling::value).toList();
    long[] sizes =
        fit.stream().mapToLong(sibling -> sibling.convolution().outputChannels()).toArray();
    List<String> inputs = new ArrayList<>(List.of(whole));
    boolean input = scope.opset() >= SPLIT_INPUT_OPSET;
    if (input) {
      Tensor tensor = Tensor.ofLongs(Shape.of(sizes.length), sizes);
      inputs.add(Numbers.add(scope, patch, whole + "_sizes", tensor));
    }
    Node split = Node.of("Split", inputs, values).with("axis", new Attribute.OfInt(1));
    List<Long> attribute = Arrays.stream(sizes).boxed().toList();
    merge(
        scope,
        patch,
        fit,
        whole,
        List.of(input ? split : split.with("split", new Attribute.OfInts(attribute))));
  }

  /** One convolution with its activation in the place of the first; then the nodes behind it. */
  private static void merge(
      Scope scope, Patch patch, List<Sibling> run, String output, List<Node> behind) {
    Sibling first = run.getFirst();
    Convolution joined = Convolution.joined(run.stream().map(Sibling::convolution).toList());
    Node activation = first.activation();
    String made = activation == null ? output : scope.fresh(output + "_linear");
    List<Node> nodes = new ArrayList<>();
    nodes.add(joined.write(scope, patch, first.node().inputs().getFirst(), made));
    if (activation != null) {
      nodes.add(Nodes.onFirst(activation, made, List.of(output)));
    }
    nodes.addAll(behind);
    for (Sibling sibling : run) {
      patch.replace(sibling.node(), sibling.equals(first) ? nodes : List.of());
      if (sibling.activation() != null) {
        patch.remove(sibling.activation());
      }
    }
  }
}
