package dev.skein.member;

import java.io.DataInput;
import java.io.IOException;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.EmptyMessage;
import org.jgroups.Message;
import org.jgroups.ObjectMessage;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.MPING;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.util.AsciiString;
import org.jgroups.util.Bits;
import org.jgroups.util.ByteArrayDataInputStream;
import org.jgroups.util.Digest;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.MutableDigest;
import org.jgroups.util.SeqnoList;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * TCP that bounds what a peer can make it allocate: a frame is read whole, up to {@link
 * #MAX_FRAME}, and only the kinds of message that Skein's protocols send are accepted. Stock TCP
 * ignores the frame's length and believes the lengths within, and would load classes by names it is
 * sent.
 */
final class BoundedTcp extends TCP {
  static final int MAX_FRAME = 256 * 1024;
  private static final int MIN_FRAME = 3;
  private static final int MIN_MESSAGE = 7;
  private static final short TCPPING_ID = ClassConfigurator.getProtocolId(TCPPING.class);
  private static final short MPING_ID = ClassConfigurator.getProtocolId(MPING.class);

  BoundedTcp() {
    // A blocked connect must not hold up the one timer thread: the pool runs its tasks.
    timer_handle_non_blocking_tasks = false;
    setMaxLength(MAX_FRAME);
  }

  @Override
  public void init() throws Exception {
    super.init();
    getDiagnosticsHandler().setEnabled(false); // else it listens for anybody's queries
  }

  @Override
  public String getName() {
    return "TCP";
  }

  @Override
  public void receive(Address sender, DataInput in, int length) throws Exception {
    if (length < MIN_FRAME || length > MAX_FRAME) {
      throw new IOException("frame of " + length + " bytes from " + sender);
    }
    byte[] frame = new byte[length];
    in.readFully(frame);
    receive(sender, frame, 0, length);
  }

  @Override
  protected void handleSingleMessage(DataInput in, boolean multicast) {
    try {
      Message message = read(in, null, null);
      if (multicast || !unicastDestMismatch(message.getDest())) {
        msg_processing_policy.process(message, message.isFlagSet(Message.Flag.OOB));
      }
    } catch (Exception e) {
      log.warn("dropped a message: %s", e.toString());
    }
  }

  @Override
  protected void handleMessageBatch(DataInput in, boolean multicast) {
    try {
      Address dest = Util.readAddress(in);
      Address source = Util.readAddress(in);
      int nameLength = in.readShort();
      AsciiString cluster = null;
      if (nameLength >= 0) {
        byte[] name = new byte[nameLength];
        in.readFully(name);
        cluster = new AsciiString(name);
      }
      int count = in.readInt();
      if (count < 0 || count > MAX_FRAME / MIN_MESSAGE) {
        throw new IOException("batch of " + count + " messages");
      }
      MessageBatch regular =
          new MessageBatch(dest, source, cluster, multicast, MessageBatch.Mode.REG, 16);
      MessageBatch urgent =
          new MessageBatch(dest, source, cluster, multicast, MessageBatch.Mode.OOB, 16);
      for (int i = 0; i < count; i++) {
        Message message = read(in, dest, source);
        (message.isFlagSet(Message.Flag.OOB) ? urgent : regular).add(message);
      }
      processBatch(urgent, true);
      processBatch(regular, false);
    } catch (Exception e) {
      log.warn("dropped a batch: %s", e.toString());
    }
  }

  private static Message read(DataInput in, @Nullable Address dest, @Nullable Address source)
      throws IOException, ClassNotFoundException {
    short type = in.readShort();
    Message message =
        switch (type) {
          case Message.EMPTY_MSG -> new EmptyMessage();
          case Message.BYTES_MSG -> new BoundedBytes();
          case Message.OBJ_MSG -> new BoundedObject();
          default -> throw new IOException("message of type " + type);
        };
    message.setDest(dest).setSrc(source);
    message.readFrom(in);
    if (type == Message.BYTES_MSG && message.hasArray() && isDiscovery(message)) {
      byte[] list = message.getArray();
      int entries =
          message.getLength() < Integer.BYTES ? 0 : Bits.readInt(list, message.getOffset());
      if (entries < 0 || entries > message.getLength()) { // an array is made of that length
        throw new IOException("discovery of " + entries + " nodes");
      }
    }
    return message;
  }

  private static boolean isDiscovery(Message message) {
    return message.getHeader(TCPPING_ID) != null || message.getHeader(MPING_ID) != null;
  }

  /** A length within a frame cannot be more than what is left of it. */
  private static int checked(DataInput in, long length) throws IOException {
    ByteArrayDataInputStream frame = (ByteArrayDataInputStream) in;
    if (length < 0 || length > frame.limit() - frame.position()) {
      throw new IOException("length " + length + " runs past the end of the frame");
    }
    return (int) length;
  }

  private static final class BoundedBytes extends BytesMessage {
    @Override
    public void readPayload(DataInput in) throws IOException {
      int length = in.readInt();
      if (length >= 0) {
        byte[] bytes = new byte[checked(in, length)];
        in.readFully(bytes);
        setArray(bytes);
      }
    }
  }

  private static final class BoundedObject extends ObjectMessage {
    private static final short DIGEST = ClassConfigurator.getMagicNumber(Digest.class);
    private static final short MUTABLE_DIGEST =
        ClassConfigurator.getMagicNumber(MutableDigest.class);
    private static final short SEQNOS = ClassConfigurator.getMagicNumber(SeqnoList.class);

    @Override
    public void readPayload(DataInput in) throws IOException, ClassNotFoundException {
      ByteArrayDataInputStream frame = (ByteArrayDataInputStream) in;
      int start = frame.position();
      if (in.readByte() != 0) {
        short magic = in.readShort();
        if (magic == SEQNOS) {
          checked(in, in.readInt() / 8L);
        } else if (magic != DIGEST && magic != MUTABLE_DIGEST) {
          throw new IOException("object of kind " + magic);
        }
      }
      frame.position(start);
      super.readPayload(in);
    }
  }
}
