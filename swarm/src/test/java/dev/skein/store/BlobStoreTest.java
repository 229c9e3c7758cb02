package dev.skein.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.wire.BlobRef;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobStoreTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  @TempDir Path directory;

  static byte[] content(int seed, int bytes) {
    byte[] content = new byte[bytes];
    new Random(seed).nextBytes(content);
    return content;
  }

  private static MemorySegment segment(int seed, int bytes) {
    return MemorySegment.ofArray(content(seed, bytes));
  }

  static BlobRef ref(byte[] content) {
    return new BlobRef(Digests.sha256(MemorySegment.ofArray(content)), content.length);
  }

  @Test
  void addressIsTheSha256OfTheContent() {
    assertThat(
            Digests.sha256(
                MemorySegment.ofArray("abc".getBytes(java.nio.charset.StandardCharsets.US_ASCII))))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void contentIsThereAgainAfterReopening() {
    BlobRef ref;
    BlobRef empty;
    try (BlobStore store = BlobStore.open(directory, 1 << 20)) {
      ref = store.put(segment(1, 100_000));
      empty = store.put(segment(1, 0));
    }
    try (BlobStore store = BlobStore.open(directory, 1 << 20)) {
      assertThat(store.find(ref.sha256()).mismatch(segment(1, 100_000))).isEqualTo(-1);
      assertThat(store.find(empty.sha256()).byteSize()).isZero();
      assertThat(store.find("0".repeat(64))).isNull();
      assertThat(store.usedBytes()).isEqualTo(100_000);
      assertThat(directory.resolve(ref.sha256().substring(0, 2)).resolve(ref.sha256())).exists();
    }
  }

  @Test
  void unfinishedContentIsInvisibleAndGoesOnWhereItStopped() {
    byte[] content = content(2, 300_000);
    BlobRef ref = ref(content);
    try (BlobStore store = BlobStore.open(directory, 1 << 20);
        BlobWriter writer = store.writer(ref, SOON)) {
      writer.append(ByteBuffer.wrap(content, 0, 200_000));
      assertThat(store.find(ref.sha256())).isNull();
    }
    try (BlobStore store = BlobStore.open(directory, 1 << 20)) {
      assertThat(store.usedBytes()).isEqualTo(200_000);
      try (BlobWriter writer = store.writer(ref, SOON)) {
        assertThat(writer.offset()).isEqualTo(200_000);
        assertThatThrownBy(writer::finish)
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("incomplete");
        writer.append(ByteBuffer.wrap(content, 200_000, 100_000));
        assertThat(writer.finish().mismatch(MemorySegment.ofArray(content))).isEqualTo(-1);
      }
      assertThat(store.find(ref.sha256())).isNotNull();
      assertThat(store.usedBytes()).isEqualTo(300_000);
    }
  }

  @Test
  void wrongContentNeverBecomesVisible() {
    byte[] content = content(3, 10_000);
    BlobRef ref = ref(content);
    byte[] wrong = content.clone();
    wrong[5_000] ^= 1;
    try (BlobStore store = BlobStore.open(directory, 1 << 20);
        BlobWriter writer = store.writer(ref, SOON)) {
      assertThatThrownBy(() -> writer.append(ByteBuffer.wrap(new byte[10_001])))
          .isInstanceOf(StoreException.class);
      writer.append(ByteBuffer.wrap(wrong));
      assertThatThrownBy(writer::finish)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("address");
      assertThat(store.find(ref.sha256())).isNull();
      assertThat(writer.offset()).isZero();
      writer.append(ByteBuffer.wrap(content));
      assertThat(writer.finish().byteSize()).isEqualTo(10_000);
    }
  }

  @Test
  void leastRecentlyUsedGoesFirstAndPinnedContentStays() {
    try (BlobStore store = BlobStore.open(directory, 1000)) {
      BlobRef pinned = store.put(segment(1, 300));
      BlobRef old = store.put(segment(2, 300));
      BlobRef used = store.put(segment(3, 300));
      store.pin(pinned.sha256());
      MemorySegment mapped = store.find(old.sha256());
      assertThat(store.find(used.sha256())).isNotNull();

      BlobRef fresh = store.put(segment(4, 300));

      assertThat(store.find(old.sha256())).isNull();
      assertThat(mapped.mismatch(segment(2, 300)))
          .as("mapped content outlives its file")
          .isEqualTo(-1);
      assertThat(Stream.of(pinned, used, fresh).map(ref -> store.find(ref.sha256())))
          .doesNotContainNull();
      assertThat(store.usedBytes()).isEqualTo(900);

      assertThatThrownBy(() -> store.put(segment(5, 800)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("budget is 1000 bytes");
      store.unpin(pinned.sha256());
      store.put(segment(5, 800));
      assertThat(store.usedBytes()).isEqualTo(800);
    }
  }

  @Test
  void abandonedBeginningsGoBeforeContent() {
    byte[] half = content(7, 500);
    try (BlobStore store = BlobStore.open(directory, 1000)) {
      BlobRef whole = store.put(segment(1, 400));
      try (BlobWriter writer = store.writer(ref(half), SOON)) {
        writer.append(ByteBuffer.wrap(half, 0, 400));
      }
      store.put(segment(2, 500));
      assertThat(store.find(whole.sha256())).isNotNull();
      try (BlobWriter writer = store.writer(ref(content(7, 100)), SOON)) {
        assertThat(writer.offset()).isZero();
      }
      assertThat(store.usedBytes()).isEqualTo(900);
    }
  }

  @Test
  void smallerBudgetIsHonouredOnOpeningOldestFirst() throws IOException {
    BlobRef older;
    BlobRef newer;
    try (BlobStore store = BlobStore.open(directory, 1000)) {
      newer = store.put(segment(1, 300));
      older = store.put(segment(2, 300));
    }
    Files.setLastModifiedTime(
        directory.resolve(older.sha256().substring(0, 2)).resolve(older.sha256()),
        FileTime.from(Instant.EPOCH));
    Files.writeString(directory.resolve("notes.txt"), "not a blob");
    try (BlobStore store = BlobStore.open(directory, 500)) {
      assertThat(store.find(older.sha256())).isNull();
      assertThat(store.find(newer.sha256())).isNotNull();
    }
    assertThat(directory.resolve("notes.txt")).exists();
  }

  @Test
  void directoryBelongsToOneNode() {
    try (BlobStore store = BlobStore.open(directory, 1000)) {
      assertThat(store.usedBytes()).isZero();
      assertThatThrownBy(() -> BlobStore.open(directory, 1000))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(directory + " is in use by another node");
    }
    BlobStore.open(directory, 1000).close();
  }

  @Test
  void addressThatIsNoneIsRefused() {
    try (BlobStore store = BlobStore.open(directory, 1000)) {
      for (String address : List.of("", "../../../../etc/passwd", "A".repeat(64), "0".repeat(63))) {
        assertThatThrownBy(() -> store.find(address)).isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void moreThanTheDiskHoldsIsToldBeforeAnyByteIsWritten() {
    try (BlobStore store = BlobStore.open(directory, Long.MAX_VALUE)) {
      assertThatThrownBy(() -> store.writer(new BlobRef("0".repeat(64), Long.MAX_VALUE / 2), SOON))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("disk full")
          .hasMessageContaining(directory.toString());
      assertThat(store.usedBytes()).isZero();
    }
  }

  @Test
  void secondWriterWaitsForTheFirst() throws Exception {
    byte[] content = content(9, 1000);
    try (BlobStore store = BlobStore.open(directory, 10_000)) {
      BlobWriter first = store.writer(ref(content), SOON);
      assertThatThrownBy(() -> store.writer(ref(content), Duration.ofMillis(20)))
          .hasMessageContaining("still being written");
      Thread second =
          Thread.startVirtualThread(() -> {
            try (BlobWriter writer = store.writer(ref(content), SOON)) {
              writer.append(
                  ByteBuffer.wrap(Arrays.copyOfRange(content, (int) writer.offset(), 1000)));
              writer.finish();
            }
          });
      first.append(ByteBuffer.wrap(content, 0, 400));
      first.close();
      second.join();
      assertThat(store.find(ref(content).sha256())).isNotNull();
    }
  }
}
