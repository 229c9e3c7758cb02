package dev.skein.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.graph.Cut;
import dev.skein.graph.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SegmentCacheTest {
  private final List<String> loaded = new ArrayList<>();
  private final SegmentCache cache = new SegmentCache(100);

  private static LoadedSegment.Key key(String skeleton) {
    return new LoadedSegment.Key(
        skeleton, new Segment(new Cut(0, List.of("x")), new Cut(1, List.of("y"))));
  }

  private static LoadedSegment segment(String name, long bytes) {
    return new LoadedSegment(key(name), null, List.of(), List.of(), bytes);
  }

  private LoadedSegment acquire(String name, long bytes) throws InterruptedException {
    return cache.acquire(
        key(name),
        bytes,
        () -> {
          loaded.add(name);
          return segment(name, bytes);
        });
  }

  @Test
  void memoryIsTakenWhileASegmentIsUsedAndFreeAgainAfter() throws InterruptedException {
    LoadedSegment a = acquire("a", 60);
    assertThat(cache.free()).isEqualTo(40);
    cache.leave(a);
    assertThat(cache.free()).isEqualTo(100);
  }

  @Test
  void anIdleSegmentIsUsedAgainWithoutLoading() throws InterruptedException {
    assertThat(cache.reuse(key("a"))).isNull();
    LoadedSegment a = acquire("a", 60);
    cache.leave(a);

    assertThat(cache.reuse(key("a"))).isSameAs(a);
    assertThat(acquire("a", 60)).isSameAs(a);
    assertThat(loaded).containsExactly("a");
    cache.leave(a);
    assertThat(cache.free()).as("one of two users left").isEqualTo(40);
  }

  @Test
  void theOldestIdleSegmentsMakeRoomAndThoseInUseStay() throws InterruptedException {
    LoadedSegment a = acquire("a", 30);
    LoadedSegment b = acquire("b", 30);
    LoadedSegment c = acquire("c", 30);
    cache.leave(b);
    cache.leave(c);
    cache.leave(acquire("b", 30));

    acquire("d", 40);

    assertThat(cache.reuse(key("a"))).isSameAs(a);
    assertThat(cache.reuse(key("b"))).as("used last").isSameAs(b);
    assertThat(cache.reuse(key("c"))).isNull();
    assertThat(loaded).containsExactly("a", "b", "c", "d");
  }

  @Test
  void whatCannotFitIsRefusedWithTheFigures() throws InterruptedException {
    assertThatThrownBy(() -> acquire("a", 101))
        .isInstanceOf(WorkerException.class)
        .hasMessage("the segment needs 0.1 kB and 0.1 of 0.1 kB are free here");
    assertThatThrownBy(() -> new SegmentCache(5_000_000).acquire(key("b"), 7_100_000, () -> null))
        .hasMessage("the segment needs 7.1 MB and 5.0 of 5.0 MB are free here");
    acquire("c", 60);
    assertThatThrownBy(() -> acquire("d", 60)).isInstanceOf(WorkerException.class);
    assertThat(cache.free()).isEqualTo(40);
    assertThat(loaded).containsExactly("c");
  }

  @Test
  void whoeverNeedsRoomWaitsForAStageThatIsJustLettingGo() throws Exception {
    LoadedSegment a = acquire("a", 60);
    CompletableFuture<LoadedSegment> waiting =
        CompletableFuture.supplyAsync(() -> {
          try {
            return acquire("b", 60);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    Thread.sleep(50);
    assertThat(waiting).isNotDone();

    cache.leave(a);

    assertThat(waiting.get().key()).isEqualTo(key("b"));
    assertThat(cache.reuse(key("a"))).isNull();
  }

  @Test
  void aSegmentThatTakesLongToLoadHoldsUpNoOther() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<LoadedSegment> slow = acquireSlowly("slow", arrived, go);
    arrived.await();

    assertThat(cache.free()).as("reserved already").isEqualTo(40);
    assertThat(cache.reuse(key("slow"))).isNull();
    cache.leave(acquire("quick", 40));
    CompletableFuture<LoadedSegment> same = acquireSlowly("slow", arrived, go);
    assertThat(slow).isNotDone();
    assertThat(same).isNotDone();

    go.countDown();

    assertThat(same.get()).isSameAs(slow.get());
    assertThat(loaded).containsExactly("quick", "slow");
    cache.leave(slow.get());
    assertThat(cache.free()).isEqualTo(40);
    cache.leave(slow.get());
    assertThat(cache.free()).isEqualTo(100);
  }

  @Test
  void aSegmentThatCannotBeLoadedTakesNoMemory() throws InterruptedException {
    assertThatThrownBy(() ->
            cache.acquire(
                key("a"),
                60,
                () -> {
                  throw new WorkerException("nobody has it");
                }))
        .hasMessage("nobody has it");

    assertThat(cache.free()).isEqualTo(100);
    assertThat(acquire("a", 100).bytes()).isEqualTo(100);
  }

  private CompletableFuture<LoadedSegment> acquireSlowly(
      String name, CountDownLatch arrived, CountDownLatch go) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return cache.acquire(
            key(name),
            60,
            () -> {
              arrived.countDown();
              try {
                go.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              loaded.add(name);
              return segment(name, 60);
            });
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
  }
}
