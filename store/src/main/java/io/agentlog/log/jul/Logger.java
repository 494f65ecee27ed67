package io.agentlog.log.jul;

import io.agentlog.log.AgentLog;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Stands in for {@code java.util.logging.Logger}. Thread-safe. */
public final class Logger {
  private final String name;

  private Logger(String name) {
    this.name = name;
  }

  public static Logger getLogger(String name) {
    return new Logger(name); // Not remembered, because libraries keep it in a static field.
  }

  public String getName() {
    return name;
  }

  public boolean isLoggable(Level level) {
    return level.isLoggable();
  }

  public void log(Level level, @Nullable String message) {
    write(level, message, null);
  }

  public void log(Level level, Supplier<String> message) {
    if (level.isLoggable()) {
      write(level, message.get(), null);
    }
  }

  public void log(Level level, @Nullable String message, @Nullable Object parameter) {
    write(level, message, null, parameter);
  }

  public void log(Level level, @Nullable String message, @Nullable Object @Nullable [] parameters) {
    if (parameters == null) {
      write(level, message, null);
    } else {
      write(level, message, null, parameters);
    }
  }

  public void log(Level level, @Nullable String message, @Nullable Throwable thrown) {
    write(level, message, thrown);
  }

  public void log(LogRecord entry) {
    entry.writeTo(this);
  }

  public void info(@Nullable String message) {
    write(Level.INFO, message, null);
  }

  public void warning(@Nullable String message) {
    write(Level.WARNING, message, null);
  }

  void write(
      Level level,
      @Nullable String message,
      @Nullable Throwable thrown,
      @Nullable Object... parameters) {
    if (!level.isLoggable()) {
      return;
    }
    String text = String.valueOf(message);
    for (int i = 0; i < parameters.length; i++) {
      text = text.replace("{" + i + "}", String.valueOf(parameters[i]));
    }
    if (thrown != null) {
      // Only the class, because a server's message quotes the row that it refused.
      text += " (" + thrown.getClass().getSimpleName() + ")";
    }
    AgentLog.debug(name, level + " " + text);
  }
}
