package dev.skein.graph;

import java.util.List;

/** A node's attribute value: one record for each kind that ONNX knows. */
public sealed interface Attribute {
  record OfInt(long value) implements Attribute {}

  record OfFloat(float value) implements Attribute {}

  /** ONNX strings are bytes; {@code value} holds them as ISO-8859-1 so that none is lost. */
  record OfString(String value) implements Attribute {}

  record OfTensor(Weight value) implements Attribute {}

  record OfGraph(Graph value) implements Attribute {}

  record OfInts(List<Long> values) implements Attribute {
    public OfInts {
      values = List.copyOf(values);
    }
  }

  record OfFloats(List<Float> values) implements Attribute {
    public OfFloats {
      values = List.copyOf(values);
    }
  }

  record OfStrings(List<String> values) implements Attribute {
    public OfStrings {
      values = List.copyOf(values);
    }
  }

  record OfTensors(List<Weight> values) implements Attribute {
    public OfTensors {
      values = List.copyOf(values);
    }
  }

  record OfGraphs(List<Graph> values) implements Attribute {
    public OfGraphs {
      values = List.copyOf(values);
    }
  }

  /** Sparse tensors, types, references to a function's parameters: passed on as they came. */
  record Verbatim(Opaque onnx) implements Attribute {}
}
