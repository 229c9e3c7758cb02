package dev.skein.rewrite;

import dev.skein.graph.Attribute;
import dev.skein.graph.Graph;
import dev.skein.graph.Node;
import dev.skein.graph.Patch;
import dev.skein.graph.Weight;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is computed or stored twice is kept once.
 *
 * <pre>
 * Before: a = Op(x, w); b = Op(x, v); y = Add(a, b); weights w and v of the same bytes
 * After: a = Op(x, w); y = Add(a, a)
 * Conditions: same operator, inputs, attributes and outputs left out; not random, without bodies,
 *   of a domain whose operators give equal results for equal inputs. Weights: same type, shape and
 *   bytes; none that the caller gives or gets.
 * Formula: Op(x) = Op(x).
 * </pre>
 */
public final class Duplicates implements Rewrite {
  private static final int SAMPLES = 64;

  @Override
  public String name() {
    return "duplicates";
  }

  @Override
  public Patch find(Scope scope) {
    return new Search(scope).find();
  }

  /** Everything on which a node's results depend. */
  private record Key(
      String op,
      String domain,
      List<String> inputs,
      Map<String, Attribute> attributes,
      List<Boolean> outputs) {}

  private static final class Search {
    private final Scope scope;
    private final Patch patch = new Patch();
    private final Map<String, String> kept = new HashMap<>();

    Search(Scope scope) {
      this.scope = scope;
    }

    Patch find() {
      mergeWeights(scope.graph());
      Map<Key, Node> first = new HashMap<>();
      for (Node node : scope.nodes()) {
        boolean plain = node.bodies().isEmpty() && !Scope.is(node, "Identity");
        if (!plain || !Classification.isRepeatable(node)) {
          continue;
        }
        Key key =
            new Key(
                node.op(),
                node.domain(),
                node.inputs().stream().map(value -> kept.getOrDefault(value, value)).toList(),
                node.attributes(),
                node.outputs().stream().map(String::isEmpty).toList());
        Node other = first.putIfAbsent(key, node);
        if (other != null) {
          merge(node, other);
        }
      }
      return patch;
    }

    private void merge(Node node, Node other) {
      List<Node> copies = new ArrayList<>();
      Map<String, String> same = new HashMap<>();
      for (int i = 0; i < node.outputs().size(); i++) {
        String value = node.outputs().get(i);
        String by = other.outputs().get(i);
        if (scope.mayRedirect(value, by)) {
          same.put(value, by);
        } else if (scope.isOutput(value)) {
          copies.add(Node.of("Identity", List.of(by), List.of(value)));
        } else {
          return;
        }
      }
      same.remove("");
      patch.replace(node, copies);
      same.forEach(patch::redirect);
      kept.putAll(same);
    }

    private void mergeWeights(Graph graph) {
      Set<String> inputs = new HashSet<>();
      graph.inputs().forEach(input -> inputs.add(input.name()));
      Map<TensorSpec, List<String>> alike = new HashMap<>();
      graph
          .weights()
          .forEach((name, weight) -> {
            if (weight instanceof Weight.Held(Tensor tensor)
                && !inputs.contains(name)
                && !scope.isOutput(name)) {
              alike.computeIfAbsent(TensorSpec.of(tensor), ignored -> new ArrayList<>()).add(name);
            }
          });
      alike.values().stream().filter(names -> names.size() > 1).forEach(this::mergeEqual);
    }

    private void mergeEqual(List<String> names) {
      Map<Long, List<String>> different = new HashMap<>();
      for (String name : names) {
        Tensor tensor = held(name);
        List<String> similar =
            different.computeIfAbsent(sample(tensor), ignored -> new ArrayList<>());
        String equal =
            similar.stream()
                .filter(other -> held(other).data().mismatch(tensor.data()) < 0)
                .findFirst()
                .orElse("");
        if (equal.isEmpty() || !scope.mayRedirect(name, equal)) {
          similar.add(name);
        } else {
          patch.removeWeight(name).redirect(name, equal);
          kept.put(name, equal);
        }
      }
    }

    private Tensor held(String name) {
      Tensor tensor = scope.constant(name);
      if (tensor == null) {
        throw new IllegalStateException("weight " + name + " is not at hand");
      }
      return tensor;
    }
  }

  // A few words from all over tell most weights apart; equal ones are compared in full, once.
  static long sample(Tensor tensor) {
    long words = tensor.bytes() / Long.BYTES;
    long step = Math.max(1, words / SAMPLES);
    long hash = 17;
    for (long at = 0; at < words; at += step) {
      hash = hash * 31 + tensor.data().getAtIndex(Tensor.INT64, at);
    }
    for (long at = words * Long.BYTES; at < tensor.bytes(); at++) {
      hash = hash * 31 + tensor.data().get(ValueLayout.JAVA_BYTE, at);
    }
    return hash;
  }
}
