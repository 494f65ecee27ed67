package io.agentlog.agent.sink.kafka;

/** Carries a failure of the client until it is judged. */
final class SendFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final Throwable clientFailure;
  private final int acknowledgedCount;
  private final boolean ofDetail;

  SendFailure(Throwable clientFailure) {
    this(clientFailure, 0, false);
  }

  SendFailure(Throwable clientFailure, int acknowledgedCount, boolean ofDetail) {
    super(clientFailure);
    this.clientFailure = clientFailure;
    this.acknowledgedCount = acknowledgedCount;
    this.ofDetail = ofDetail;
  }

  /** True if an event that tells a detail failed. */
  boolean isOfDetail() {
    return ofDetail;
  }

  /** Returns how many of the first events of the batch the broker has acknowledged. */
  int acknowledgedCount() {
    return acknowledgedCount;
  }

  Throwable clientFailure() {
    return clientFailure;
  }
}
