package dev.skein.engine;

/**
 * How a session runs.
 *
 * @param threads threads that share one operator's work; 1 means the caller's thread does it all
 * @param optimization how far the model may be rewritten when it is opened
 */
public record SessionOptions(int threads, Optimization optimization) {
  private static final int MAX_THREADS = 1024;

  public SessionOptions {
    if (threads < 1 || threads > MAX_THREADS) {
      throw new EngineException(
          "threads is " + threads + ", but must be between 1 and " + MAX_THREADS);
    }
  }

  /** One thread, all optimisations. */
  public static SessionOptions defaults() {
    return new SessionOptions(1, Optimization.ALL);
  }

  public SessionOptions withThreads(int count) {
    return new SessionOptions(count, optimization);
  }

  public SessionOptions with(Optimization other) {
    return new SessionOptions(threads, other);
  }
}
