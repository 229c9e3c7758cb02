package dev.skein.member;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A node's word about itself. On the wire: kind (1 byte), settled (1), id, name, host, port (2
 * bytes), number of facts (1), then key and value of each; a text is its length in UTF-8 bytes (2)
 * and the bytes.
 *
 * @param settled false while the node still asks whether its id is free
 */
record Announcement(Member member, boolean settled) {
  static final int MAX_BYTES = 48 * 1024;
  static final byte KIND = 2;

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(KIND);
      out.writeBoolean(settled);
      write(out, member.id());
      write(out, member.name());
      write(out, member.host());
      out.writeShort(member.port());
      out.writeByte(member.facts().size());
      for (Map.Entry<String, String> fact : member.facts().entrySet()) {
        write(out, fact.getKey());
        write(out, fact.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (bytes.size() > MAX_BYTES) {
      throw new MembershipException(
          "the facts about node %s take %d bytes, more than %d; shorten them"
              .formatted(member.name(), bytes.size(), MAX_BYTES));
    }
    return bytes.toByteArray();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws MembershipException if the bytes are anything else
   */
  static Announcement decode(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new MembershipException("announcement of " + bytes.length + " bytes is too long");
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readByte() != KIND) {
        throw new MembershipException("unknown kind of announcement");
      }
      int settled = in.readUnsignedByte();
      String id = read(in);
      String name = read(in);
      String host = read(in);
      int port = in.readUnsignedShort();
      int count = in.readUnsignedByte();
      Map<String, String> facts = new LinkedHashMap<>();
      for (int i = 0; i < count; i++) {
        facts.put(read(in), read(in));
      }
      if (settled > 1 || facts.size() != count || in.available() > 0) {
        throw new MembershipException("announcement of node " + Member.shown(name) + " is garbled");
      }
      return new Announcement(new Member(id, name, host, port, facts), settled == 1);
    } catch (IOException e) {
      throw new MembershipException("announcement of " + bytes.length + " bytes is cut short", e);
    }
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeShort(utf8.length);
    out.write(utf8);
  }

  private static String read(DataInputStream in) throws IOException {
    int length = in.readUnsignedShort();
    if (length > in.available()) {
      throw new IOException("text of " + length + " bytes runs past the end");
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(in.readNBytes(length)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new MembershipException("announcement holds a text that is not UTF-8", e);
    }
  }
}
