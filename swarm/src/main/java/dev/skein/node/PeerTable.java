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
  private volatile boolean closed;

  PeerTable(Link link) {
    this.link = link;
  }

  Peer at(Endpoint endpoint) {
    Peer peer = peers.computeIfAbsent(endpoint, unknown -> Peer.connect(unknown, link));
    if (closed) {
      close(endpoint);
      throw new NodeException("this node is closed");
    }
    return peer;
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
    closed = true;
    List.copyOf(peers.keySet()).forEach(this::close);
  }
}
