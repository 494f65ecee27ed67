package io.agentlog.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.json.JsonWriter;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the agent's health to {@code status.json} beside the journal, so that {@code status} needs
 * no port and works after a crash. Used by the agent's thread, then by the shutdown hook.
 */
public final class StatusFile {
  static final String NAME = "status.json";

  private static final long INTERVAL_NANOS = 2_000_000_000L;

  /** Interval of writing although nothing has changed, to show that the JVM is alive. */
  private static final long UNCHANGED_INTERVAL_NANOS = 30_000_000_000L;

  /** Counting pending events walks the journal, so the longer the backlog, the rarer the count. */
  private static final int REST_FACTOR = 100;

  private long dueNanos = System.nanoTime();
  private long writtenNanos = dueNanos - UNCHANGED_INTERVAL_NANOS;
  private @Nullable AgentStatus written;

  /**
   * Asks for the status if the file is due, and writes the file if there is a directory. An I/O
   * error is logged, not thrown.
   */
  public void writeIfDue(@Nullable JournalDirectory directory, Supplier<AgentStatus> status) {
    long now = System.nanoTime();
    if (now - dueNanos < 0) {
      return;
    }
    AgentStatus next = status.get();
    long after = System.nanoTime();
    dueNanos = after + Math.max(INTERVAL_NANOS, REST_FACTOR * (after - now));
    AgentStatus last = written;
    if (last == null
        || !last.saysTheSameAs(next)
        || after - writtenNanos >= UNCHANGED_INTERVAL_NANOS) {
      writtenNanos = after;
      write(directory, next);
    }
  }

  /** Writes the file now. An I/O error is logged, not thrown. */
  public void write(@Nullable JournalDirectory directory, AgentStatus status) {
    if (directory == null) {
      return; // The journal is in the heap, so there is no directory.
    }
    try {
      directory.put(NAME, JsonWriter.write(status.toMap()).getBytes(UTF_8));
      written = status;
    } catch (IOException e) { // Such as a full disk, which the journal reports.
      AgentLog.debug("journal", NAME + " can't be written: " + AgentLog.describe(e));
    }
  }
}
