package io.agentlog.connect;

import io.agentlog.log.AgentLog;
import io.agentlog.log.AgentLog.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The worker's log, which takes agentlog's lines under the name {@code io.agentlog}. */
final class WorkerLog implements AgentLog.Target {
  private static final Logger LOGGER = LoggerFactory.getLogger("io.agentlog");

  private WorkerLog() {}

  /** Sends agentlog's lines to the worker's log. May be called again. */
  static void install() {
    AgentLog.setTarget(new WorkerLog());
  }

  @Override
  public boolean isEnabled(Level level) {
    return switch (level) {
      case DEBUG -> LOGGER.isDebugEnabled();
      case INFO -> LOGGER.isInfoEnabled();
      case WARN -> LOGGER.isWarnEnabled();
      case OFF -> false;
    };
  }

  @Override
  public void log(Level level, String message) {
    switch (level) {
      case DEBUG -> LOGGER.debug("{}", message);
      case INFO -> LOGGER.info("{}", message);
      case WARN, OFF -> LOGGER.warn("{}", message);
    }
  }
}
