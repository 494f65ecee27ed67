package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.sink.SinkUnavailableException.Suspect;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of records when the tables refuse some of them, or all. */
class BatchLoaderTest {
  private static final String TOPIC = "events";

  private final List<List<Event>> written = new ArrayList<>();
  private final List<Long> reported = new ArrayList<>();
  private final TaskCounters counters = new TaskCounters();
  private final Set<Event> refusedForData = new HashSet<>();
  private final Set<Event> refusedForRights = new HashSet<>();
  private final List<Integer> offered = new ArrayList<>();
  private @Nullable Event failingFrom;
  private boolean isAway;
  private boolean isFull;
  private @Nullable Event fullFor;
  private long nowNanos;
  private int eventsMax = 100;

  @Test
  void recordsGoInTransactionsOfTheLargestSizeInTheirOrder() throws Exception {
    eventsMax = 4;
    List<LoadedRecord> records = records(10);
    assertThat(loader().load(records, () -> true)).isTrue();

    assertThat(written).extracting(List::size).containsExactly(4, 4, 2);
    assertThat(written.stream().flatMap(List::stream))
        .containsExactlyElementsOf(records.stream().map(LoadedRecord::event).toList());
    assertThat(counters.loadedEvents).hasValue(10);
    assertThat(reported).isEmpty();
  }

  @Test
  void valuesOfManyBytesMakeASmallerTransaction() throws Exception {
    List<LoadedRecord> records =
        records(4).stream().map(r -> new LoadedRecord(r.record(), r.event(), 600_000)).toList();
    loader().load(records, () -> true);

    assertThat(written).extracting(List::size).containsExactly(2, 2);
  }

  @Test
  void recordsWithUnusableDataAreReportedAloneAndTheOthersWritten() throws Exception {
    List<LoadedRecord> records = records(50);
    refusedForData.add(records.get(7).event());
    refusedForData.add(records.get(49).event());
    assertThat(loader().load(records, () -> true)).isTrue();

    assertThat(reported).containsExactly(7L, 49L);
    assertThat(counters.loadedEvents).hasValue(48);
    assertThat(counters.refusedRecords).hasValue(2);
  }

  /** A missing right refuses every row, and none of them is at fault. */
  @Test
  void recordsThatNoRowOfTheKindGetsPastAreWaitedForAndNotReported() {
    List<LoadedRecord> records = records(50);
    records.forEach(record -> refusedForRights.add(record.event()));

    assertThatThrownBy(() -> loader().load(records, () -> true))
        .isInstanceOf(SinkUnavailableException.class);
    assertThat(reported).isEmpty();
  }

  @Test
  void recordThatAPolicyRefusesIsReportedWhereAnotherOfTheKindIsTaken() throws Exception {
    List<LoadedRecord> records = records(9);
    refusedForRights.add(records.get(4).event());
    assertThat(loader().load(records, () -> true)).isTrue();

    assertThat(reported).containsExactly(4L);
  }

  @Test
  void recordThatComesAloneIsReportedIfAnEarlierOneIsTakenAgain() throws Exception {
    BatchLoader loader = loader();
    loader.load(records(3), () -> true);
    LoadedRecord policy = record(3);
    refusedForRights.add(policy.event());
    nowNanos = BatchLoader.WITNESS_NANOS;
    assertThat(loader.load(List.of(policy), () -> true)).isTrue();

    assertThat(reported).containsExactly(3L);
  }

  @Test
  void recordThatComesAloneIsWaitedForIfTheEarlierOneIsRefusedToo() throws Exception {
    BatchLoader loader = loader();
    List<LoadedRecord> before = records(3);
    loader.load(before, () -> true);
    before.forEach(record -> refusedForRights.add(record.event()));
    LoadedRecord next = record(3);
    refusedForRights.add(next.event());

    assertThatThrownBy(() -> loader.load(List.of(next), () -> true))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("may not write");
    assertThat(reported).isEmpty();
  }

  /** The rows of an execution that was taken long ago may have been removed since. */
  @Test
  void eventThatWasTakenLongAgoIsNotWrittenAgain() throws Exception {
    BatchLoader loader = loader();
    loader.load(records(3), () -> true);
    nowNanos = BatchLoader.WITNESS_NANOS + 1;
    LoadedRecord next = record(3);
    refusedForRights.add(next.event());
    written.clear();

    assertThatThrownBy(() -> loader.load(List.of(next), () -> true))
        .isInstanceOf(SinkUnavailableException.class);
    assertThat(written).isEmpty();
  }

