package dev.skein.slice;

import dev.skein.graph.Attribute;
import dev.skein.graph.Attributes;
import dev.skein.graph.Dim;
import dev.skein.graph.Node;
import dev.skein.graph.Opaque;
import dev.skein.graph.TensorType;
import dev.skein.rewrite.Scope;
import dev.skein.slice.ChannelStep.Place;
import dev.skein.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Knows which operators leave channels apart. */
final class ChannelSteps {
  /** A step and where its output has the channels. */
  record Found(ChannelStep step, Place output) {}

  private static final int CHANNELS = 1;
  private static final int BATCH_NORM_INPUTS = 5;

  private final Scope scope;
  private final long channels;

  ChannelSteps(Scope scope, long channels) {
    this.scope = scope;
    this.channels = channels;
  }

  /**
   * @param places where the values of the block so far have its channels
   * @return null if the node mixes channels, or reads what is neither constant nor of the block
   */
  @Nullable Found find(Node node, Map<String, Place> places) {
    if (node.makes().size() != 1
        || node.outputs().getFirst().isEmpty()
        || node.inputs().isEmpty()) {
      return null;
    }
    Place place = places.get(node.inputs().getFirst());
    if (standard(node) && Elementwise.contains(node.op())) {
      return elementwise(node, places);
    }
    if (place == null || !onlyFirstIsDynamic(node)) {
      return null;
    }
    if (Scope.is(node, "Conv")) {
      return depthwise(node, place);
    }
    if (Scope.is(node, "BatchNormalization", "InstanceNormalization")) {
      return normalization(node, place);
    }
    if (Scope.is(node, "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "LpPool")) {
      return isPlain(place) ? keep(node, place) : null;
    }
    if (Scope.is(node, "Dropout")) {
      return node.inputs().size() < 3 ? keep(node, place) : null;
    }
    if (Scope.is(node, "Pad")) {
      return isPlain(place) && padsOnlySpace(node, place) ? keep(node, place) : null;
    }
    if (Scope.is(node, "ReduceMean", "ReduceMax", "ReduceSum", "Squeeze")) {
      return reduction(node, place);
    }
    if (Scope.is(node, "Flatten", "Reshape")) {
      return flatten(node, place);
    }
    return null;
  }

  private static boolean standard(Node node) {
    return node.domain().isEmpty() || node.domain().equals("ai.onnx");
  }

  /** Whether channels are the second of several axes, one index each. */
  private static boolean isPlain(Place place) {
    return place.axis() == CHANNELS && place.width() == 1;
  }

  private boolean onlyFirstIsDynamic(Node node) {
    return node.inputs().stream()
        .skip(1)
        .allMatch(input -> input.isEmpty() || scope.constant(input) != null);
  }

  private static Found keep(Node node, Place place) {
    return new Found(new ChannelStep(node, Map.of(), false), place);
  }

  private @Nullable Found elementwise(Node node, Map<String, Place> places) {
    if (node.attributes().containsKey("broadcast")) {
      return null;
    }
    Place place = null;
    for (String input : node.inputs()) {
      Place other = places.get(input);
      if (other != null && place != null && !other.equals(place)) {
        return null;
      }
      place = other == null ? place : other;
    }
    if (place == null) {
      return null;
    }
    Map<Integer, Place> cuts = new HashMap<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      String input = node.inputs().get(i);
      if (input.isEmpty() || places.containsKey(input)) {
        continue;
      }
      Tensor constant = scope.constant(input);
      if (constant == null || constant.shape().rank() > place.rank()) {
        return null;
      }
      // Shapes are matched from the last axis on.
      int axis = constant.shape().rank() - (place.rank() - place.axis());
      if (axis < 0 || constant.shape().dim(axis) == 1) {
        continue;
      }
      if (constant.shape().dim(axis) != channels * place.width()) {
        return null;
      }
      cuts.put(i, new Place(axis, place.width(), constant.shape().rank()));
    }
    return new Found(new ChannelStep(node, cuts, false), place);
  }

