package dev.skein.cli;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/** The doctor's checks of the network, from this machine's side. */
final class NetworkChecks {
  private static final int FIRST_PORT = 7700;
  private static final int PORTS = 16;

  /** Any group of the administrative scope will do; this one is not the swarm's. */
  private static final String GROUP = "239.83.75.68";

  private static final int ECHO_MILLIS = 500;

  private NetworkChecks() {}

  /** Interfaces that are up, the loopback among them. */
  static List<NetworkInterface> interfaces() {
    try {
      List<NetworkInterface> up = new ArrayList<>();
      for (NetworkInterface one : NetworkInterface.networkInterfaces().toList()) {
        if (one.isUp()) {
          up.add(one);
        }
      }
      return up;
    } catch (SocketException e) {
      return List.of();
    }
  }

  /** Whether other machines can reach this one at all. */
  static Check addresses(List<NetworkInterface> interfaces) {
    List<String> addresses =
        interfaces.stream()
            .flatMap(one -> one.inetAddresses().map(address -> label(one, address)))
            .filter(text -> !text.isEmpty())
            .toList();
    return addresses.isEmpty()
        ? Check.warn(
            "network",
            "only the loopback",
            "a swarm on this machine works; to join others, connect it")
        : Check.ok("network", String.join(", ", addresses));
  }

  private static String label(NetworkInterface one, InetAddress address) {
    return address instanceof Inet4Address && !address.isLoopbackAddress()
        ? one.getName() + " " + address.getHostAddress()
        : "";
  }

  /** Which of these ports are free. */
  static Check ports(int first, int count) {
    List<Integer> taken =
        IntStream.range(first, first + count).filter(p -> !isFree(p)).boxed().toList();
    String range = first + " to " + (first + count - 1);
    if (taken.isEmpty()) {
      return Check.ok("ports", range + " are free");
    }
    String found = "taken of " + range + ": " + taken;
    return taken.size() < count
        ? Check.ok("ports", found + "; a node takes the first that is free")
        : Check.fail("ports", found, "stop what holds them, or give --port");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether a multicast datagram comes back to its sender, on each interface. */
  static Check multicast(List<NetworkInterface> interfaces) {
    List<String> works = new ArrayList<>();
    List<String> fails = new ArrayList<>();
    boolean beyond = false;
    for (NetworkInterface one : interfaces) {
      String why = whyNoEcho(one);
      if (why.isEmpty()) {
        works.add(one.getName());
        beyond |= !isLoopback(one);
      } else {
        fails.add(one.getName() + " (" + why + ")");
      }
    }
    String found =
        (works.isEmpty() ? "works nowhere" : "works on " + String.join(", ", works))
            + (fails.isEmpty() ? "" : "; not on " + String.join(", ", fails));
    return beyond
        ? Check.ok("multicast", found)
        : Check.warn(
            "multicast", found, "nodes do not find each other by themselves: use --join HOST:PORT");
  }

  private static boolean isLoopback(NetworkInterface one) {
    try {
      return one.isLoopback();
    } catch (SocketException e) {
      return false;
    }
  }

  private static String whyNoEcho(NetworkInterface one) {
    byte[] token = new byte[Long.BYTES];
    ByteBuffer.wrap(token).putLong(ThreadLocalRandom.current().nextLong());
    try (MulticastSocket socket = new MulticastSocket(0)) {
      if (!one.supportsMulticast()) {
        return "no multicast";
      }
      InetAddress group = InetAddress.getByName(GROUP);
      socket.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
      // The question is this machine's own doing: it need not leave it.
      socket.setTimeToLive(0);
      socket.setNetworkInterface(one);
      socket.joinGroup(new InetSocketAddress(group, socket.getLocalPort()), one);
      socket.setSoTimeout(ECHO_MILLIS);
      socket.send(new DatagramPacket(token, token.length, group, socket.getLocalPort()));
      DatagramPacket echo = new DatagramPacket(new byte[64], 64);
      socket.receive(echo);
      return Arrays.equals(Arrays.copyOf(echo.getData(), echo.getLength()), token)
          ? ""
          : "another's datagram";
    } catch (IOException e) {
      String message = e.getMessage();
      return message == null ? e.getClass().getSimpleName() : message;
    }
  }

  static List<Check> all() {
    List<NetworkInterface> interfaces = interfaces();
    return List.of(addresses(interfaces), ports(FIRST_PORT, PORTS), multicast(interfaces));
  }
}
