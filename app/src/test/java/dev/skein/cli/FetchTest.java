package dev.skein.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.skein.input.Catalogue.Download;
import dev.skein.input.Catalogue.Item;
import dev.skein.input.InputException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class FetchTest {
  private static final Duration PATIENCE = Duration.ofMillis(1500);

  @TempDir private Path root;

  private final byte[] content = new byte[300_000];
  private final List<String> ranges = new CopyOnWriteArrayList<>();
  private final AtomicLong arrived = new AtomicLong();
  private HttpServer server;
  private String address;

  @BeforeEach
  void start() throws IOException {
    new Random(1).nextBytes(content);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    address = "http://127.0.0.1:" + server.getAddress().getPort() + "/file";
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void wholeFileArrivesInPlace() throws Exception {
    serve(this::whole);

    Path file = fetch(item());

    assertThat(file).isEqualTo(root.resolve("data/deep/file.bin")).hasBinaryContent(content);
    assertThat(arrived).hasValue(content.length);
    assertNothingElseIn(file.getParent());
  }

  @Test
  void aBrokenConnectionIsTakenUpWhereItBroke() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    serve(exchange -> {
      int from = from(exchange);
      // Two promises that are not kept, then one that is.
      int sent = requests.incrementAndGet() < 3 ? 100_000 : content.length - from;
      respond(exchange, from, from + sent);
    });

    assertThat(fetch(item())).hasBinaryContent(content);
    assertThat(ranges).containsExactly("", "bytes=100000-", "bytes=200000-");
  }

  @Test
  void anEarlierRunsPartIsUsed() throws Exception {
    serve(exchange -> respond(exchange, from(exchange), content.length));
    Path part = Files.createDirectories(root.resolve("data/deep")).resolve("file.bin.part");
    Files.write(part, Arrays.copyOf(content, 299_000));

    assertThat(fetch(item())).hasBinaryContent(content);
    assertThat(ranges).containsExactly("bytes=299000-");
  }

  @Test
  void aServerWithoutRangesStartsOver() throws Exception {
    serve(this::whole);
    Path part = Files.createDirectories(root.resolve("data/deep")).resolve("file.bin.part");
    Files.write(part, new byte[200]);

    assertThat(fetch(item())).hasBinaryContent(content);
  }

  @Test
  void aCompletePartNeedsNoMoreBytes() throws Exception {
    serve(exchange -> {
      ranges.add(exchange.getRequestHeaders().getFirst("Range"));
      exchange.sendResponseHeaders(416, -1);
      exchange.close();
    });
    Path part = Files.createDirectories(root.resolve("data/deep")).resolve("file.bin.part");
    Files.write(part, content);

    assertThat(fetch(item())).hasBinaryContent(content);
    assertThat(ranges).containsExactly("bytes=300000-");
  }

  @Test
  void otherBytesAreRefusedAndNotKept() throws Exception {
    byte[] right = content.clone();
    Item item = item();
    content[1234] ^= 1;
    serve(this::whole);

    assertThatThrownBy(() -> fetch(item))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(address)
        .hasMessageContaining("other bytes");
    assertThat(root.resolve("data/deep/file.bin")).doesNotExist();

    System.arraycopy(right, 0, content, 0, right.length);
    assertThat(fetch(item)).hasBinaryContent(right);
  }

  @Test
  void aServerThatSendsMoreThanStatedIsCutOff() throws Exception {
    Item item = new Item("data/f", 1000, sha(content), new Download(address, null, null, null));
    serve(this::whole);

    assertThatThrownBy(() -> fetch(item)).hasMessageContaining("more than the 1000 bytes");
    assertThat(root.resolve("data/f")).doesNotExist();
    assertThat(Files.size(root.resolve("data/f.part"))).isZero();
  }

  @Test
  void aServerThatFallsSilentIsGivenUpInTheEnd() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    serve(exchange -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, 10);
      exchange.getResponseBody().flush();
      await(over);
      exchange.close();
    });
    try {
      assertThatThrownBy(() -> fetch(item(), Duration.ofMillis(200)))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("silent");
    } finally {
      over.countDown();
    }
  }

  @Test
  void whatIsNotThereIsAskedForOnce() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    serve(exchange -> {
      requests.incrementAndGet();
      exchange.sendResponseHeaders(404, -1);
      exchange.close();
    });

    assertThatThrownBy(() -> fetch(item()))
        .hasMessageContaining("404")
        .hasMessageContaining("put the file at");
    assertThat(requests).hasValue(1);
  }

  @Test
  void aServerInTroubleIsAskedAgain() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    serve(exchange -> {
      if (requests.incrementAndGet() < 3) {
        exchange.sendResponseHeaders(503, -1);
        exchange.close();
      } else {
        whole(exchange);
      }
    });

    assertThat(fetch(item())).hasBinaryContent(content);
  }

  @Test
  void noServerIsToldInOneLine() {
    server.stop(0);

    assertThatThrownBy(() -> fetch(item()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no connection")
        .message()
        .doesNotContain("\n");
  }

  @Test
  void theFirstLineIsDroppedWhereTheCatalogueSaysSo() throws Exception {
    byte[] lines = "background\ntench\ngoldfish\n".getBytes(StandardCharsets.UTF_8);
    byte[] wanted = "tench\ngoldfish\n".getBytes(StandardCharsets.UTF_8);
    serve(exchange -> {
      exchange.sendResponseHeaders(200, lines.length);
      exchange.getResponseBody().write(lines);
      exchange.close();
    });
    Item item =
        new Item(
            "data/labels.txt",
            wanted.length,
            sha(wanted),
            new Download(address, null, null, "drop-first-line"));

    assertThat(fetch(item)).hasBinaryContent(wanted);
  }

  @Test
  void anotherPackingOfTheSameContentIsAccepted() throws Exception {
    serve(this::whole);
    Item item =
        new Item(
            "data/images.gz",
            77,
            "0".repeat(64),
            new Download(address, (long) content.length, sha(content), null));

    assertThat(fetch(item)).hasBinaryContent(content);
  }

  @Test
  void twoFetchesOfOneFileDoNotMix() throws Exception {
    serve(this::whole);
    Path part = Files.createDirectories(root.resolve("data/deep")).resolve("file.bin.part");
    try (FileChannel other =
            FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var lock = other.lock()) {
      assertThat(lock.isValid()).isTrue();
      assertThatThrownBy(() -> fetch(item())).hasMessageContaining("another skein");
    }
    assertThat(fetch(item())).hasBinaryContent(content);
  }

  private void serve(HttpHandler handler) {
    server.createContext("/file", handler);
  }

  private void whole(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, content.length);
    exchange.getResponseBody().write(content);
    exchange.close();
  }

  private int from(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(range == null ? "" : range);
    return range == null ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
  }

  /** Promises everything from {@code from} on and sends what is before {@code to}. */
  private void respond(HttpExchange exchange, int from, int to) throws IOException {
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
    exchange.getResponseBody().write(content, from, to - from);
    exchange.getResponseBody().flush();
    exchange.close();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Item item() {
    return new Item(
        "data/deep/file.bin",
        content.length,
        sha(content),
        new Download(address, null, null, null));
  }

  private Path fetch(Item item) {
    return fetch(item, PATIENCE);
  }

  private Path fetch(Item item, Duration patience) {
    try (Fetch fetch = new Fetch(patience)) {
      return fetch.fetch(item, root, arrived::set);
    }
  }

  private static void assertNothingElseIn(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  private static String sha(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
