package dev.skein.engine;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import dev.skein.graph.Dim;
import dev.skein.graph.TensorType;
import dev.skein.tensor.ElementType;
import dev.skein.tensor.Shape;
import dev.skein.tensor.Tensor;
import dev.skein.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tensors between Skein and ONNX Runtime. */
final class Tensors {
  /** One direct buffer's worth. */
  static final long MOST_BYTES = Integer.MAX_VALUE - 8;

  private static final long ALIGNMENT = 64;
  private static final String PREFIX = "ONNX_TENSOR_ELEMENT_DATA_TYPE_";
  private static final Map<OnnxTensorType, ElementType> ELEMENTS = elements();

  private Tensors() {}

  /** The type under which ONNX Runtime's Java binding wraps memory; null if it cannot. */
  static @Nullable OnnxJavaType wrapper(ElementType type) {
    return switch (type) {
      case FLOAT -> OnnxJavaType.FLOAT;
      case DOUBLE -> OnnxJavaType.DOUBLE;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case INT8 -> OnnxJavaType.INT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case UINT8 -> OnnxJavaType.UINT8;
      case BOOL -> OnnxJavaType.BOOL;
      case UINT16, UINT32, UINT64 -> null;
      case STRING, COMPLEX64, COMPLEX128 -> null;
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ -> null;
      case UINT4, INT4, FLOAT4E2M1 -> null;
    };
  }

  /**
   * A view of the tensor's memory for ONNX Runtime, which must not outlive the tensor; unsigned
   * integers look like signed ones.
   */
  static OnnxTensor wrap(String name, Tensor tensor) throws OrtException {
    OnnxJavaType as = wrapper(OrtForm.carrier(tensor.type()));
    if (as == null) {
      throw new EngineException(
          "value '%s' holds %s, which cannot be passed to ONNX Runtime"
              .formatted(name, tensor.type()));
    }
    if (tensor.bytes() > MOST_BYTES) {
      throw new EngineException(
          "value '%s' is %s, %d bytes; ONNX Runtime's Java binding takes at most %d in one tensor"
              .formatted(name, tensor, tensor.bytes(), MOST_BYTES));
    }
    return OnnxTensor.createTensor(
        OnnxRuntimeLibrary.environment(), tensor.buffer(), tensor.shape().toArray(), as);
  }

  /** The tensor itself if its memory is off-heap, where native code can see it; else a copy. */
  static Tensor offHeap(Tensor tensor) {
    if (tensor.data().isNative()) {
      return tensor;
    }
    MemorySegment copy = Arena.ofAuto().allocate(tensor.bytes(), ALIGNMENT);
    return new Tensor(tensor.type(), tensor.shape(), copy.copyFrom(tensor.data()));
  }

  /** Null if the elements are of a type that the Java binding does not know. */
  static @Nullable TensorSpec spec(OnnxTensor tensor) {
    ElementType element = element(tensor.getInfo());
    return element == null ? null : new TensorSpec(element, Shape.of(tensor.getInfo().getShape()));
  }

  static Map<String, TensorSpec> specs(OrtSession.Result result) {
    Map<String, TensorSpec> specs = new LinkedHashMap<>();
    for (Map.Entry<String, OnnxValue> output : result) {
      TensorSpec spec = output.getValue() instanceof OnnxTensor tensor ? spec(tensor) : null;
      if (spec != null) {
        specs.put(output.getKey(), spec);
      }
    }
    return specs;
  }

  /** Null like {@link #spec}. */
  static @Nullable Tensor copy(OnnxTensor from) {
    TensorSpec spec = spec(from);
    if (spec == null) {
      return null;
    }
    Tensor tensor = Tensor.allocate(spec.type(), spec.shape());
    if (tensor.bytes() > 0) {
      tensor.data().copyFrom(MemorySegment.ofBuffer(from.getByteBuffer()));
    }
    return tensor;
  }

  /** What ONNX Runtime has inferred about a value: unknown axes keep their names. */
  static @Nullable TensorType type(TensorInfo info) {
    ElementType element = element(info);
    if (element == null) {
      return null;
    }
    long[] shape = info.getShape();
    if (shape.length == 0) {
      // A scalar, or a tensor of unknown rank: the Java binding does not tell which.
      return new TensorType(element, null);
    }
    @Nullable String[] names = info.getDimensionNames();
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < shape.length; axis++) {
      String name = names == null ? null : names[axis];
      if (shape[axis] >= 0) {
        dims.add(Dim.of(shape[axis]));
      } else {
        dims.add(name == null || name.isEmpty() ? Dim.UNKNOWN : Dim.named(name));
      }
    }
    return new TensorType(element, dims);
  }

  private static @Nullable ElementType element(TensorInfo info) {
    return ELEMENTS.get(info.onnxType);
  }

  // The two enums differ in order, not in names.
  private static Map<OnnxTensorType, ElementType> elements() {
    Map<OnnxTensorType, ElementType> elements = new EnumMap<>(OnnxTensorType.class);
    for (OnnxTensorType type : OnnxTensorType.values()) {
      String name = type.name().substring(PREFIX.length());
      for (ElementType element : ElementType.values()) {
        if (element.name().equals(name) && element != ElementType.STRING) {
          elements.put(type, element);
        }
      }
    }
    return elements;
  }
}
