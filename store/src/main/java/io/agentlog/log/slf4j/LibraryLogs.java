package io.agentlog.log.slf4j;

import org.slf4j.LoggerFactory;

/** Connects the libraries' SLF4J to the agent's log. */
public final class LibraryLogs {
  private LibraryLogs() {}

  /**
   * Lets SLF4J find its provider. Call it before the first class of a library that logs: SLF4J lets
   * one thread search, gives other threads loggers that do nothing meanwhile, and reports that on
   * the application's stderr. Thread-safe.
   */
  public static synchronized void initialize() {
    LoggerFactory.getILoggerFactory();
  }
}
