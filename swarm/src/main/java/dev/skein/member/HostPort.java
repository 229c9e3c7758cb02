package dev.skein.member;

/** A host name or address, and a TCP port (1 to 65535). */
public record HostPort(String host, int port) {
  public HostPort {
    if (host.isBlank() || host.length() > Member.MAX_HOST || port < 1 || port > 65535) {
      throw new MembershipException(
          "'" + host + ":" + port + "' is not an address; write HOST:PORT");
    }
  }

  /**
   * Reads {@code HOST:PORT}, or {@code [ADDRESS]:PORT} for IPv6.
   *
   * @throws MembershipException if the text is neither
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon).strip();
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (colon < 0 || host.indexOf(':') >= 0) {
      throw malformed(text);
    }
    try {
      return new HostPort(host, Integer.parseInt(text.substring(colon + 1).strip()));
    } catch (NumberFormatException e) {
      throw malformed(text);
    }
  }

  private static MembershipException malformed(String text) {
    return new MembershipException(
        "'" + text + "' is not an address; write HOST:PORT, for example 192.168.1.10:7700");
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
