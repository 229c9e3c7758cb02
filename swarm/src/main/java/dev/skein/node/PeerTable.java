package dev.skein.node;

import dev.skein.wire.Endpoint;
import dev.skein.wire.Link;
import dev.skein.wire.Peer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Connections to other nodes, opened when first needed and closed when their node leaves. */
final class PeerTable implements AutoCloseable {
  private final Link link;
  private final Map<Endpoint, Peer> peers = new ConcurrentHashMap<>();

  PeerTable(Link link) {
    this.link = link;
  }

  Peer at(Endpoint endpoint) {
    return peers.computeIfAbsent(endpoint, unknown -> Peer.connect(unknown, link));
  }

  /** Calls under way to that endpoint fail at once. */
  void close(Endpoint endpoint) {
    Peer peer = peers.remove(endpoint);
    if (peer != null) {
      peer.close();
    }
  }

  @Override
  public void close() {
    List.copyOf(peers.keySet()).forEach(this::close);
  }
}
