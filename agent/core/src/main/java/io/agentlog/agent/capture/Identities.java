package io.agentlog.agent.capture;

import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.value.Texts;
import io.agentlog.event.Identifier;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Says when an execution started and what it belongs to. Thread-safe. */
final class Identities {
  private final Privacy privacy;
  private final Surroundings surroundings;
  private final WallClock clock = new WallClock();
  private final StripedIds ids;

  Identities(Privacy privacy, Surroundings surroundings, StripedIds ids) {
    this.privacy = privacy;
    this.surroundings = surroundings;
    this.ids = ids;
  }

  /** Returns the wall clock's time in microseconds. */
  long microsAt(long nanoTime) {
    return clock.microsAt(nanoTime);
  }

  /** Returns the journal's stripe of an execution that starts on the calling thread. */
  int stripe(@Nullable Execution parent) {
    return parent != null ? parent.stripe : ids.stripeOfThread();
  }

  /** Returns the second half of an ID. */
  long nextLow(int stripe) {
    return ids.nextLow(stripe);
  }

  /** Returns an ID for a detail of an execution. */
  UUID nextId(Execution execution, long elapsedNanos) {
    return ids.next(
        execution.stripe, execution.startedAtMicros + Math.max(0, elapsedNanos) / 1_000);
  }

  /**
   * Returns the correlation: the given one, the MDC's, the parent's, or a new one.
   *
   * @param given as the application has it, or null
   * @return a {@link UUID} or a text
   */
  Object correlation(
      MethodPlan plan,
      @Nullable Object given,
      @Nullable Execution parent,
      int stripe,
      long micros) {
    Object correlation = identifier(given);
    if (correlation == null) {
      correlation = privacy.redactOrNull(surroundings.correlation(plan));
    }
    if (correlation == null) {
      correlation = parent != null ? parent.correlation : ids.next(stripe, micros);
    }
    return correlation;
  }

  /** Returns the session: the given one or the parent's; null for the JVM's. */
  @Nullable Object session(@Nullable Object given, @Nullable Execution parent) {
    Object session = identifier(given);
    return session == null && parent != null ? parent.session : session;
  }

  /** Returns a UUID as it is, else the value's redacted text; null if there is none. */
  private @Nullable Object identifier(@Nullable Object value) {
    if (value instanceof UUID) {
      return value;
    }
    String text = Texts.textOf(value);
    if (text == null || !privacy.redacts()) {
      return text;
    }
    // A UUID's digits may look like a card's, but never are.
    return Identifier.of(text).raw() == null ? text : privacy.redact(text);
  }
}
