package dev.skein.member;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A node's directory: its id and its blobs. Held by one process at a time. */
public final class NodeHome implements AutoCloseable {
  private final Path dir;
  private final String id;
  private final FileChannel lock;

  private NodeHome(Path dir, String id, FileChannel lock) {
    this.dir = dir;
    this.id = id;
    this.lock = lock;
  }

  /**
   * Makes the directory if need be, locks it until {@link #close} or the process's end, and reads
   * the node's id, or makes one.
   *
   * @throws MembershipException if another node holds the directory, it cannot be used, or the file
   *     {@code id} does not hold a UUID
   */
  public static NodeHome open(Path dir) {
    Path absolute = dir.toAbsolutePath().normalize();
    FileChannel channel = null;
    boolean opened = false;
    try {
      Files.createDirectories(absolute.resolve("blobs"));
      channel =
          FileChannel.open(
              absolute.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (lock(channel) == null) {
        throw new MembershipException(
            "another node is already running from " + absolute + "; use --home or --name");
      }
      NodeHome home = new NodeHome(absolute, identity(absolute.resolve("id")), channel);
      opened = true;
      return home;
    } catch (IOException e) {
      throw new MembershipException(
          "cannot use " + absolute + " as a node's home: " + reason(e), e);
    } finally {
      if (!opened) {
        closeQuietly(channel);
      }
    }
  }

  public String id() {
    return id;
  }

  /** The node's own directory. */
  public Path dir() {
    return dir;
  }

  /** Where blobs are kept; exists. */
  public Path blobs() {
    return dir.resolve("blobs");
  }

  @Override
  public void close() {
    closeQuietly(lock);
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by this very process
    }
  }

  private static String identity(Path file) throws IOException {
    if (Files.exists(file)) {
      String id = Files.size(file) > 100 ? "" : read(file);
      if (!Member.isId(id)) {
        throw new MembershipException(
            file + " does not hold a UUID; restore it, or delete it to start as a new node");
      }
      return id;
    }
    String id = UUID.randomUUID().toString();
    Path fresh = file.resolveSibling("id.new");
    try (FileChannel out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      out.write(ByteBuffer.wrap((id + "\n").getBytes(StandardCharsets.US_ASCII)));
      out.force(true); // else a power cut may leave an empty file under the final name
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    return id;
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file).strip().toLowerCase(Locale.ROOT);
    } catch (MalformedInputException e) {
      return "";
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case java.nio.file.AccessDeniedException denied ->
          "permission denied for " + denied.getFile();
      case java.nio.file.FileAlreadyExistsException file -> file.getFile() + " is a file";
      default -> String.valueOf(e.getMessage());
    };
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      System.getLogger(NodeHome.class.getName())
          .log(System.Logger.Level.DEBUG, "closing the lock failed", e);
    }
  }
}