  @Test
  void hundredRefusalsInARowForOneReasonAreAnOutage() {
    List<LoadedRecord> records = records(BatchLoader.REFUSED_MAX + 20);
    records.forEach(record -> refusedForData.add(record.event()));

    assertThatThrownBy(() -> loader().load(records, () -> true))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("100 events in a row refused");
    assertThat(reported).isEmpty();
  }

  @Test
  void refusalsThatComeOneByOneAreCountedTogether() throws Exception {
    BatchLoader loader = loader();
    for (int i = 0; i < BatchLoader.REFUSED_MAX - 1; i++) {
      LoadedRecord record = record(i);
      refusedForData.add(record.event());
      loader.load(List.of(record), () -> true);
    }
    assertThat(reported).hasSize(BatchLoader.REFUSED_MAX - 1);
    LoadedRecord last = record(BatchLoader.REFUSED_MAX);
    refusedForData.add(last.event());

    assertThatThrownBy(() -> loader.load(List.of(last), () -> true))
        .isInstanceOf(SinkUnavailableException.class);
  }

  @Test
  void recordsWrittenBeforeAnOutageAreLeftOutWhenAllComeAgain() throws Exception {
    eventsMax = 4;
    BatchLoader loader = loader();
    List<LoadedRecord> records = records(10);
    loader.load(records.subList(0, 1), () -> true);
    int[] transactions = {0};
    assertThat(loader.load(records, () -> transactions[0]++ < 2)).isFalse();
    written.clear();
    assertThat(loader.load(records, () -> true)).isTrue();

    assertThat(written).hasSize(1);
    assertThat(written.get(0)).containsExactly(records.get(8).event(), records.get(9).event());
  }

  /** What was written is known of these records alone; another reader may have had them since. */
  @Test
  void recordsAreWrittenWholeAfterTheirPartitionWasElsewhere() throws Exception {
    eventsMax = 4;
    BatchLoader loader = loader();
    List<LoadedRecord> records = records(10);
    int[] transactions = {0};
    loader.load(records, () -> transactions[0]++ < 2);
    loader.forget();
    written.clear();
    loader.load(records, () -> true);

    assertThat(written.stream().mapToInt(List::size).sum()).isEqualTo(10);
  }

  /** A transformation may give the records of several topics one name; their offsets overlap. */
  @Test
  void recordsOfAnotherTopicWithTheSameNewNameAreNotTakenForWritten() throws Exception {
    eventsMax = 2;
    BatchLoader loader = loader();
    List<LoadedRecord> records =
        List.of(
            routed("executions", 8), routed("executions", 9),
            routed("details", 3), routed("details", 4));
    int[] transactions = {0};
    assertThat(loader.load(records, () -> transactions[0]++ < 1)).isFalse();
    assertThat(loader.load(records, () -> true)).isTrue();

    assertThat(written.stream().flatMap(List::stream))
        .containsExactlyElementsOf(records.stream().map(LoadedRecord::event).toList());
  }

  /** Fifty that are refused twice, because an outage came between, are no hundred. */
  @Test
  void refusalsOfRecordsThatComeAgainAreCountedOnce() throws Exception {
    eventsMax = 50;
    BatchLoader loader = loader();
    List<LoadedRecord> records = records(60);
    records.subList(0, 50).forEach(record -> refusedForData.add(record.event()));
    for (int i = 0; i < 3; i++) {
      failingFrom = records.get(50).event();
      assertThatThrownBy(() -> loader.load(records, () -> true)).hasMessage("away");
    }
    failingFrom = null;
    assertThat(loader.load(records, () -> true)).isTrue();

    assertThat(reported).hasSize(50);
  }

  /** A worker gives up a consumer whose task takes five minutes for one call. */
  @Test
  void searchForTheEventThatFailsEndsInTime() {
    isFull = true;
    int[] attempts = {0};
    assertThatThrownBy(() -> loader().load(records(100), () -> attempts[0]++ < 3))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessage("no space");
    assertThat(offered).hasSizeLessThanOrEqualTo(3);
  }

  @Test
  void searchForTheEventThatFailsGoesOnWhereTimeWasOver() {
    isFull = true;
    BatchLoader loader = loader();
    List<LoadedRecord> records = records(100);
    for (int i = 0; i < 3; i++) {
      int[] attempts = {0};
      assertThatThrownBy(() -> loader.load(records, () -> attempts[0]++ < 3))
          .isInstanceOf(SinkUnavailableException.class);
    }
    assertThat(offered.get(offered.size() - 1)).isEqualTo(1);
    assertThatThrownBy(() -> loader.load(records, () -> true))
        .hasMessageContaining("events-0 offset 0");
  }