  private @Nullable Found depthwise(Node node, Place place) {
    ConvLayer conv = ConvLayer.of(scope, node);
    boolean fits =
        conv != null && conv.isDepthwise() && conv.outputs() == channels && isPlain(place);
    if (!fits || conv == null) {
      return null;
    }
    Map<Integer, Place> cuts = new HashMap<>();
    cuts.put(1, new Place(0, 1, conv.outputRank()));
    conv.perOutput().forEach(input -> cuts.put(input, new Place(0, 1, 1)));
    return new Found(new ChannelStep(node, cuts, true), place);
  }

  private @Nullable Found normalization(Node node, Place place) {
    if (!isPlain(place)
        || node.inputs().size() > BATCH_NORM_INPUTS
        || Attributes.integer(node, "spatial", 1) != 1) {
      return null;
    }
    Map<Integer, Place> cuts = new HashMap<>();
    for (int i = 1; i < node.inputs().size(); i++) {
      cuts.put(i, new Place(0, 1, 1));
    }
    return new Found(new ChannelStep(node, cuts, false), place);
  }

  private boolean padsOnlySpace(Node node, Place place) {
    List<Long> pads = Attrs.attributeOrInput(scope, node, "pads", 1);
    return node.inputs().size() < 4
        && pads != null
        && pads.size() == 2 * place.rank()
        && pads.get(CHANNELS) == 0
        && pads.get(place.rank() + CHANNELS) == 0;
  }

  private @Nullable Found reduction(Node node, Place place) {
    List<Long> axes = Attrs.attributeOrInput(scope, node, "axes", 1);
    if (axes == null || axes.isEmpty()) {
      return null;
    }
    // Axes behind the channels may go; those before would move them.
    boolean behind =
        axes.stream()
            .map(axis -> axis < 0 ? axis + place.rank() : axis)
            .allMatch(axis -> axis > place.axis());
    boolean keeps = !node.op().equals("Squeeze") && Attributes.integer(node, "keepdims", 1) != 0;
    int gone = keeps ? 0 : (int) axes.stream().distinct().count();
    return behind ? keep(node, new Place(place.axis(), place.width(), place.rank() - gone)) : null;
  }

  /** To batch × everything else: each channel becomes a run of neighbours. */
  private @Nullable Found flatten(Node node, Place place) {
    TensorType type = scope.type(node.inputs().getFirst());
    if (place.axis() != CHANNELS || type == null || type.dims() == null) {
      return null;
    }
    List<Dim> space = type.dims().subList(CHANNELS + 1, type.dims().size());
    if (type.dims().size() != place.rank() || !space.stream().allMatch(Dim::isFixed)) {
      return null;
    }
    long width = space.stream().mapToLong(Dim::size).reduce(place.width(), (a, b) -> a * b);
    boolean flattens =
        node.op().equals("Flatten")
            ? Attributes.integer(node, "axis", 1) == CHANNELS
            : reshapesTo(node, channels * width);
    if (!flattens || width < 1) {
      return null;
    }
    // A shape that is given in numbers would not suit a piece.
    Node flatten =
        new Node(
            node.name(),
            "Flatten",
            "",
            node.inputs().subList(0, 1),
            node.outputs(),
            Map.of("axis", new Attribute.OfInt(CHANNELS)),
            Opaque.NONE);
    return keep(flatten, new Place(CHANNELS, width, 2));
  }

  private boolean reshapesTo(Node node, long columns) {
    List<Long> shape = Attrs.attributeOrInput(scope, node, "shape", 1);
    if (shape == null || shape.size() != 2) {
      return false;
    }
    TensorType type = scope.type(node.outputs().getFirst());
    List<Dim> dims = type == null ? null : type.dims();
    boolean declared = dims != null && dims.size() == 2 && dims.get(1).size() == columns;
    return shape.get(1) == columns || (shape.get(1) == -1 && declared);
  }
}
