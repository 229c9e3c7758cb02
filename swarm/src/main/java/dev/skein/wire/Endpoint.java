package dev.skein.wire;

/** Where a node listens for its peers. */
public record Endpoint(String host, int port) {
  public Endpoint {
    if (host.isBlank() || host.length() > 255) {
      throw new IllegalArgumentException("host of " + host.length() + " characters is not usable");
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not in 1..65535");
    }
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
