package dev.skein.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far a long task has come, as a bar on standard error. It appears only once the task has taken
 * a while, and only if a person is looking: never with {@code --json}, in a pipe or a log. For one
 * thread.
 */
public final class Progress implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMillis(700);
  private static final int REDRAW_MILLIS = 200;

  private final String task;
  private final long total;
  private final boolean wanted;
  private final long started = System.nanoTime();
  private @Nullable ProgressBar bar;

  /**
   * @param total steps in all; 0 or less if nobody knows yet
   * @param json whether the command prints JSON
   */
  public Progress(String task, long total, boolean json) {
    this.task = task;
    this.total = total;
    this.wanted = !json && isTerminal();
  }

  /** Says that {@code done} steps of all are done. */
  public void reached(long done) {
    if (!wanted) {
      return;
    }
    if (bar == null && System.nanoTime() - started > PATIENCE.toNanos()) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(total)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(REDRAW_MILLIS)
              .setConsumer(new ConsoleProgressBarConsumer(System.err))
              .build();
    }
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }

  /** Whether standard error is a terminal: Java tells it only of the other two streams. */
  @SuppressWarnings("SystemConsoleNull") // JDK 25's built-in console is null without a terminal.
  private static boolean isTerminal() {
    try {
      String stderr = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return stderr.startsWith("/dev/pts/") || stderr.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      Console console = System.console();
      return console != null && console.isTerminal();
    }
  }
}
