package dev.skein.member;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The nodes a newcomer was told to join. */
record Seeds(List<HostPort> named, List<InetSocketAddress> resolved, boolean self) {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(4);
  private static final int CONNECT_MILLIS = 1000;
  private static final int PAUSE_MILLIS = 200;

  /** Looks the names up; one that is unknown does not count as long as another answers. */
  static Seeds of(MemberOptions options, InetAddress bind) {
    List<InetSocketAddress> resolved = new ArrayList<>();
    boolean self = false;
    // Alone in the list and with no port of its own, "here:7700" means another node on this
    // machine.
    int port =
        options.port() == 0 && options.join().size() > 1
            ? MemberOptions.FIRST_PORT
            : options.port();
    for (HostPort seed : options.join()) {
      try {
        InetAddress address = InetAddress.getByName(seed.host());
        resolved.add(new InetSocketAddress(address, seed.port()));
        self |= address.equals(bind) && seed.port() == port;
      } catch (UnknownHostException e) {
        // Counts as a node that does not answer.
      }
    }
    return new Seeds(options.join(), List.copyOf(resolved), self);
  }

  /** Whether this node may not start a swarm of its own. */
  boolean mustFindOthers() {
    return !named.isEmpty() && !self;
  }

  /**
   * Returns when one of them accepts a connection.
   *
   * @throws MembershipException if none does in 4 s
   */
  void awaitAny() throws InterruptedException {
    CountDownLatch answered = new CountDownLatch(1);
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    List<Thread> probes =
        resolved.stream()
            .map(seed -> Thread.startVirtualThread(() -> probe(seed, deadline, answered)))
            .toList();
    try {
      for (Thread probe : probes) {
        while (probe.isAlive() && answered.getCount() > 0) {
          answered.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
      }
      if (answered.getCount() > 0) {
        throw new MembershipException(
            "no node answers at "
                + shown()
                + "; start that node first, or check its address and the network between");
      }
    } finally {
      probes.forEach(Thread::interrupt);
    }
  }

  String shown() {
    return named.stream().map(HostPort::toString).collect(Collectors.joining(", "));
  }

  private static void probe(InetSocketAddress seed, long deadline, CountDownLatch answered) {
    while (System.nanoTime() < deadline) {
      try (Socket socket = new Socket()) {
        socket.connect(seed, CONNECT_MILLIS);
        answered.countDown();
        return;
      } catch (IOException e) {
        try {
          Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException stop) {
          return;
        }
      }
    }
  }
}
