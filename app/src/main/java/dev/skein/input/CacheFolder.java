package dev.skein.input;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Where Skein keeps what it can make again, and how a checked file gets there. */
public final class CacheFolder {
  private CacheFolder() {}

  /** {@code $XDG_CACHE_HOME/skein}, else {@code ~/.cache/skein}; it need not exist yet. */
  public static Path path() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    // The XDG rule: a relative path there is to be ignored.
    return xdg != null && Path.of(xdg).isAbsolute()
        ? Path.of(xdg, "skein")
        : Path.of(System.getProperty("user.home"), ".cache", "skein");
  }

  /** SHA-256 of a file's bytes, in lower-case hexadecimal. */
  public static String sha256(Path file) throws IOException {
    MessageDigest digest = digest();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Whether this is a file of these bytes; hashes it only if its size is right. */
  public static boolean holds(Path file, long bytes, String sha256) throws IOException {
    return Files.isRegularFile(file) && Files.size(file) == bytes && sha256(file).equals(sha256);
  }

  /**
   * Puts a resource of the class path at {@code target} unless it is already there, whole. Several
   * processes may do so at once: each writes its own file and moves it into place.
   *
   * @throws InputException if the folder cannot be written or the resource has other bytes
   */
  static Path extract(String resource, Path target, long bytes, String sha256) {
    try {
      if (holds(target, bytes, sha256)) {
        return target;
      }
      Path folder = target.toAbsolutePath().getParent();
      Files.createDirectories(folder);
      Path part = Files.createTempFile(folder, ".part-", null);
      try (InputStream in = CacheFolder.class.getResourceAsStream(resource)) {
        if (in == null) {
          throw new InputException(resource + " is not on the class path; rebuild Skein");
        }
        Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
        if (!holds(part, bytes, sha256)) {
          throw new InputException(resource + " on the class path has other bytes than expected");
        }
        moveIntoPlace(part, target);
      } finally {
        Files.deleteIfExists(part);
      }
      return target;
    } catch (IOException e) {
      throw new InputException(
          "cannot write " + target + " (" + e + "); free disk space or set XDG_CACHE_HOME", e);
    }
  }

  /** Forces the bytes to disk before the name: a crash leaves the old file or the new, not half. */
  public static void moveIntoPlace(Path part, Path target) throws IOException {
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
