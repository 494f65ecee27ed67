package io.agentlog.log.jul;

import org.jspecify.annotations.Nullable;

/** Stands in for {@code java.util.logging.LogRecord}. Not thread-safe. */
public final class LogRecord {
  private final Level level;
  private final @Nullable String message;
  private @Nullable Object[] parameters = {};
  private @Nullable Throwable thrown;

  public LogRecord(Level level, @Nullable String message) {
    this.level = level;
    this.message = message;
  }

  public void setLoggerName(@Nullable String name) {
    // The logger that writes the record knows its name.
  }

  public void setParameters(@Nullable Object @Nullable [] parameters) {
    this.parameters = parameters == null ? new Object[0] : parameters.clone();
  }

  public void setThrown(@Nullable Throwable thrown) {
    this.thrown = thrown;
  }

  void writeTo(Logger logger) {
    logger.write(level, message, thrown, parameters);
  }
}
