package io.agentlog.sample.router;

/** The history can't be read. No request can help that, so it is no {@link RoutingException}. */
final class HistoryUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HistoryUnavailableException(String message) {
    super(message);
  }
}
