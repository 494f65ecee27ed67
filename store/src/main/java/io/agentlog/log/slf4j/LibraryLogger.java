package io.agentlog.log.slf4j;

import io.agentlog.log.AgentLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * A logger of HikariCP or kafka-clients. Prints only with {@code log.level=debug}, even errors,
 * because the sinks report an outage once with a remedy, while a library reports it with each
 * attempt.
 *
 * <p>The libraries' own debug and trace levels stay off, because they print a line for each
 * request, and HikariCP prints its settings there.
 */
final class LibraryLogger extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;

  /** Kafka prints all its settings in one message. */
  private static final int MESSAGE_CHARS_MAX = 4_000;

  LibraryLogger(String name) {
    this.name = name;
  }

  @Override
  public boolean isTraceEnabled() {
    return false;
  }

  @Override
  public boolean isDebugEnabled() {
    return false;
  }

  @Override
  public boolean isInfoEnabled() {
    return AgentLog.isEnabled(AgentLog.Level.DEBUG);
  }

  @Override
  public boolean isWarnEnabled() {
    return AgentLog.isEnabled(AgentLog.Level.DEBUG);
  }

  @Override
  public boolean isErrorEnabled() {
    return AgentLog.isEnabled(AgentLog.Level.DEBUG);
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  /** Called for enabled levels only. */
  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      @Nullable String pattern,
      Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    String message = String.valueOf(MessageFormatter.basicArrayFormat(pattern, arguments));
    if (message.length() > MESSAGE_CHARS_MAX) {
      message = message.substring(0, MESSAGE_CHARS_MAX) + "...";
    }
    String cause = thrown == null ? "" : ": " + AgentLog.describe(thrown);
    String area = name.substring(name.lastIndexOf('.') + 1);
    AgentLog.debug(area, level + " " + message + cause);
  }
}
