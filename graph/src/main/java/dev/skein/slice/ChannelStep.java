package dev.skein.slice;

import dev.skein.graph.Attribute;
import dev.skein.graph.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A node that treats every channel by itself, and what of it belongs to a channel.
 *
 * @param node as it stands in a piece, but for its constants
 * @param cuts inputs that have numbers for each channel
 * @param grouped whether its attribute {@code group} is the number of channels
 */
record ChannelStep(Node node, Map<Integer, Place> cuts, boolean grouped) {
  ChannelStep {
    cuts = Map.copyOf(cuts);
  }

  /**
   * Where a value has the block's channels.
   *
   * @param width neighbouring indices for each channel
   * @param rank number of axes
   */
  record Place(int axis, long width, int rank) {
    long[] indices(long[] channels) {
      long[] indices = new long[Math.toIntExact(channels.length * width)];
      for (int i = 0; i < indices.length; i++) {
        indices[i] = channels[(int) (i / width)] * width + i % width;
      }
      return indices;
    }
  }

  Node take(long[] channels, Parts parts) {
    List<String> inputs = new ArrayList<>(node.inputs());
    new LinkedHashMap<>(cuts)
        .forEach((input, place) ->
            inputs.set(
                input, parts.take(inputs.get(input), place.axis(), place.indices(channels))));
    Node part = node.withInputs(inputs);
    return grouped ? part.with("group", new Attribute.OfInt(channels.length)) : part;
  }
}
