package dev.skein.member;

import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Learns who is behind each address in view: asks those who are silent, answers those who ask. One
 * thread owns all of it; the group's threads only leave notes.
 *
 * @param <A> a node's address within the group
 */
final class Room<A> implements AutoCloseable {
  /** Sends to one, or to all if {@code to} is null; may block, may lose the message. */
  interface Post<A> {
    void send(@Nullable A to, byte[] bytes) throws Exception;
  }

  private static final System.Logger LOG = System.getLogger(Room.class.getName());
  private static final byte[] ASK = {1};
  private static final int MAX_NOTES = 4096;
  private static final long FIRST_ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LAST_ASK_NANOS = TimeUnit.SECONDS.toNanos(4);

  private final A address;
  private final Member self;
  private final Post<A> post;
  private final Consumer<List<Member>> onChange;
  private final LinkedBlockingQueue<Runnable> notes = new LinkedBlockingQueue<>(MAX_NOTES);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread;

  private volatile Roster<A> roster = new Roster<>(List.of(), java.util.Map.of());
  private volatile List<Member> members = List.of();
  // Owned by the thread:
  private final Set<A> complained = new HashSet<>();
  private boolean settled;
  private long askNanos = FIRST_ASK_NANOS;
  private long nextAsk;

  Room(A address, Member self, Post<A> post, Consumer<List<Member>> onChange) {
    this.address = address;
    this.self = self;
    this.post = post;
    this.onChange = onChange;
    thread = Thread.ofPlatform().daemon().name("member-room").start(this::run);
  }

  List<Member> members() {
    return members;
  }

  Roster<A> roster() {
    return roster;
  }

  /** Called on the group's threads; never blocks. */
  void viewed(List<A> view) {
    note(() -> onView(view));
  }

  /** Called on the group's threads; never blocks. */
  void received(A from, byte[] bytes) {
    note(() -> onMessage(from, bytes));
  }

  /** This node's id is its own: from now on it is listed. */
  void settle() {
    note(() -> {
      settled = true;
      send(null, word().encode());
      update(roster.with(address, word()));
    });
  }

  /** Waits until the roster is as wanted; false if it is not by then. */
  boolean await(Predicate<Roster<A>> wanted, long millis) throws InterruptedException {
    long left = TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      while (!wanted.test(roster)) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void note(Runnable note) {
    if (!notes.offer(note)) {
      LOG.log(Level.DEBUG, "too many membership messages at once; one was dropped");
    }
  }

  private void run() {
    try {
      while (true) {
        boolean curious = !roster.unsettled().stream().allMatch(address::equals);
        Runnable note =
            curious ? notes.poll(nextAsk - System.nanoTime(), TimeUnit.NANOSECONDS) : notes.take();
        if (note != null) {
          note.run();
        } else {
          ask();
        }
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private void onView(List<A> view) {
    complained.retainAll(view);
    update(roster.withView(view).with(address, word()));
    askNanos = FIRST_ASK_NANOS;
    ask();
  }

  private void onMessage(A from, byte[] bytes) {
    if (from.equals(address)) {
      return;
    }
    if (bytes.length == 1 && bytes[0] == ASK[0]) {
      send(from, word().encode());
      return;
    }
    try {
      Announcement announcement = Announcement.decode(bytes);
      if (announcement.settled() && announcement.member().id().equals(self.id()) && settled) {
        complain(from, "node " + announcement.member().name() + " has this node's id " + self.id());
      }
      update(roster.with(from, announcement));
    } catch (MembershipException e) {
      complain(from, e.getMessage());
    }
  }

  private void complain(A from, @Nullable String problem) {
    if (roster.view().contains(from) && complained.add(from)) {
      LOG.log(Level.WARNING, "ignored what " + from + " says of itself: " + problem);
    }
  }

  private void ask() {
    for (A silent : roster.unsettled()) {
      if (!silent.equals(address)) {
        send(silent, ASK);
      }
    }
    nextAsk = System.nanoTime() + askNanos;
    askNanos = Math.min(2 * askNanos, LAST_ASK_NANOS);
  }

  private Announcement word() {
    return new Announcement(self, settled);
  }

  private void send(@Nullable A to, byte[] bytes) {
    try {
      post.send(to, bytes);
    } catch (Exception e) {
      // The group's view will tell whether the other is gone; if not, it is asked again.
      LOG.log(Level.DEBUG, "cannot send to " + to, e);
    }
  }

  private void update(Roster<A> next) {
    List<Member> now = settled ? next.members() : members;
    boolean different = !now.equals(members);
    lock.lock();
    try {
      roster = next;
      members = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (different) {
      onChange.accept(now);
    }
  }
}
