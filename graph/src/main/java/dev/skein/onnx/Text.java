package dev.skein.onnx;

import com.google.protobuf.ByteString;

/** Text of an ONNX file. */
final class Text {
  private Text() {}

  /**
   * @throws OnnxException if the bytes are not UTF-8: decoding would lose them
   */
  static String utf8(ByteString bytes, String what) {
    if (!bytes.isValidUtf8()) {
      throw new OnnxException(what + " is not UTF-8: '" + bytes.toStringUtf8() + "'");
    }
    return bytes.toStringUtf8();
  }

  /** The standard operators' domain has two spellings; ours is the empty one. */
  static String domain(ByteString bytes) {
    String domain = utf8(bytes, "a domain");
    return domain.equals("ai.onnx") ? "" : domain;
  }
}
