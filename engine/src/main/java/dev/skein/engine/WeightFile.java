package dev.skein.engine;

import dev.skein.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights in a memory-mapped file, in groups that are needed together: a group is one range that
 * can be released at once, and touching it brings in nothing of its neighbours.
 *
 * @param weights by name: views of the file
 * @param groups the range of each group
 */
record WeightFile(Arena arena, Map<String, Tensor> weights, List<MemorySegment> groups)
    implements AutoCloseable {
  // Linux maps up to this much around a page that is touched, if it is cached.
  private static final long GROUP_ALIGNMENT = 64 << 10;
  private static final long ALIGNMENT = 64;
  private static final long CHUNK = 8 << 20;

  /**
   * Writes the file and maps it; it can be deleted afterwards where the system allows.
   *
   * @throws EngineException if it cannot be written, as on a full disk
   */
  static WeightFile write(Path file, List<Map<String, Tensor>> groups) {
    Map<String, Long> offsets = new LinkedHashMap<>();
    List<Long> starts = new ArrayList<>();
    Arena arena = Arena.ofShared();
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      long end = 0;
      for (Map<String, Tensor> group : groups) {
        end = roundUp(end, GROUP_ALIGNMENT);
        starts.add(end);
        for (Map.Entry<String, Tensor> weight : group.entrySet()) {
          end = roundUp(end, ALIGNMENT);
          offsets.put(weight.getKey(), end);
          write(weight.getValue().data(), channel, end);
          end += weight.getValue().bytes();
        }
      }
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, end, arena);
      Map<String, Tensor> views = new LinkedHashMap<>();
      for (Map<String, Tensor> group : groups) {
        group.forEach((name, from) -> {
          long offset = offsets.getOrDefault(name, 0L);
          MemorySegment data = mapped.asSlice(offset, from.bytes());
          views.put(name, new Tensor(from.type(), from.shape(), data));
        });
      }
      starts.add(end);
      List<MemorySegment> ranges = new ArrayList<>();
      for (int group = 0; group < groups.size(); group++) {
        long start = starts.get(group);
        ranges.add(mapped.asSlice(start, Math.max(0, starts.get(group + 1) - start)));
      }
      return new WeightFile(arena, views, ranges);
    } catch (IOException e) {
      arena.close();
      throw new EngineException(
          "weights cannot be written to %s (%s); free some space there or set -Djava.io.tmpdir"
              .formatted(file.getParent(), e.getMessage()),
          e);
    }
  }

  private static void write(MemorySegment data, FileChannel channel, long at) throws IOException {
    for (long done = 0; done < data.byteSize(); done += CHUNK) {
      MemorySegment chunk = data.asSlice(done, Math.min(CHUNK, data.byteSize() - done));
      var bytes = chunk.asByteBuffer();
      while (bytes.hasRemaining()) {
        channel.write(bytes, at + done + bytes.position());
      }
      if (chunk.isMapped()) {
        chunk.unload();
      }
    }
  }

  private static long roundUp(long offset, long alignment) {
    return Math.ceilDiv(offset, alignment) * alignment;
  }

  /** Nothing may use the weights any more. */
  @Override
  public void close() {
    arena.close();
  }
}
