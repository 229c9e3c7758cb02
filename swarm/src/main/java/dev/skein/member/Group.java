package dev.skein.member;

import java.net.BindException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.protocols.TCPPING;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.Responses;
import org.jgroups.util.UUID;
import org.jspecify.annotations.Nullable;

/** A JGroups channel: views and small messages; every wait has an end. */
final class Group implements AutoCloseable {
  private static final int FIRST_MILLIS = 10;
  private static final int ALONE_MILLIS = 400;
  private static final int INVITED_MILLIS = 2000;
  private static final int CONNECT_SECONDS = 20;
  private static final int CLOSE_SECONDS = 5;

  static {
    JGroupsLog.install();
  }

  private final Address address = UUID.randomUUID();
  private final MemberOptions options;
  private final JChannel channel;
  private final TCPPING ping;

  private Group(MemberOptions options, JChannel channel, TCPPING ping) {
    this.options = options;
    this.channel = channel;
    this.ping = ping;
  }

  /**
   * @param name of this node, for logs
   */
  static Group create(MemberOptions options, InetAddress bind, Seeds seeds, String name) {
    try {
      TCPPING ping = Stack.ping(seeds.resolved());
      JChannel channel = new JChannel(Stack.of(options, bind, ping, patience(options, seeds)));
      channel.setName(name);
      return new Group(options, channel, ping);
    } catch (Exception e) {
      throw failure(options, e);
    }
  }

  private static int patience(MemberOptions options, Seeds seeds) {
    if (seeds.mustFindOthers()) {
      return INVITED_MILLIS;
    }
    return options.multicast() || seeds.self() ? ALONE_MILLIS : FIRST_MILLIS;
  }

  Address address() {
    return address;
  }

  /** Both are called on JGroups' threads and must not block. */
  void connect(Consumer<List<Address>> onView, BiConsumer<Address, byte[]> onMessage)
      throws InterruptedException {
    channel.addAddressGenerator(() -> address);
    channel.setReceiver(
        new Receiver() {
          @Override
          public void viewAccepted(View view) {
            onView.accept(view.getMembers());
          }

          @Override
          public void receive(Message message) {
            if (message.getLength() <= Announcement.MAX_BYTES && message.hasArray()) {
              int start = message.getOffset();
              byte[] bytes =
                  Arrays.copyOfRange(message.getArray(), start, start + message.getLength());
              onMessage.accept(message.getSrc(), bytes);
            }
          }
        });
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("member-connect")
        .start(() -> {
          try {
            channel.connect(options.swarm());
            done.complete(true);
          } catch (Exception e) {
            done.completeExceptionally(e);
          }
        });
    try {
      done.get(CONNECT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw failure(options, e);
    } catch (TimeoutException e) {
      throw new MembershipException(
          "swarm %s did not let this node in within %d s; is the network between them sound?"
              .formatted(options.swarm(), CONNECT_SECONDS),
          e);
    }
  }

  /** Whether any node of the swarm answers at the seeds, in the same group or not. */
  boolean hearsOthers() {
    Responses responses = ping.findMembers(null, false, true, 0);
    responses.waitFor(INVITED_MILLIS);
    responses.done();
    return !responses.isEmpty();
  }

  /** To one, or to all if {@code to} is null; may be lost, may come late. */
  void send(@Nullable Address to, byte[] bytes) throws Exception {
    // Whoever needs an answer asks again; ordered delivery would wait for what was lost before.
    channel.send(
        new BytesMessage(to, bytes).setFlag(Message.Flag.OOB, Message.Flag.NO_RELIABILITY));
  }

  HostPort listening() {
    if (channel.down(new Event(Event.GET_PHYSICAL_ADDRESS, address)) instanceof IpAddress ip) {
      return new HostPort(ip.getIpAddress().getHostAddress(), ip.getPort());
    }
    throw new MembershipException("this node has left swarm " + options.swarm());
  }

  /** Leaves; gives up waiting for the others after some seconds. */
  @Override
  public void close() {
    CountDownLatch closed = new CountDownLatch(1);
    Thread.ofVirtual()
        .name("member-close")
        .start(() -> {
          channel.close();
          closed.countDown();
        });
    try {
      if (!closed.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        System.getLogger(Group.class.getName())
            .log(System.Logger.Level.DEBUG, "still waiting for JGroups to close");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static MembershipException failure(MemberOptions options, Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      if (root instanceof BindException) {
        break;
      }
      root = root.getCause();
    }
    if (root instanceof BindException) {
      return new MembershipException(
          options.port() == 0
              ? "all ports from %d to %d are taken; free one or name another with --port"
                  .formatted(MemberOptions.FIRST_PORT, MemberOptions.LAST_PORT)
              : "port %d is taken; stop what listens there or use another --port"
                  .formatted(options.port()),
          thrown);
    }
    String hint = options.multicast() ? "; try without multicast" : "";
    return new MembershipException(
        "cannot join swarm " + options.swarm() + ": " + root.getMessage() + hint, thrown);
  }
}
