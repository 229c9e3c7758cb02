package dev.skein.plan;

import java.util.Arrays;

/**
 * The arrivals proposed at one position, the best by bound if there are too many: a binary heap,
 * worst first. A proposal is one number that sorts by bound; its last bits say which it is.
 */
final class Pool {
  private static final int BITS = 26;
  private static final long ID = (1L << BITS) - 1;

  private long[] heap = new long[32];
  private int size;
  private int most;

  /** Whether one was turned away for want of room. */
  private boolean full;

  void clear(int limit) {
    size = 0;
    most = limit;
    full = false;
  }

  boolean overflowed() {
    return full;
  }

  /** Bounds from here on are turned away. */
  double threshold() {
    return size < most ? Instance.NEVER : bound(heap[0]);
  }

  int size() {
    return size;
  }

  /** What was turned away elsewhere for being at or above {@link #threshold}. */
  void turnAway() {
    full = true;
  }

  void offer(double bound, int id) {
    long key = (Double.doubleToRawLongBits(Math.max(0, bound)) & ~ID) | id;
    if (size < most) {
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, 2 * size);
      }
      up(size++, key);
    } else {
      full = true;
      if (key < heap[0]) {
        down(key);
      }
    }
  }

  /** The ids, best first; nothing may be offered after that. */
  long[] sorted() {
    Arrays.sort(heap, 0, size);
    return heap;
  }

  static int id(long key) {
    return (int) (key & ID);
  }

  /** At most what was offered, by a relative 2^-26 or so. */
  static double bound(long key) {
    return Double.longBitsToDouble(key & ~ID);
  }

  private void up(int at, long key) {
    while (at > 0 && heap[(at - 1) / 2] < key) {
      heap[at] = heap[(at - 1) / 2];
      at = (at - 1) / 2;
    }
    heap[at] = key;
  }

  private void down(long key) {
    int at = 0;
    for (int child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && heap[child + 1] > heap[child]) {
        child++;
      }
      if (heap[child] <= key) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = key;
  }
}
