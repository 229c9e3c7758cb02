package dev.skein.engine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * The C library's heap. Opening a model frees several times its size on the way, and glibc keeps
 * what is freed: for MobileNetV2 more than half of the process's memory.
 */
final class NativeHeap {
  private static final @Nullable MethodHandle TRIM = find();

  private NativeHeap() {}

  /** Gives free memory back to the system, where the C library knows how to. */
  static void trim() {
    if (TRIM == null) {
      return;
    }
    try {
      int ignored = (int) TRIM.invokeExact(0L);
    } catch (Throwable e) {
      throw new IllegalStateException("malloc_trim failed", e);
    }
  }

  // The signature below is that of the C library's manual; ONNX Runtime needs native access anyway.
  @SuppressWarnings("restricted")
  private static @Nullable MethodHandle find() {
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find("malloc_trim")
        .map(trim ->
            linker.downcallHandle(
                trim, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)))
        .orElse(null);
  }
}
