package io.agentlog.agent.delivery;

import io.agentlog.agent.journal.Journal;
import io.agentlog.event.EventSummary;
import java.util.function.Function;

/** Running executions of a journal whose segments are short. */
public final class ShortJournals {
  private ShortJournals() {}

  /**
   * Follows a journal.
   *
   * @param noteAfterBytes distance in the journal after which an execution is named again
   */
  public static RunningExecutions follow(
      Journal journal,
      Function<byte[], EventSummary> decoder,
      long noteAfterBytes,
      boolean ofDeadJvm) {
    return new RunningExecutions(
        journal,
        decoder,
        NanoClock.SYSTEM,
        RunningExecutions.RUNNING_MAX,
        noteAfterBytes,
        ofDeadJvm);
  }
}
