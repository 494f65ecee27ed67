package io.agentlog.benchmarks;

import io.agentlog.agent.journal.Journal;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;

/** One thread that appends to the shared journal. Not thread-safe: each thread has its own. */
@State(Scope.Thread)
public class AppendingThread {
  private static final int RECORD_BYTES_MAX = 16 << 10;

  /** A chunk is one call of the loop method, so the JIT compiles the method after few bursts. */
  private static final int CHUNK_APPENDS = 16;

  private final byte[] head = new byte[RECORD_BYTES_MAX];
  private final byte[] tail = new byte[RECORD_BYTES_MAX];
  private OpenJournal open = new OpenJournal();
  private int stripe;

  @Setup
  public void prepare(OpenJournal journal, ThreadParams thread) {
    open = journal;
    stripe = thread.getThreadIndex() % journal.journal().stripeCount();
    for (int i = 0; i < RECORD_BYTES_MAX; i++) {
      head[i] = (byte) ('a' + i % 26);
      tail[i] = (byte) ('A' + i % 26);
    }
  }

  /** Pauses before a burst; not timed. */
  @Setup(Level.Invocation)
  public void pause(BurstStart start) {
    start.await(open::readAll);
  }

  /**
   * Appends one burst.
   *
   * @param count number of records; a multiple of 16
   * @return number of records taken; unless it is all of them, the next burst does not begin
   */
  int appendAll(int count, int headBytes, int tailBytes) {
    Journal journal = open.journal();
    int taken = 0;
    for (int i = 0; i < count; i += CHUNK_APPENDS) {
      taken += appendChunk(journal, headBytes, tailBytes);
    }
    open.appended(count);
    return taken;
  }

  private int appendChunk(Journal journal, int headBytes, int tailBytes) {
    int taken = 0;
    for (int i = 0; i < CHUNK_APPENDS; i++) {
      taken += journal.append(stripe, true, head, headBytes, tail, tailBytes) ? 1 : 0;
    }
    return taken;
  }
}
