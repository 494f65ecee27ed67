package io.agentlog.log.jul;

/** Stands in for {@code java.util.logging.Formatter}: formats nothing. */
public class Formatter {
  public String format(LogRecord entry) {
    return "";
  }

  public String getHead(Handler handler) {
    return "";
  }
}
