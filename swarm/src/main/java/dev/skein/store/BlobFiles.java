package dev.skein.store;

import dev.skein.wire.BlobRef;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Where blobs lie: {@code DIR/ab/abcdef…}, unfinished ones with {@code .part} at the end. */
final class BlobFiles {
  private static final String PART = ".part";
  private static final int FAN_OUT = 2;

  final Path directory;

  record Entry(String sha256, long bytes, Instant used, boolean partial) {}

  BlobFiles(Path directory) {
    this.directory = directory;
  }

  Path complete(String sha256) {
    return directory.resolve(sha256.substring(0, FAN_OUT)).resolve(sha256);
  }

  Path partial(String sha256) {
    return directory.resolve(sha256.substring(0, FAN_OUT)).resolve(sha256 + PART);
  }

  /** Everything there, in no order; files that are none of ours are left alone. */
  List<Entry> scan() throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(directory, "??")) {
      for (Path folder : folders) {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
          scan(folder, entries);
        }
      }
    }
    return entries;
  }

  private static void scan(Path folder, List<Entry> entries) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        boolean partial = name.endsWith(PART);
        String sha256 = partial ? name.substring(0, name.length() - PART.length()) : name;
        BasicFileAttributes facts =
            Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (facts.isRegularFile()
            && isAddress(sha256)
            && sha256.startsWith(folder.getFileName().toString())) {
          entries.add(
              new Entry(sha256, facts.size(), facts.lastModifiedTime().toInstant(), partial));
        }
      }
    }
  }

  private static boolean isAddress(String text) {
    try {
      return text.equals(BlobRef.requireAddress(text));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Mapped for reading; stays readable while reachable, even if the file is deleted. */
  MemorySegment map(String sha256) throws IOException {
    try (FileChannel channel = FileChannel.open(complete(sha256), StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    }
  }

  void markUsed(String sha256, Instant now) throws IOException {
    Files.setLastModifiedTime(complete(sha256), FileTime.from(now));
  }

  void publish(String sha256) throws IOException {
    Files.move(partial(sha256), complete(sha256), StandardCopyOption.ATOMIC_MOVE);
  }
}
