package dev.skein.wire;

import java.util.concurrent.atomic.AtomicLong;

/** Memory that all frames of a server share until the node has accepted them. */
final class AssemblyBudget {
  private final long limit;
  private final AtomicLong used = new AtomicLong();

  AssemblyBudget(long limit) {
    this.limit = limit;
  }

  void take(long bytes) {
    if (used.addAndGet(bytes) > limit) {
      used.addAndGet(-bytes);
      throw new BusyException(
          "frames on their way in already take " + used + " of " + limit + " bytes; try later");
    }
  }

  void give(long bytes) {
    used.addAndGet(-bytes);
  }

  long used() {
    return used.get();
  }
}
