package dev.skein.cli;

import dev.skein.input.CacheFolder;
import dev.skein.input.Catalogue.Download;
import dev.skein.input.Catalogue.Item;
import dev.skein.input.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Fetches one file of the catalogue over HTTP into a folder: goes on where an earlier try stopped,
 * gives up on a silent server, takes no byte more than the catalogue states, and puts the file in
 * place only once its SHA-256 is right.
 */
final class Fetch implements AutoCloseable {
  private static final int TRIES = 4;
  private static final int BUFFER = 1 << 16;

  private final HttpClient client;
  private final Duration patience;

  /** The server says something that another try will not change. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  /**
   * @param patience how long a server may be silent
   */
  Fetch(Duration patience) {
    this.patience = patience;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(patience)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
  }

  /**
   * @param arrived told how many bytes have arrived so far
   * @return the file, under {@code root} at the item's path
   * @throws InputException if the file cannot be had, with the reason and the way out
   */
  Path fetch(Item item, Path root, LongConsumer arrived) {
    Download download = item.download();
    if (download == null) {
      throw new InputException(item.path() + " has no public origin");
    }
    Path target = root.resolve(item.path()).toAbsolutePath();
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try {
      Files.createDirectories(target.getParent());
      try (FileChannel channel =
          FileChannel.open(
              part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        lock(channel, part);
        receiveAll(URI.create(download.url()), channel, wireBytes(item, download), arrived);
        install(item, download, channel, part, target);
      }
      return target;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InputException("interrupted while fetching " + download.url(), e);
    } catch (IOException | UnresolvedAddressException e) {
      throw new InputException(
          "cannot fetch %s: %s; try again, or put the file at %s"
              .formatted(download.url(), reason(e), target),
          e);
    }
  }

  private static long wireBytes(Item item, Download download) {
    if (download.edit() != null) {
      // What is cut off is a line of text.
      return item.bytes() + BUFFER;
    }
    Long stated = download.bytes();
    return stated == null ? item.bytes() : stated;
  }

  /** The lock goes with the channel. */
  private static void lock(FileChannel channel, Path part) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // Another thread of this process: same answer.
    }
    throw new Refused("another skein is fetching " + part + " right now");
  }

  private void receiveAll(URI address, FileChannel channel, long limit, LongConsumer arrived)
      throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      long before = channel.size();
      try {
        receive(address, channel, limit, arrived);
        return;
      } catch (Refused | ConnectException e) {
        throw e;
      } catch (IOException e) {
        // A try that brought something is no failure as long as the next brings more.
        attempt = channel.size() > before ? 1 : attempt;
        if (attempt >= TRIES) {
          throw e;
        }
        Thread.sleep(patience.dividedBy(30).multipliedBy(attempt));
      }
    }
  }

  private void receive(URI address, FileChannel channel, long limit, LongConsumer arrived)
      throws IOException, InterruptedException {
    long have = channel.size();
    HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(patience);
    if (have > 0) {
      request.header("Range", "bytes=" + have + "-");
    }
    HttpResponse<InputStream> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    long from;
    try (InputStream body = response.body()) {
      from = startOfBody(response, have);
      if (from < 0) {
        return;
      }
      channel.truncate(from).position(from);
      copy(body, channel, limit, arrived);
    }
    long promised = response.headers().firstValueAsLong("Content-Length").orElse(-1);
    if (promised >= 0 && channel.size() - from < promised) {
      throw new IOException("the connection broke");
    }
  }

  /** Where the body belongs in the file; -1 if the file is complete and there is none. */
  private static long startOfBody(HttpResponse<?> response, long have) throws IOException {
    int status = response.statusCode();
    String range = response.headers().firstValue("Content-Range").orElse("");
    if (status == 200) {
      return 0;
    }
    if (status == 206 && range.startsWith("bytes " + have + "-")) {
      return have;
    }
    if (status == 416) {
      return -1;
    }
    if (status >= 500 || status == 429) {
      throw new IOException("the server answers " + status);
    }
    throw new Refused("the server answers " + status + " " + range);
  }

  private void copy(InputStream body, FileChannel channel, long limit, LongConsumer arrived)
      throws IOException {
    AtomicLong heard = new AtomicLong(System.nanoTime());
    AtomicBoolean silent = new AtomicBoolean();
    Thread watch = Thread.startVirtualThread(() -> closeWhenSilent(body, heard, silent));
    byte[] buffer = new byte[BUFFER];
    try {
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        heard.set(System.nanoTime());
        if (channel.position() + n > limit) {
          channel.truncate(0);
          throw new Refused("the server sends more than the " + limit + " bytes of this file");
        }
        for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n); bytes.hasRemaining(); ) {
          channel.write(bytes);
        }
        arrived.accept(channel.position());
      }
    } catch (Refused e) {
      throw e;
    } catch (IOException e) {
      throw silent.get() ? new IOException("the server fell silent", e) : e;
    } finally {
      watch.interrupt();
    }
    if (silent.get()) {
      throw new IOException("the server fell silent");
    }
  }

  /** The client has no deadline of its own for a body. */
  private void closeWhenSilent(InputStream body, AtomicLong heard, AtomicBoolean silent) {
    try {
      long left = patience.toNanos();
      while (left > 0) {
        Thread.sleep(Duration.ofNanos(left));
        left = heard.get() + patience.toNanos() - System.nanoTime();
      }
      silent.set(true);
      body.close();
    } catch (InterruptedException | IOException e) {
      // The body has been read, or is closed already.
    }
  }

  private static void install(
      Item item, Download download, FileChannel channel, Path part, Path target)
      throws IOException {
    if (download.edit() != null) {
      edit(download.edit(), channel);
    }
    channel.force(true);
    if (!item.matches(part)) {
      channel.truncate(0);
      throw new Refused("it has other bytes than the catalogue states");
    }
    CacheFolder.moveIntoPlace(part, target);
  }

  private static void edit(String edit, FileChannel channel) throws IOException {
    if (!edit.equals("drop-first-line")) {
      throw new Refused("unknown edit '" + edit + "' in the catalogue");
    }
    byte[] text = new byte[Math.toIntExact(channel.size())];
    ByteBuffer whole = ByteBuffer.wrap(text);
    while (whole.hasRemaining() && channel.read(whole, whole.position()) >= 0) {
      // Reads on.
    }
    int line = 0;
    while (line < text.length && text[line] != '\n') {
      line++;
    }
    int start = Math.min(line + 1, text.length);
    channel.truncate(0).position(0);
    for (ByteBuffer rest = ByteBuffer.wrap(text, start, text.length - start);
        rest.hasRemaining(); ) {
      channel.write(rest);
    }
  }

  private static String reason(Exception e) {
    return switch (e) {
      case HttpConnectTimeoutException timeout -> "no connection in time";
      case HttpTimeoutException timeout -> "no answer in time";
      case ConnectException noConnection -> "no connection (is this machine online?)";
      case UnresolvedAddressException unknown -> "the server's name is unknown";
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
