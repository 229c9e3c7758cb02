package dev.skein.engine;

import java.time.Duration;

/** Lets threads in and out until it is shut; who shuts it can wait for those inside. */
final class Gate {
  private int inside;
  private boolean shut;

  /** Whether the caller is in; if so it must {@link #leave}. */
  synchronized boolean enter() {
    if (!shut) {
      inside++;
    }
    return !shut;
  }

  synchronized void leave() {
    inside--;
    if (inside == 0) {
      notifyAll();
    }
  }

  /** Whether this call shut it, rather than an earlier one. */
  synchronized boolean shut() {
    boolean first = !shut;
    shut = true;
    return first;
  }

  /**
   * Waits, undisturbed by interrupts, until nobody is inside.
   *
   * @return false if somebody still is when time is up
   */
  synchronized boolean awaitEmpty(Duration atMost) {
    long deadline = System.nanoTime() + atMost.toNanos();
    boolean interrupted = false;
    while (inside > 0) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        break;
      }
      try {
        wait(Math.max(1, left / 1_000_000));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return inside == 0;
  }
}
