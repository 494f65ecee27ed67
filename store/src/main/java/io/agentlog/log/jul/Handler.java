package io.agentlog.log.jul;

import org.jspecify.annotations.Nullable;

/** Stands in for {@code java.util.logging.Handler}; no logger ever calls one. */
public abstract class Handler {
  private Formatter formatter = new SimpleFormatter();

  protected Handler() {}

  public abstract void publish(LogRecord entry);

  public abstract void flush();

  public abstract void close();

  public Formatter getFormatter() {
    return formatter;
  }

  public void setFormatter(Formatter formatter) {
    this.formatter = formatter;
  }

  public void setLevel(Level level) {
    // Nothing is published.
  }

  public void setFilter(@Nullable Filter filter) {
    // Nothing is published.
  }

  protected void reportError(@Nullable String message, @Nullable Exception thrown, int code) {
    // Nothing is published.
  }
}
