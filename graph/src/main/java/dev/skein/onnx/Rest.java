package dev.skein.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.skein.graph.Opaque;

/** What reading left aside, as the message that writing starts from. */
final class Rest {
  private Rest() {}

  static <M extends MessageLite> M of(Opaque rest, Parser<M> parser) {
    try {
      return parser.parseFrom(rest.toBytes());
    } catch (InvalidProtocolBufferException e) {
      throw new OnnxException("opaque parts of the model are damaged: " + e.getMessage(), e);
    }
  }
}
