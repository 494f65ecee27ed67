package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;

class RefusedRecordsTest {
  private final List<SinkRecord> reported = new ArrayList<>();
  private CompletableFuture<Void> answer = new CompletableFuture<>();

  /** Connect loses it: the producer refuses it at once, and Connect awaits only what takes time. */
  @Test
  void recordTooLargeForTheDeadLetterQueueEndsTheTaskAndIsNotReported() {
    SinkRecord large = record(1 << 20);
    assertThatThrownBy(() -> refused(Map.of()).report(large, new RefusedRecordException("broken")))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("broken")
        .hasMessageContaining("producer.override.max.request.size");
    assertThat(reported).isEmpty();
  }

  @Test
  void recordThatTheProducerTakesIsReported() {
    SinkRecord large = record(1 << 20);
    refused(Map.of("producer.override.max.request.size", "2097152"))
        .report(large, new RefusedRecordException("broken"));
    SinkRecord small = record(1_000_000);
    refused(Map.of()).report(small, new RefusedRecordException("broken"));
    assertThat(reported).containsExactly(large, small);
  }

  /** Connect would end the task, and commit the offset all the same. */
  @Test
  void recordThatTheDeadLetterQueueRefusesEndsTheTaskWhileItIsNotCommitted() {
    RefusedRecords refused = refused(Map.of());
    refused.report(record(1), new RefusedRecordException("broken"));
    answer.completeExceptionally(new IllegalStateException("no right"));
    assertThatThrownBy(() -> refused.awaitReports(0))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("events-0 offset 17")
        .hasRootCauseMessage("no right");
  }

  /** Connect forgets one whose sending failed at once, and answers as if there were no queue. */
  @Test
  void recordWhoseReportIsAnsweredAtOnceTwiceEndsTheTask() {
    RefusedRecords refused = refused(Map.of());
    answer.complete(null);
    assertThatThrownBy(() -> refused.report(record(1), new RefusedRecordException("broken")))
        .isInstanceOf(ConnectException.class)
        .hasMessageContaining("events-0 offset 17")
        .hasMessageContaining("can't be written to the dead letter queue");
    assertThat(reported).hasSize(2);
  }

  @Test
  void recordThatComesAgainWhileItsReportIsUnderWayIsNotReportedAgain() {
    RefusedRecords refused = refused(Map.of());
    refused.report(record(1), new RefusedRecordException("broken"));
    assertThat(refused.awaitReports(0)).isFalse();
    refused.report(record(1), new RefusedRecordException("broken"));
    assertThat(reported).hasSize(1);

    answer.complete(null);
    assertThat(refused.awaitReports(0)).isTrue();
    answer = new CompletableFuture<>();
    refused.report(record(1), new RefusedRecordException("broken"));
    assertThat(reported).hasSize(2);
  }

  private RefusedRecords refused(Map<String, String> more) {
    Map<String, String> properties = new TreeMap<>(more);
    properties.put("connection.url", "jdbc:postgresql://db/agents");
    return new RefusedRecords(
        (record, reason) -> {
          reported.add(record);
          return answer;
        },
        ConnectorConfig.of(properties).deadLetterBytesMax(),
        new TaskCounters(),
        System::nanoTime);
  }

  private static SinkRecord record(int size) {
    return new SinkRecord("events", 0, null, "key", null, new byte[size], 17);
  }
}
