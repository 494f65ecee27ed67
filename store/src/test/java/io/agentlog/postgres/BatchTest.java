package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Order, halves and new executions of a batch. */
class BatchTest {
  /** In PostgreSQL's order; a signed comparison would put the last two first. */
  private static final List<UUID> IDS =
      List.of(
          new UUID(0x019a_0000_0000_7000L, 1),
          new UUID(0x019a_0000_0000_7000L, -1),
          new UUID(0x7fff_0000_0000_7000L, 0),
          new UUID(0x8000_0000_0000_7000L, 0),
          new UUID(-1, 0));

  @Test
  void eventsOfOneExecutionAreOneRowAndTheirOwnProgressAndDecisions() {
    ExecutionEvents events = events(0);
    Batch batch = Batch.of(events.withModelCall());

    assertThat(batch.rows()).containsExactly(RowOracle.rowOf(events.withModelCall()));
    assertThat(batch.progress())
        .containsExactly(events.progress(1), events.progress(2), events.progress(3));
    assertThat(batch.decisions())
        .containsExactly(
            events.decision(ExecutionEvents.DECISION_1, 7),
            events.decision(ExecutionEvents.DECISION_2, 8));
    assertThat(batch.details().modelCalls()).containsExactly(DetailRow.of(events.modelCall()));
  }

  @Test
  void callOfAModelIsADetailAndTheTotalsOfItsExecution() {
    ExecutionEvents events = events(0);
    Batch batch = Batch.of(List.of(events.modelCall()));

    assertThat(batch.withoutDetails().rows())
        .containsExactly(RowOracle.rowOf(List.of(events.modelCall())));
    assertThat(batch.details().modelCalls()).hasSize(1);
    assertThat(batch.withoutDetails().details().isEmpty()).isTrue();
  }

  @Test
  void everyTableIsInTheOrderOfItsKeyAsPostgresComparesIt() {
    List<Event> all = new ArrayList<>();
    for (int i = 0; i < IDS.size(); i++) {
      all.add(events(i).progress(2));
      all.add(events(i).progress(1));
      all.add(events(0).decision(IDS.get(i), 3));
    }
    Collections.shuffle(all, new Random(7));
    Batch batch = Batch.of(all);

    assertThat(batch.rows()).extracting(ExecutionRow::executionId).isEqualTo(IDS);
    assertThat(batch.decisions()).extracting(Event.RoutingDecision::id).isEqualTo(IDS);
    List<Event.Progress> expected = new ArrayList<>();
    for (int i = 0; i < IDS.size(); i++) {
      expected.add(events(i).progress(1));
      expected.add(events(i).progress(2));
    }
    assertThat(batch.progress()).isEqualTo(expected);
  }

  @Test
  void halvesHaveEachExecutionOnceWithItsProgress() {
    List<Event> all = new ArrayList<>();
    for (int i = 0; i < IDS.size(); i++) {
      all.add(events(i).started());
      for (int n = 1; n <= 1 + i % 3; n++) {
        all.add(events(i).progress(n));
      }
    }
    Batch batch = Batch.of(all);
    Batch lower = batch.lowerHalf();
    Batch upper = batch.upperHalf();

    assertThat(lower.rows()).extracting(ExecutionRow::executionId).isEqualTo(IDS.subList(0, 2));
    assertThat(upper.rows()).extracting(ExecutionRow::executionId).isEqualTo(IDS.subList(2, 5));
    assertThat(lower.progress())
        .containsExactly(events(0).progress(1), events(1).progress(1), events(1).progress(2));
    assertThat(upper.progress())
        .containsExactly(
            events(2).progress(1),
            events(2).progress(2),
            events(2).progress(3),
            events(3).progress(1),
            events(4).progress(1),
            events(4).progress(2));
  }

  @Test
  void allDecisionsAreInTheLowerHalf() {
    List<Event> all = new ArrayList<>();
    for (int i = 0; i < IDS.size(); i++) {
      all.add(events(i).decision(IDS.get(i), 3));
    }
    Batch batch = Batch.of(all);

    assertThat(batch.lowerHalf().decisions()).isEqualTo(batch.decisions()).hasSize(5);
    assertThat(batch.upperHalf().decisions()).isEmpty();
  }

  @Test
  void halfWithoutProgressHasNone() {
    Batch batch =
        Batch.of(List.of(events(0).started(), events(1).started(), events(1).progress(1)));

    assertThat(batch.lowerHalf().progress()).isEmpty();
    assertThat(batch.upperHalf().progress()).containsExactly(events(1).progress(1));
  }

  @Test
  void executionsThatBeginInTheBatchStandBehindThoseThatGoOn() {
    assertThat(continuedCount(true, true, true)).isZero();
    assertThat(continuedCount(false, false, false)).isEqualTo(3);
    assertThat(continuedCount(false, true, true)).isEqualTo(1);
    assertThat(continuedCount(true, true, false)).isEqualTo(3); // Its key is in order all the same.
    assertThat(continuedCount(true, false, true)).isEqualTo(2);
    assertThat(Batch.of(List.of()).continuedCount()).isZero();
  }

  /** Counts for executions in the order of their keys. */
  private static int continuedCount(boolean... startedInBatch) {
    List<Event> all = new ArrayList<>();
    for (int i = 0; i < startedInBatch.length; i++) {
      all.add(events(i).completed());
      if (startedInBatch[i]) {
        all.add(events(i).started());
      }
    }
    return Batch.of(all).continuedCount();
  }

  private static ExecutionEvents events(int index) {
    return new ExecutionEvents(IDS.get(index), false);
  }
}
