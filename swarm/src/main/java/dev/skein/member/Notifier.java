package dev.skein.member;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.function.Consumer;

/** Calls a listener with each list in order on one virtual thread of its own. */
final class Notifier implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Notifier.class.getName());
  private static final int MAX_BEHIND = 256;

  private final LinkedBlockingDeque<List<Member>> pending = new LinkedBlockingDeque<>(MAX_BEHIND);
  private final Consumer<List<Member>> listener;
  private final Thread thread;

  Notifier(Consumer<List<Member>> listener) {
    this.listener = listener;
    thread = Thread.ofVirtual().name("member-listener").start(this::run);
  }

  /** Never blocks; a listener that is too far behind misses the oldest lists. */
  void offer(List<Member> members) {
    while (!pending.offerLast(members)) {
      pending.pollFirst();
    }
  }

  private void run() {
    try {
      while (true) {
        List<Member> members = pending.takeFirst();
        try {
          listener.accept(members);
        } catch (RuntimeException e) {
          LOG.log(Level.WARNING, "a listener failed on a change of members: " + e);
        }
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
