package dev.skein.onnx;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;

/** What happens to files: bytes change, go missing, come twice, lengths lie. */
record Damage(Random random) {
  byte[] to(byte[] file) {
    byte[] damaged = file.clone();
    for (int i = random.nextInt(3); i >= 0; i--) {
      damaged = once(damaged);
    }
    return damaged;
  }

  private byte[] once(byte[] file) {
    if (file.length < 2) {
      return file;
    }
    int at = random.nextInt(file.length);
    int size = Math.min(1 + random.nextInt(16), file.length - at);
    switch (random.nextInt(8)) {
      case 0 -> {
        return Arrays.copyOf(file, at);
      }
      case 1 -> file[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> file[at] = (byte) random.nextInt(256);
      case 3 -> file[at] += (byte) (random.nextBoolean() ? 1 : -1);
      case 4 -> {
        // A huge varint where a length or a number may stand.
        byte[] huge = new byte[1 + random.nextInt(10)];
        Arrays.fill(huge, (byte) 0xff);
        huge[huge.length - 1] = (byte) random.nextInt(128);
        return splice(file, at, random.nextBoolean() ? huge.length : 1, huge);
      }
      case 5 -> {
        return splice(file, at, size, new byte[0]);
      }
      case 6 -> {
        return splice(file, at, 0, Arrays.copyOfRange(file, at, at + size));
      }
      default -> {
        int other = random.nextInt(file.length - size + 1);
        return splice(file, other, size, Arrays.copyOfRange(file, at, at + size));
      }
    }
    return file;
  }

  private static byte[] splice(byte[] file, int at, int removed, byte[] added) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(file.length + added.length);
    out.write(file, 0, at);
    out.writeBytes(added);
    int from = Math.min(file.length, at + removed);
    out.write(file, from, file.length - from);
    return out.toByteArray();
  }
}
