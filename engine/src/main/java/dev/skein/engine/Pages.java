package dev.skein.engine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the system is told about memory that is not needed for now. Does nothing but on Linux. */
final class Pages {
  // Numbers of Linux's own.
  private static final int WILL_NEED = 3;
  private static final int DO_NOT_NEED = 4;
  // Since Linux 5.14; refused before.
  private static final int POPULATE_WRITE = 23;
  private static final long LARGEST = 64 << 10;
  private static final @Nullable MethodHandle ADVISE = find();
  static final long SIZE = size();

  private Pages() {}

  static long roundUp(long bytes) {
    return Math.ceilDiv(bytes, SIZE) * SIZE;
  }

  /**
   * Takes the physical memory away from the whole pages in a range. Heap memory holds zeros
   * afterwards; a mapped file is read again when it is touched.
   */
  static void release(MemorySegment range) {
    long start = roundUp(range.address());
    long end = (range.address() + range.byteSize()) / SIZE * SIZE;
    advise(start, end - start, DO_NOT_NEED);
  }

  /** Has a mapped file's range read from disk in the background, into nobody's memory yet. */
  static void fetch(MemorySegment range) {
    long start = range.address() / SIZE * SIZE;
    advise(start, range.address() + range.byteSize() - start, WILL_NEED);
  }

  /**
   * Gives heap memory that was released physical pages at once, which takes less time than one by
   * one when they are touched.
   */
  static void bring(MemorySegment range) {
    advise(range.address(), range.byteSize(), POPULATE_WRITE);
  }

  private static void advise(long address, long bytes, int advice) {
    if (ADVISE == null || bytes <= 0) {
      return;
    }
    try {
      // It is advice: that it cannot be followed is no failure.
      int ignored = (int) ADVISE.invokeExact(MemorySegment.ofAddress(address), bytes, advice);
    } catch (Throwable e) {
      throw new IllegalStateException("madvise failed", e);
    }
  }

  private static @Nullable MethodHandle find() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")
        ? function(
            "madvise",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT))
        : null;
  }

  private static long size() {
    MethodHandle size = function("getpagesize", FunctionDescriptor.of(ValueLayout.JAVA_INT));
    try {
      return size == null ? LARGEST : (int) size.invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException("getpagesize failed", e);
    }
  }

  // Signatures are those of the C library's manual; ONNX Runtime needs native access anyway.
  @SuppressWarnings("restricted")
  private static @Nullable MethodHandle function(String name, FunctionDescriptor signature) {
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find(name)
        .map(address -> linker.downcallHandle(address, signature))
        .orElse(null);
  }
}
