package dev.skein.tensor;

/** What a tensor looks like, without its values. */
public record TensorSpec(ElementType type, Shape shape) {
  public static TensorSpec of(Tensor tensor) {
    return new TensorSpec(tensor.type(), tensor.shape());
  }

  public long bytes() {
    return type.bytes(shape.elements());
  }

  @Override
  public String toString() {
    return type + "[" + shape + "]";
  }
}
