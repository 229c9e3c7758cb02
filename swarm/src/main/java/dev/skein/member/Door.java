package dev.skein.member;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jgroups.blocks.cs.Connection;
import org.jgroups.util.DefaultSocketFactory;

/**
 * Lets a connection in only when its greeting is read whole and has the right form. Stock TCP reads
 * greetings one after the other, so that a stranger who says nothing keeps everybody else waiting.
 */
final class Door extends ServerSocket {
  private static final int MAX_WAITING = 64;
  private static final int PATIENCE_MILLIS = 1000;
  private static final int PAUSE_MILLIS = 250;
  private static final int PREFIX_BYTES = Connection.cookie.length + 2 * Short.BYTES;
  private static final int MAX_ADDRESS_BYTES = 32;

  private final LinkedBlockingQueue<Visitor> greeted = new LinkedBlockingQueue<>(MAX_WAITING);
  private final Semaphore waiting = new Semaphore(MAX_WAITING);

  private Door() throws IOException {}

  /** For the transport's one server socket. */
  static final class Factory extends DefaultSocketFactory {
    @Override
    public ServerSocket createServerSocket(String service) throws IOException {
      return new Door();
    }
  }

  @Override
  public void bind(SocketAddress endpoint, int backlog) throws IOException {
    super.bind(endpoint, backlog);
    Thread.ofPlatform().daemon().name("member-door").start(this::admit);
  }

  @Override
  public Socket accept() throws IOException {
    try {
      return greeted.take(); // whoever closes this interrupts the one who waits
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SocketException("interrupted");
    }
  }

  private void admit() {
    while (!isClosed()) {
      Visitor visitor = new Visitor();
      try {
        implAccept(visitor);
        if (waiting.tryAcquire()) {
          Thread.ofPlatform().daemon().name("member-greeting").start(() -> greet(visitor));
        } else {
          visitor.close();
        }
      } catch (IOException e) {
        pause(); // out of file descriptors, perhaps; or closed
      }
    }
  }

  private void greet(Visitor visitor) {
    boolean welcome = false;
    try {
      welcome = visitor.hear() && greeted.offer(visitor) && !isClosed();
    } catch (IOException e) {
      // not one of ours
    } finally {
      waiting.release();
      if (!welcome) {
        visitor.closeQuietly();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A socket whose greeting has been read and is there to be read again. */
  private static final class Visitor extends Socket {
    private byte[] greeting = {};

    /** Whether the peer says, in time: cookie, version, length of its address, address. */
    boolean hear() throws IOException {
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
      byte[] prefix = read(PREFIX_BYTES, deadline);
      if (!Arrays.equals(
          prefix, 0, Connection.cookie.length, Connection.cookie, 0, Connection.cookie.length)) {
        return false;
      }
      int length = ByteBuffer.wrap(prefix).getShort(PREFIX_BYTES - Short.BYTES);
      if (length < 1 || length > MAX_ADDRESS_BYTES) {
        return false;
      }
      byte[] address = read(length, deadline);
      setSoTimeout(0);
      greeting = ByteBuffer.allocate(prefix.length + length).put(prefix).put(address).array();
      return true;
    }

    private byte[] read(int length, long deadline) throws IOException {
      byte[] bytes = new byte[length];
      InputStream in = super.getInputStream();
      for (int done = 0; done < length; ) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        setSoTimeout((int) Math.max(1, left));
        int count = left <= 0 ? -1 : in.read(bytes, done, length - done);
        if (count < 0) {
          throw new IOException("no greeting in time");
        }
        done += count;
      }
      return bytes;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new SequenceInputStream(new ByteArrayInputStream(greeting), super.getInputStream());
    }

    void closeQuietly() {
      try {
        close();
      } catch (IOException e) {
        // gone either way
      }
    }
  }
}
