package io.agentlog.agent.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.journal.JournalBatch;
import io.agentlog.agent.journal.JournalReader;
import io.agentlog.sink.BatchLimits;
import org.junit.jupiter.api.Test;

/**
 * Goal (fault 11): an event is settled exactly once, wherever memory runs out on its way. Method: a
 * reader and a decoder that throw an {@code OutOfMemoryError} now and then.
 */
class SinkWriterMemoryTest extends SinkWriterFixture {
  private int confirmFailures;
  private int confirmedCount;

  @Test
  void confirmationThatThrewIsDoneAgainAndEveryRecordIsConfirmed() {
    confirmFailures = 2;
    open(BatchLimits.PROMPT, new ThrowingReader(journal.openReader("throwing")));
    deliver("a", "b", "c");
    for (int i = 0; i < 5; i++) {
      retry();
    }
    append("d");
    turnUntilIdle();

    assertThat(sink.delivered()).startsWith("a", "b", "c").endsWith("d");
    assertThat(confirmFailures).isZero();
    assertThat(confirmedCount).as("two batches, each once").isEqualTo(2);
    assertThat(counters.delivered()).isEqualTo(4);
    assertThat(counters.pending()).isZero();
  }

  private final class ThrowingReader implements JournalReader {
    private final JournalReader reader;

    ThrowingReader(JournalReader reader) {
      this.reader = reader;
    }

    @Override
    public JournalBatch read(int recordsMax, long bytesMax) {
      return reader.read(recordsMax, bytesMax);
    }

    @Override
    public void confirm(JournalBatch batch) {
      if (confirmFailures > 0) {
        confirmFailures--;
        throw new OutOfMemoryError("planted");
      }
      confirmedCount++;
      reader.confirm(batch);
    }

    @Override
    public long pendingCount() {
      return reader.pendingCount();
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
