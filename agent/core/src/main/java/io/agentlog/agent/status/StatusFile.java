package io.agentlog.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.json.JsonWriter;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Leaves word beside the journal of how the agent is, for whoever can read the directory: no port
 * is opened for it, and it is there after a crash. Belongs to the agent's thread, and to the
 * shutdown hook after it.
 */
public final class StatusFile {
  static final String NAME = "status.json";

  private static final long INTERVAL_NANOS = 2_000_000_000L;

  /** Written so often although nothing has changed, to show that the JVM lives. */
  private static final long UNCHANGED_INTERVAL_NANOS = 30_000_000_000L;

  /** What is pending is counted by walking it: of a long backlog less often. */
  private static final int REST_FACTOR = 100;

  private long dueNanos = System.nanoTime();
  private long writtenNanos = dueNanos - UNCHANGED_INTERVAL_NANOS;
  private @Nullable AgentStatus written;

  /** Writes it if it is time to. Never throws for the disk's sake. */
  public void writeIfDue(@Nullable JournalDirectory directory, Supplier<AgentStatus> status) {
    long now = System.nanoTime();
    if (directory == null || now - dueNanos < 0) {
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

  /** Writes it. */
  public void write(@Nullable JournalDirectory directory, AgentStatus status) {
    if (directory == null) {
      return; // The journal is in the heap: there is nowhere to look for it.
    }
    try {
      directory.put(NAME, JsonWriter.write(status.toMap()).getBytes(UTF_8));
      written = status;
    } catch (IOException e) { // A full disk, say, which the journal speaks of.
      AgentLog.debug("journal", NAME + " can't be written: " + AgentLog.describe(e));
    }
  }
}
