package dev.skein.onnx;

import dev.skein.graph.Weight;
import dev.skein.onnx.proto.TensorProto;
import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** The file beside a model that holds the weights for which the model has no room. */
final class SideFile {
  private static final long MIN_BYTES = 1024;
  // Runtimes map external data; this is what their kernels like to read.
  private static final int ALIGNMENT = 64;

  private final String name;
  private final List<Tensor> tensors = new ArrayList<>();
  private long end;

  SideFile(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  /** Takes a large weight in; writes others into the model itself. */
  TensorProto placeOr(Weight weight, TensorProto rest, Views views) {
    if (!(weight instanceof Weight.Held(Tensor tensor)) || tensor.bytes() < MIN_BYTES) {
      return WeightCodec.write(weight, rest, views);
    }
    TensorProto.Builder proto = WeightCodec.describe(rest, tensor.type(), tensor.shape());
    proto.addExternalData(WeightCodec.entry("offset", Long.toString(end)));
    proto.addExternalData(WeightCodec.entry("length", Long.toString(tensor.bytes())));
    tensors.add(tensor);
    end += Math.ceilDiv(tensor.bytes(), ALIGNMENT) * ALIGNMENT;
    return WeightCodec.externalAt(proto, name);
  }

  void write(OutputStream out) throws IOException {
    for (Tensor tensor : tensors) {
      Inflater.copy(tensor.data(), out);
      long padding = Math.floorMod(-tensor.bytes(), (long) ALIGNMENT);
      out.write(new byte[(int) padding]);
    }
  }
}
