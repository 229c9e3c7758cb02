package dev.skein.engine;

/**
 * How a session runs.
 *
 * @param threads threads that share one operator's work; 1 means the caller's thread does it all
 * @param optimization how far the model may be rewritten when it is opened
 * @param branchThreads threads among which ONNX Runtime itself spreads operators that do not depend
 *     on each other; 1 means that operators run one after the other
 */
public record SessionOptions(int threads, Optimization optimization, int branchThreads) {
  private static final int MAX_THREADS = 1024;

  public SessionOptions {
    requireThreads("threads", threads);
    requireThreads("branchThreads", branchThreads);
  }

  public SessionOptions(int threads, Optimization optimization) {
    this(threads, optimization, 1);
  }

  private static void requireThreads(String what, int count) {
    if (count < 1 || count > MAX_THREADS) {
      throw new EngineException(
          what + " is " + count + ", but must be between 1 and " + MAX_THREADS);
    }
  }

  /** One thread, all optimisations. */
  public static SessionOptions defaults() {
    return new SessionOptions(1, Optimization.ALL);
  }

  public SessionOptions withThreads(int count) {
    return new SessionOptions(count, optimization, branchThreads);
  }

  public SessionOptions withBranchThreads(int count) {
    return new SessionOptions(threads, optimization, count);
  }

  public SessionOptions with(Optimization other) {
    return new SessionOptions(threads, other, branchThreads);
  }
}
