package dev.skein.member;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which of this machine's addresses a node listens on. */
public final class BindAddress {
  private BindAddress() {}

  /**
   * @param bind an address or host name, or {@code auto}
   * @throws MembershipException if it is not one of this machine's
   */
  public static InetAddress of(String bind) {
    try {
      if (bind.equals("auto")) {
        return routed().or(BindAddress::local).orElseGet(InetAddress::getLoopbackAddress);
      }
      InetAddress address = InetAddress.getByName(bind);
      if (address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) == null) {
        throw notOurs(bind);
      }
      return address;
    } catch (UnknownHostException e) {
      throw notOurs(bind);
    } catch (SocketException e) {
      throw new MembershipException("cannot list the network interfaces: " + e.getMessage(), e);
    }
  }

  /** The address from which the default route leaves; "connecting" a datagram sends nothing. */
  private static Optional<InetAddress> routed() {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress("198.51.100.1", 9));
      return Optional.of(socket.getLocalAddress()).filter(InetAddress::isSiteLocalAddress);
    } catch (IOException | java.io.UncheckedIOException e) {
      return Optional.empty();
    }
  }

  private static Optional<InetAddress> local() {
    return all().stream()
        .filter(a -> a instanceof Inet4Address && a.isSiteLocalAddress())
        .findFirst();
  }

  private static List<InetAddress> all() {
    try {
      List<InetAddress> addresses = new ArrayList<>();
      for (NetworkInterface nic : NetworkInterface.networkInterfaces().toList()) {
        if (nic.isUp()) {
          nic.inetAddresses().filter(a -> !a.isLinkLocalAddress()).forEach(addresses::add);
        }
      }
      return addresses;
    } catch (SocketException e) {
      return List.of();
    }
  }

  private static MembershipException notOurs(String bind) {
    List<String> ours = all().stream().map(InetAddress::getHostAddress).toList();
    return new MembershipException(
        "address '%s' is not one of this machine's; bind to auto or to one of %s"
            .formatted(Member.shown(bind), String.join(", ", ours)));
  }
}
