package dev.skein.graph;

import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;

/** A constant of a graph: an initialiser, or the tensor in an attribute. */
public sealed interface Weight {
  TensorType type();

  /** Bytes of the values themselves. */
  long bytes();

  /** Values at hand, usually a view of the memory-mapped model file. */
  record Held(Tensor tensor) implements Weight {
    @Override
    public TensorType type() {
      return TensorType.of(tensor.type(), tensor.shape());
    }

    @Override
    public long bytes() {
      return tensor.bytes();
    }
  }

  /**
   * Values that are somewhere else, known by their content.
   *
   * @param sha256 64 lower-case hexadecimal digits, over the raw little-endian values
   */
  record Addressed(TensorType type, Shape shape, String sha256) implements Weight {
    @Override
    public long bytes() {
      return type.element().bytes(shape.elements());
    }
  }

  /** A constant that Skein passes on but does not compute with (text, sparse). */
  record Verbatim(TensorType type, Opaque onnx) implements Weight {
    @Override
    public long bytes() {
      return onnx.toBytes().length;
    }
  }
}
