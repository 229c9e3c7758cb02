package dev.skein.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.FileHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * Where log lines go: to the file named by {@code SKEIN_LOG}, or nowhere. A terminal shows answers
 * and errors, not what libraries think of the network.
 */
final class Logging {
  private static final int MAX_BYTES = 4 << 20;

  private Logging() {}

  static void toFileOnly() {
    LogManager.getLogManager().reset();
    String file = System.getenv("SKEIN_LOG");
    if (file == null || file.isBlank()) {
      return;
    }
    try {
      Path path = Path.of(file).toAbsolutePath();
      Files.createDirectories(path.getParent());
      Handler handler = new FileHandler(path + ".%u", MAX_BYTES, 1, true);
      handler.setFormatter(new SimpleFormatter());
      handler.setLevel(Level.INFO);
      Logger.getLogger("").addHandler(handler);
    } catch (IOException e) {
      System.err.println("skein: cannot log to SKEIN_LOG=" + file + ": " + e.getMessage());
    }
  }
}
