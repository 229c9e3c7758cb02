package dev.skein.onnx;

import dev.skein.graph.OneLine;
import dev.skein.onnx.proto.StringStringEntryProto;
import dev.skein.onnx.proto.TensorProto;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds tensor values that a model keeps in other files. Those files must lie in the model's folder
 * or below it, symbolic links followed.
 */
final class ExternalData {
  private final @Nullable Path folder;
  private final Map<String, MemorySegment> mapped = new HashMap<>();

  /**
   * @param folder of the model's file; null if the model has none
   */
  ExternalData(@Nullable Path folder) {
    this.folder = folder;
  }

  static String location(TensorProto tensor) {
    return entry(tensor, "location", "");
  }

  /** The values, {@code bytes} long, as a view of the mapped file. */
  MemorySegment values(TensorProto tensor, long bytes) {
    String location = location(tensor);
    MemorySegment file = mapped.get(location);
    if (file == null) {
      file = map(location);
      mapped.put(location, file);
    }
    long offset = number(tensor, "offset", 0);
    long length = number(tensor, "length", bytes);
    if (length != bytes) {
      throw new OnnxException("needs " + bytes + " bytes, its external data has " + length);
    }
    if (offset > file.byteSize() || length > file.byteSize() - offset) {
      throw new OnnxException(
          "its external data %s has %d bytes, too few for %d at offset %d"
              .formatted(OneLine.quote(location), file.byteSize(), length, offset));
    }
    return file.asSlice(offset, length);
  }

  private MemorySegment map(String location) {
    Path path = resolve(location);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    } catch (IOException e) {
      throw new OnnxException("cannot read its external data " + OneLine.quote(location), e);
    }
  }

  private Path resolve(String location) {
    if (folder == null) {
      throw new OnnxException(
          "its values are in the file "
              + OneLine.quote(location)
              + ", which a model given as bytes cannot bring along");
    }
    if (location.isEmpty()) {
      throw new OnnxException("its external data names no location");
    }
    try {
      Path real = folder.toRealPath();
      Path path = real.resolve(location);
      if (Path.of(location).isAbsolute() || !path.normalize().startsWith(real)) {
        throw leaves(location);
      }
      Path target = path.toRealPath();
      if (!target.startsWith(real)) {
        throw leaves(location);
      }
      return target;
    } catch (NoSuchFileException e) {
      throw new OnnxException(
          "its external data " + OneLine.quote(location) + " is missing beside the model", e);
    } catch (IOException | InvalidPathException e) {
      throw new OnnxException("cannot find its external data " + OneLine.quote(location), e);
    }
  }

  private static OnnxException leaves(String location) {
    return new OnnxException(
        "its external data " + OneLine.quote(location) + " leads out of the model's folder");
  }

  private static long number(TensorProto tensor, String key, long otherwise) {
    String text = entry(tensor, key, "");
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a negative one.
    }
    throw new OnnxException("its external data has the " + key + " " + OneLine.quote(text));
  }

  private static String entry(TensorProto tensor, String key, String otherwise) {
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      if (entry.getKey().equals(key)) {
        return Text.utf8(entry.getValueBytes(), "external data's " + key);
      }
    }
    return otherwise;
  }
}
