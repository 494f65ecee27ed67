package io.agentlog.agent.delivery;

/** A clock that moves when the test says so, or when a thread parks. */
final class FakeClock implements NanoClock {
  private long nanos = Long.MAX_VALUE - 1_000_000; // Wraps soon, as nanoTime may.

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public void park(long parkNanos) {
    nanos += Math.max(0, parkNanos);
  }

  void pass(long moreNanos) {
    nanos += moreNanos;
  }

  void passMillis(long millis) {
    pass(millis * 1_000_000);
  }
}
