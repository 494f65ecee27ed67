package io.agentlog.log.jul;

/** Stands in for {@code java.util.logging.ErrorManager}; its constants are compiled in. */
public final class ErrorManager {
  private ErrorManager() {}
}
