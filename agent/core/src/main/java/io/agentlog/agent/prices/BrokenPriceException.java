package io.agentlog.agent.prices;

/** A price can't be used. The message says why, in words that go on after the model's name. */
final class BrokenPriceException extends Exception {
  private static final long serialVersionUID = 1L;

  BrokenPriceException(String message) {
    super(message);
  }
}
