package dev.skein.onnx;

import dev.skein.graph.GraphException;
import dev.skein.graph.Model;
import dev.skein.graph.Verifier;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Reads ONNX models of opsets 7 to 22. Weights are views of the memory-mapped file and never on the
 * heap; the file must not be truncated or rewritten in place while the model is in use.
 */
public final class OnnxReader {
  private OnnxReader() {}

  /**
   * External data is looked up relative to the file, in its folder or below.
   *
   * @throws OnnxException naming the file, and what is wrong with it
   */
  public static Model read(Path file) {
    String name = String.valueOf(file.getFileName());
    try {
      Path folder = file.toAbsolutePath().getParent();
      return read(name, map(file), folder);
    } catch (NoSuchFileException e) {
      throw new OnnxException("no such file: " + file, e);
    } catch (IOException e) {
      throw new OnnxException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a model that came in memory. Content addresses are the only external data it may have.
   *
   * @throws OnnxException saying what is wrong
   */
  public static Model read(byte[] bytes) {
    MemorySegment copy = Arena.ofAuto().allocate(Math.max(1, bytes.length), 64);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, copy, 0, bytes.length);
    return read("model", copy.asSlice(0, bytes.length).asReadOnly(), null);
  }

  private static Model read(String name, MemorySegment memory, @Nullable Path folder) {
    try {
      Model model = ModelDecoder.read(memory, new ExternalData(folder));
      Verifier.verify(model.graph());
      return model;
    } catch (OnnxException | GraphException e) {
      throw new OnnxException(name + ": " + e.getMessage(), e);
    }
  }

  private static MemorySegment map(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new OnnxException(file + " is a folder, not an ONNX file");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new OnnxException(
            "%s is %d bytes long, above 2 GiB; keep its weights as external data"
                .formatted(file, channel.size()));
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    }
  }
}
