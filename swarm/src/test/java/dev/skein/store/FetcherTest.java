package dev.skein.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skein.wire.BlobRef;
import dev.skein.wire.DeviceReport;
import dev.skein.wire.Endpoint;
import dev.skein.wire.Frame;
import dev.skein.wire.Link;
import dev.skein.wire.NodeService;
import dev.skein.wire.Peer;
import dev.skein.wire.PrepareRequest;
import dev.skein.wire.Prepared;
import dev.skein.wire.WireException;
import dev.skein.wire.WireServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class FetcherTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private BlobStore store;

  @BeforeEach
  void openStore() {
    store = BlobStore.open(directory, 1 << 30);
    open.add(store);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : open.reversed()) {
      closeable.close();
    }
  }

  /** A node that has blobs and nothing else. */
  private static final class Holder implements NodeService {
    final Map<String, MemorySegment> blobs = new ConcurrentHashMap<>();
    final AtomicInteger asked = new AtomicInteger();

    Holder with(BlobRef ref, byte[] content) {
      blobs.put(ref.sha256(), MemorySegment.ofArray(content));
      return this;
    }

    @Override
    public @Nullable MemorySegment blob(String sha256) {
      asked.incrementAndGet();
      return blobs.get(sha256);
    }

    @Override
    public DeviceReport describe() {
      throw new WireException("only holds blobs");
    }

    @Override
    public Prepared prepare(PrepareRequest request) {
      throw new WireException("only holds blobs");
    }

    @Override
    public void release(String deployment) {}

    @Override
    public void accept(Frame frame) {}
  }

  private int serve(NodeService service) {
    WireServer server = WireServer.start("127.0.0.1", 0, Link.NONE, service);
    open.add(server);
    return server.port();
  }

  private Peer peer(int port) {
    Peer peer = Peer.connect(new Endpoint("127.0.0.1", port), Link.NONE);
    open.add(peer);
    return peer;
  }

  /** A way to a server that is cut after so many bytes towards the client, and stays so. */
  private int cutAfter(int bytes, int port) throws IOException {
    ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    open.add(listener);
    Thread.startVirtualThread(() -> {
      while (!listener.isClosed()) {
        try {
          Socket near = listener.accept();
          Thread.startVirtualThread(() -> relay(listener, near, port, bytes));
        } catch (IOException e) {
          return; // Cut, or the test is over.
        }
      }
    });
    return listener.getLocalPort();
  }

  private static void relay(ServerSocket listener, Socket near, int port, int bytes) {
    try (near;
        Socket far = new Socket("127.0.0.1", port)) {
      Thread.startVirtualThread(() -> pump(near, far, Integer.MAX_VALUE));
      pump(far, near, bytes);
      listener.close();
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static void pump(Socket from, Socket to, int bytes) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[8192];
      int left = bytes;
      int read;
      while (left > 0 && (read = in.read(buffer, 0, Math.min(left, buffer.length))) > 0) {
        out.write(buffer, 0, read);
        left -= read;
      }
    } catch (IOException e) {
      // One of the two is gone, which is the point.
    }
  }

  @Test
  void manyBlobsComeFromWhoeverHasThem() {
    Holder one = new Holder();
    Holder two = new Holder();
    List<BlobRef> wanted = new ArrayList<>();
    long missing = 0;
    for (int i = 0; i < 12; i++) {
      byte[] content = BlobStoreTest.content(i, 50_000 + i * 10_000);
      BlobRef ref = BlobStoreTest.ref(content);
      wanted.add(ref);
      if (i == 0) {
        store.put(MemorySegment.ofArray(content));
      } else {
        (i % 2 == 0 ? one : two).with(ref, content);
        missing += content.length;
      }
    }
    List<Peer> peers = List.of(peer(serve(one)), peer(serve(two)));

    Fetched fetched = new Fetcher(store, () -> peers).fetch(wanted, SOON);

    assertThat(fetched.bytesFetched()).isEqualTo(missing);
    for (BlobRef ref : wanted) {
      assertThat(Digests.sha256(fetched.blobs().get(ref.sha256()))).isEqualTo(ref.sha256());
      assertThat(store.find(ref.sha256())).isNotNull();
    }
    assertThat(new Fetcher(store, List::of).fetch(wanted, SOON).bytesFetched()).isZero();
  }

  @Test
  void nextPeerContinuesWhereThePeerBeforeBrokeOff() throws Exception {
    byte[] content = BlobStoreTest.content(1, 4_000_000);
    BlobRef ref = BlobStoreTest.ref(content);
    Holder holder = new Holder().with(ref, content);
    int port = serve(holder);
    List<Peer> peers = List.of(peer(cutAfter(2_000_000, port)), peer(port));

    Fetched fetched = new Fetcher(store, () -> peers).fetch(List.of(ref), SOON);

    assertThat(fetched.blobs().get(ref.sha256()).mismatch(MemorySegment.ofArray(content)))
        .isEqualTo(-1);
    assertThat(holder.asked).hasValue(2);
    assertThat(fetched.bytesFetched()).as("nothing came twice").isEqualTo(content.length);
  }

  @Test
  void wrongContentIsRefusedAndFetchedElsewhere() {
    byte[] content = BlobStoreTest.content(2, 500_000);
    BlobRef ref = BlobStoreTest.ref(content);
    byte[] wrong = content.clone();
    wrong[499_999] ^= 4;
    int liar = serve(new Holder().with(ref, wrong));
    int shorter = serve(new Holder().with(ref, BlobStoreTest.content(2, 400_000)));
    int honest = serve(new Holder().with(ref, content));

    List<Peer> liars = List.of(peer(liar), peer(shorter));
    assertThatThrownBy(() -> new Fetcher(store, () -> liars).fetch(List.of(ref), SOON))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("127.0.0.1:" + liar)
        .hasMessageContaining("has the address")
        .hasMessageContaining("holds 400000 bytes");
    assertThat(store.find(ref.sha256())).isNull();

    List<Peer> all = List.of(peer(liar), peer(shorter), peer(honest));
    Fetched fetched = new Fetcher(store, () -> all).fetch(List.of(ref), SOON);
    assertThat(Digests.sha256(fetched.blobs().get(ref.sha256()))).isEqualTo(ref.sha256());
  }

  @Test
  void blobThatNobodyHasIsNamed() {
    int empty = serve(new Holder());
    BlobRef ref = BlobStoreTest.ref(BlobStoreTest.content(3, 10));
    List<Peer> peers = List.of(peer(empty));
    assertThatThrownBy(() -> new Fetcher(store, () -> peers).fetch(List.of(ref), SOON))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(ref.sha256().substring(0, 12))
        .hasMessageContaining("127.0.0.1:" + empty + ": does not hold this blob");
  }

  @Test
  void twoFetchesOfOneBlobTransferItOnce() throws Exception {
    byte[] content = BlobStoreTest.content(4, 2_000_000);
    BlobRef ref = BlobStoreTest.ref(content);
    List<Peer> peers = List.of(peer(serve(new Holder().with(ref, content))));
    Fetcher fetcher = new Fetcher(store, () -> peers);
    List<Long> fetched = new java.util.concurrent.CopyOnWriteArrayList<>();
    Runnable fetch = () -> fetched.add(fetcher.fetch(List.of(ref), SOON).bytesFetched());
    Thread one = Thread.startVirtualThread(fetch);
    Thread two = Thread.startVirtualThread(fetch);
    one.join();
    two.join();
    assertThat(fetched.stream().mapToLong(Long::longValue).sum()).isEqualTo(content.length);
  }
}
