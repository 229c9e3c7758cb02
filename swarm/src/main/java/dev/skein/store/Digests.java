package dev.skein.store;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, the address of a blob. */
public final class Digests {
  private static final long STEP = 16L << 20;

  private Digests() {}

  /** The address of this content: 64 lower-case hexadecimal digits. */
  public static String sha256(MemorySegment content) {
    MessageDigest digest = start();
    for (long at = 0; at < content.byteSize(); at += STEP) {
      digest.update(content.asSlice(at, Math.min(STEP, content.byteSize() - at)).asByteBuffer());
    }
    return hex(digest);
  }

  static MessageDigest start() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must have SHA-256", e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
