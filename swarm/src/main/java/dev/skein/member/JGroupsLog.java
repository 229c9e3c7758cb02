package dev.skein.member;

import java.lang.System.Logger.Level;
import org.jgroups.logging.CustomLogFactory;
import org.jgroups.logging.Log;
import org.jspecify.annotations.Nullable;

/**
 * Sends what JGroups has to say to a {@link System.Logger}, two levels down: what it calls an error
 * is often only a peer that left, and a user's terminal is no place for it.
 */
final class JGroupsLog implements Log {
  private final System.Logger logger;

  private JGroupsLog(String name) {
    logger = System.getLogger(name);
  }

  /** Must run before the first JGroups class makes its logger. */
  static void install() {
    org.jgroups.logging.LogFactory.setCustomLogFactory(
        new CustomLogFactory() {
          @Override
          public Log getLog(Class<?> type) {
            return new JGroupsLog(type.getName());
          }

          @Override
          public Log getLog(String category) {
            return new JGroupsLog(category);
          }
        });
  }

  @SuppressWarnings("AnnotateFormatMethod") // the formats are JGroups' own
  private void log(Level level, String format, @Nullable Object... args) {
    if (logger.isLoggable(level)) {
      logger.log(level, args.length == 0 ? format : String.format(format, args));
    }
  }

  private void log(Level level, String message, Throwable thrown) {
    logger.log(level, message, thrown);
  }

  @Override
  public boolean isFatalEnabled() {
    return logger.isLoggable(Level.WARNING);
  }

  @Override
  public boolean isErrorEnabled() {
    return logger.isLoggable(Level.DEBUG);
  }

  @Override
  public boolean isWarnEnabled() {
    return logger.isLoggable(Level.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return logger.isLoggable(Level.TRACE);
  }

  @Override
  public boolean isDebugEnabled() {
    return logger.isLoggable(Level.TRACE);
  }

  @Override
  public boolean isTraceEnabled() {
    return false;
  }

  @Override
  public void fatal(String message) {
    log(Level.WARNING, message);
  }

  @Override
  public void fatal(String format, @Nullable Object... args) {
    log(Level.WARNING, format, args);
  }

  @Override
  public void fatal(String message, Throwable thrown) {
    log(Level.WARNING, message, thrown);
  }

  @Override
  public void error(String message) {
    log(Level.DEBUG, message);
  }

  @Override
  public void error(String format, @Nullable Object... args) {
    log(Level.DEBUG, format, args);
  }

  @Override
  public void error(String message, Throwable thrown) {
    log(Level.DEBUG, message, thrown);
  }

  @Override
  public void warn(String message) {
    log(Level.DEBUG, message);
  }

  @Override
  public void warn(String format, @Nullable Object... args) {
    log(Level.DEBUG, format, args);
  }

  @Override
  public void warn(String message, Throwable thrown) {
    log(Level.DEBUG, message, thrown);
  }

  @Override
  public void info(String message) {
    log(Level.TRACE, message);
  }

  @Override
  public void info(String format, @Nullable Object... args) {
    log(Level.TRACE, format, args);
  }

  @Override
  public void debug(String message) {
    log(Level.TRACE, message);
  }

  @Override
  public void debug(String format, @Nullable Object... args) {
    log(Level.TRACE, format, args);
  }

  @Override
  public void debug(String message, Throwable thrown) {
    log(Level.TRACE, message, thrown);
  }

  @Override
  public void trace(Object message) {}

  @Override
  public void trace(String message) {}

  @Override
  public void trace(String format, @Nullable Object... args) {}

  @Override
  public void trace(String message, Throwable thrown) {}

  @Override
  public void setLevel(String level) {}

  @Override
  public String getLevel() {
    return isDebugEnabled() ? "debug" : "fatal";
  }
}
