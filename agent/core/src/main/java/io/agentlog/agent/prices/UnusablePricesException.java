package io.agentlog.agent.prices;

/** A file of prices can't be used as a whole. The message says why, without the file's name. */
public final class UnusablePricesException extends Exception {
  private static final long serialVersionUID = 1L;

  UnusablePricesException(String message) {
    super(message);
  }
}