  @Test
  void searchForRefusedRecordsEndsInTimeAndGoesOnWithLess() throws Exception {
    BatchLoader loader = loader();
    List<LoadedRecord> records = records(64);
    records.forEach(
        record -> {
          if (record.record().kafkaOffset() % 2 == 0) {
            refusedForData.add(record.event());
          }
        });
    boolean isWhole = false;
    int calls = 0;
    while (!isWhole && calls++ < 100) {
      int before = offered.size();
      int[] attempts = {0};
      isWhole = loader.load(records, () -> attempts[0]++ < 10);
      assertThat(offered.size() - before).isLessThanOrEqualTo(10);
    }
    assertThat(isWhole).isTrue();
    assertThat(reported).hasSize(32).doesNotHaveDuplicates();
    assertThat(counters.loadedEvents.get()).isGreaterThanOrEqualTo(32);
  }

  /** Else one refused record would let a slow database begin anew for ever. */
  @Test
  void recordsAfterARefusedOneAreLeftOutWhenAllComeAgain() throws Exception {
    eventsMax = 4;
    BatchLoader loader = loader();
    List<LoadedRecord> records = records(12);
    refusedForData.add(records.get(1).event());
    int[] attempts = {0};
    assertThat(loader.load(records, () -> attempts[0]++ < 6)).isFalse();
    written.clear();
    assertThat(loader.load(records, () -> true)).isTrue();

    assertThat(written).hasSize(1);
    assertThat(reported).containsExactly(1L);
  }

  @Test
  void outageIsPassedOnWithoutHalving() {
    isAway = true;
    assertThatThrownBy(() -> loader().load(records(50), () -> true))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessage("away");
    assertThat(written).isEmpty();
    assertThat(reported).isEmpty();
  }

  /** A full disk fails each event; none of them may go to the dead letter queue for it. */
  @Test
  void eventThatFailsAloneIsWaitedForAndNamed() {
    isFull = true;
    assertThatThrownBy(() -> loader().load(records(50), () -> true))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("events-0 offset 0");
    assertThat(reported).isEmpty();
  }

  /** Who skipped the event that a line blames for a full disk would lose it. */
  @Test
  void diskThatIsFullForAllEventsIsNoFaultOfOne() throws Exception {
    BatchLoader loader = loader();
    assertThat(loader.load(records(50), () -> true)).isTrue();
    isFull = true;
    assertThatThrownBy(() -> loader.load(List.of(record(50), record(51)), () -> true))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessage("no space (first seen at events-0 offset 50)");
  }

  @Test
  void eventThatFailsWhileOthersAreTakenIsBlamed() throws Exception {
    BatchLoader loader = loader();
    assertThat(loader.load(records(50), () -> true)).isTrue();
    LoadedRecord slow = record(51);
    fullFor = slow.event();
    assertThatThrownBy(() -> loader.load(List.of(record(50), slow), () -> true))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessage(
            "events-0 offset 51 can't be written, although another event is taken: no space");
    assertThat(reported).isEmpty();
  }

  private BatchLoader loader() {
    RefusedRecords refused =
        new RefusedRecords(
            (record, reason) -> {
              reported.add(record.kafkaOffset());
              return new CompletableFuture<>(); // The queue answers later.
            },
            1 << 20,
            counters,
            () -> nowNanos);
    return new BatchLoader(this::write, refused, counters, eventsMax, 1_000_000, () -> nowNanos);
  }

  private long write(List<Event> events) throws SinkUnavailableException, EventRefusedException {
    offered.add(events.size());
    if (isAway || (failingFrom != null && events.contains(failingFrom))) {
      throw new SinkUnavailableException("away", null);
    }
    if (isFull || (fullFor != null && events.contains(fullFor))) {
      throw new SinkUnavailableException("no space", null, Suspect.EVENT);
    }
    if (events.stream().anyMatch(refusedForData::contains)) {
      throw new EventRefusedException("23514 amount", "SQLSTATE 23514", null);
    }
    if (events.stream().anyMatch(refusedForRights::contains)) {
      throw new EventRefusedException("42501", "user a may not write", null, false);
    }
    written.add(events);
    return events.size();
  }

  private static List<LoadedRecord> records(int count) {
    return IntStream.range(0, count).mapToObj(BatchLoaderTest::record).toList();
  }

  private static LoadedRecord record(int offset) {
    return new LoadedRecord(
        new SinkRecord(TOPIC, 0, null, null, null, null, offset), event(offset), 1_000);
  }

  private static LoadedRecord routed(String topic, int offset) {
    SinkRecord record =
        new SinkRecord(
            TOPIC, 0, null, null, null, null, offset, null, null, List.of(), topic, 0, offset);
    return new LoadedRecord(record, event(offset), 1_000);
  }

  private static Event event(int number) {
    return new ExecutionEvents(new UUID(0x019a_0000_0000_7000L, number), false).started();
  }
}
