package io.agentlog.log.slf4j;

import org.slf4j.LoggerFactory;

/** Where what the libraries log goes. */
public final class LibraryLogs {
  private LibraryLogs() {}

  /**
   * Has SLF4J find its provider; to be called before the first class of a library that logs. SLF4J
   * lets one thread look for it, and meanwhile gives others loggers that do nothing, which it
   * complains of on the application's stderr. Thread-safe.
   */
  public static synchronized void initialize() {
    LoggerFactory.getILoggerFactory();
  }
}
