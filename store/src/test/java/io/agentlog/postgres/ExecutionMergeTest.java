package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.event.Identifier;
import io.agentlog.event.Status;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutionMergeTest {
  private static final UUID ID = UUID.fromString("019a0000-0000-7000-8000-000000000001");

  private final ExecutionEvents events = new ExecutionEvents(ID, false);

  @Test
  void rowOfTwoSetsOfEventsIsTheRowOfTheirUnion() {
    // By induction over these pairs, order, repetition and batches don't matter.
    List<Event> all = events.withModelCall();
    ExecutionRow[] rows = new ExecutionRow[1 << all.size()];
    for (int set = 1; set < rows.length; set++) {
      rows[set] = RowOracle.rowOf(subset(all, set));
    }
    for (int a = 1; a < rows.length; a++) {
      for (int b = 1; b < rows.length; b++) {
        ExecutionRow merged = ExecutionMerge.merge(rows[a], rows[b]);
        if (!merged.equals(rows[a | b])) {
          assertThat(merged)
              .as("%s and then %s", subset(all, a), subset(all, b))
              .isEqualTo(rows[a | b]);
        }
      }
    }
  }

  @Test
  void historiesWithRepetitionsGiveOneRowHoweverTheyAreGrouped() {
    for (long seed = 0; seed < 5_000; seed++) {
      Random random = new Random(seed);
      List<Event> all = new ExecutionEvents(ID, random.nextBoolean()).withModelCall();
      List<Event> history = new ArrayList<>(subset(all, 1 + random.nextInt((1 << all.size()) - 1)));
      ExecutionRow expected = RowOracle.rowOf(history);
      for (int i = random.nextInt(6); i > 0; i--) {
        history.add(history.get(random.nextInt(history.size())));
      }
      Collections.shuffle(history, random);
      List<ExecutionRow> rows = new ArrayList<>();
      history.forEach(event -> rows.add(ExecutionMerge.of(event)));
      while (rows.size() > 1) {
        ExecutionRow one = rows.remove(random.nextInt(rows.size()));
        int other = random.nextInt(rows.size());
        rows.set(other, ExecutionMerge.merge(one, rows.get(other)));
      }
      assertThat(rows).as("seed %s", seed).containsExactly(expected);
    }
  }

  @Test
  void completionTakesThePlaceOfAProvisionalEndAndItsError() {
    ExecutionRow row =
        ExecutionMerge.merge(
            ExecutionMerge.of(events.end(End.ABANDONED, 3, 1)),
            ExecutionMerge.of(events.completed()));

    assertThat(row.seen()).isEqualTo(4);
    assertThat(row.status()).isEqualTo(Status.SUCCESS);
    assertThat(row.end().errorType()).isNull();
    assertThat(row.end().errorMessage()).isNull();
    assertThat(row.end().quality()).isEqualTo(new BigDecimal("0.8766"));
  }

  @Test
  void provisionalEndHasTheConstantErrorAndAddsNoMetadata() {
    Event.Completed invented =
        new Event.Completed(
            events.completed().header(),
            Status.FAILED,
            End.ABANDONED,
            "Other",
            "names a host",
            0.5,
            Map.of("k", "v"));

    ExecutionRow row = ExecutionMerge.of(invented);

    assertThat(row.end().errorType()).isEqualTo("ExecutionAbandoned");
    assertThat(row.end().errorMessage()).isEqualTo(End.ABANDONED.errorMessage());
    assertThat(row.end().quality()).isNull();
    assertThat(row.metadata()).isEmpty();
  }

  @Test
  void rowWithoutAnEndIsInProgress() {
    ExecutionRow row = ExecutionMerge.of(events.started());

    assertThat(row.status()).isEqualTo(Status.IN_PROGRESS);
    assertThat(row.end()).isNull();
  }

  @Test
  void textsOfIdentifiersStandInTheMetadataOfTheStart() {
    assertThat(ExecutionMerge.of(events.started()).metadata())
        .containsEntry("correlation_id_raw", "order 4711")
        .doesNotContainKey("session_id_raw");
    assertThat(ExecutionMerge.of(events.progress(1)).metadata())
        .doesNotContainKey("correlation_id_raw");
  }

  @Test
  void latestProgressStandsInTheMetadataWithItsOwnKeys() {
    Map<String, Object> progress = new HashMap<>();
    progress.put("stage", "stage 2");
    progress.put("updated_at", "2026-09-21T14:13:20.323456Z");
    progress.put("own2", 2);
    progress.put("stage_duration_ms", 3);

    assertThat(ExecutionMerge.of(events.progress(2)).metadata())
        .containsEntry("progress", progress);
  }

  @Test
  void completionCarriesItsTimeInTheMetadata() {
    assertThat(ExecutionMerge.of(events.completed()).metadata())
        .containsEntry("completed_at", "2026-09-21T14:13:21.023457Z");
  }

  @Test
  void durationInMillisecondsSaturates() {
    long thirtyDaysNanos = 30L * 24 * 3_600 * 1_000_000_000;
    EventHeader header =
        new EventHeader(ID, 2, 0, thirtyDaysNanos, "a", Identifier.of(ID), Identifier.of(ID), ID);

    ExecutionRow row =
        ExecutionMerge.of(
            new Event.Completed(
                header, Status.SUCCESS, End.COMPLETED, null, null, Double.NaN, Map.of()));

    assertThat(row.end().durationMillis()).isEqualTo(Integer.MAX_VALUE);
    assertThat(row.end().durationMicros()).isEqualTo(thirtyDaysNanos / 1_000);
    assertThat(row.end().quality()).isNull(); // Fault 59
  }

  @Test
  void rowsOfTwoExecutionsAreNotMerged() {
    ExecutionRow other =
        ExecutionMerge.of(new ExecutionEvents(ExecutionEvents.DECISION_1, false).started());

    assertThatThrownBy(() -> ExecutionMerge.merge(ExecutionMerge.of(events.started()), other))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void idsAreOrderedAsPostgresOrdersThem() {
    List<UUID> ids =
        new ArrayList<>(
            List.of(new UUID(-1, 0), new UUID(0, -1), new UUID(Long.MAX_VALUE, 0), new UUID(0, 1)));
    ids.sort(ExecutionMerge.UUID_ORDER);

    assertThat(ids.stream().map(UUID::toString)).isSorted(); // Hexadecimal text sorts by bytes.
  }

  @ParameterizedTest
  @CsvSource({
    "0.87655, 0.8766",
    "0.87654, 0.8765",
    "0.00005, 0.0001",
    "0.00004, 0.0000",
    "1, 1.0000",
    "Infinity, ",
    "-Infinity, "
  })
  void qualityIsRoundedAsTheColumnRoundsIt(double quality, BigDecimal kept) {
    ExecutionRow row = ExecutionMerge.of(completed(2, quality, 1L));

    assertThat(row.end().quality()).isEqualTo(kept);
  }

  @Test
  void endOfAnImportedLogWithoutADurationHasNone() {
    ExecutionRow row = ExecutionMerge.of(completed(2_000_999, 0.5, null));

    assertThat(row.end().durationMicros()).isNull();
    assertThat(row.end().durationMillis()).isNull();
    assertThat(row.end().completedAtMicros()).isEqualTo(2_000);
  }

  @Test
  void durationThatALogMeasuredItselfIsKept() {
    ExecutionRow row = ExecutionMerge.of(completed(2_000_000, 0.5, 1_999L));

    assertThat(row.end().durationMicros()).isEqualTo(1_999);
    assertThat(row.end().durationMillis()).isEqualTo(1);
    assertThat(row.end().completedAtMicros()).isEqualTo(2_000);
  }

  @Test
  void earlierEndOfTheSameKindWinsAndTheFirstOfTwoAtTheSameTime() {
    ExecutionRow early = ExecutionMerge.of(events.end(End.ABANDONED, 3, 10));
    ExecutionRow late = ExecutionMerge.of(events.end(End.ABANDONED, 4, 11));

    assertThat(ExecutionMerge.merge(early, late).end()).isSameAs(early.end());
    assertThat(ExecutionMerge.merge(late, early).end()).isSameAs(early.end());
    ExecutionRow same = ExecutionMerge.of(events.end(End.ABANDONED, 5, 10));
    assertThat(ExecutionMerge.merge(early, same).end()).isSameAs(early.end());
  }

  @Test
  void endOfHigherRankWinsEvenIfItIsLater() {
    ExecutionRow swept = ExecutionMerge.of(events.end(End.SWEPT, 3, 1));
    ExecutionRow abandoned = ExecutionMerge.of(events.end(End.ABANDONED, 4, 2));
    ExecutionRow shutDown = ExecutionMerge.of(events.end(End.SHUT_DOWN, 5, 3));

    assertThat(ExecutionMerge.merge(swept, abandoned).seen()).isEqualTo(16);
    assertThat(ExecutionMerge.merge(shutDown, abandoned).seen()).isEqualTo(8);
    assertThat(ExecutionMerge.merge(shutDown, abandoned).status()).isEqualTo(Status.CANCELLED);
  }

  @Test
  void smallestDecisionOfTheExecutionIsKept() {
    ExecutionRow first = ExecutionMerge.of(events.decision(ExecutionEvents.DECISION_1, 3));
    ExecutionRow second = ExecutionMerge.of(events.decision(ExecutionEvents.DECISION_2, 5));
    ExecutionRow none = ExecutionMerge.of(events.started());

    assertThat(ExecutionMerge.merge(second, first).routingDecisionId())
        .isEqualTo(ExecutionEvents.DECISION_1);
    assertThat(ExecutionMerge.merge(none, second).routingDecisionId())
        .isEqualTo(ExecutionEvents.DECISION_2);
    assertThat(ExecutionMerge.merge(none, none).routingDecisionId()).isNull();
  }

  @Test
  void laterProgressWinsAKeyAndTheCompletionWinsItFromBoth() {
    ExecutionRow first = ExecutionMerge.of(events.progress(1));
    ExecutionRow third = ExecutionMerge.of(events.progress(3));
    ExecutionRow progress = ExecutionMerge.merge(third, first);
    ExecutionRow completed = ExecutionMerge.merge(ExecutionMerge.of(events.completed()), progress);

    assertThat(progress.metadata()).containsEntry("last", "P3").containsEntry("m1", 1);
    assertThat(progress.progressSeq()).isEqualTo(6);
    assertThat(completed.metadata())
        .containsEntry("last", "C")
        .containsEntry("progress", third.metadata().get("progress"));
    assertThat(completed.metadata()).isUnmodifiable();
  }

  @Test
  void rowWithAnEndThatSeenDoesNotSayIsRefused() {
    ExecutionRow ended = ExecutionMerge.of(events.completed());

    assertThatThrownBy(() -> row(ended, 3, ended.end()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a row has an end exactly if seen says so, was 3");
    assertThatThrownBy(() -> row(ended, 32, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a row has an end exactly if seen says so, was 32");
  }

  @Test
  void latestUsageHoldsWithItsNulls() {
    ExecutionRow early = ExecutionMerge.of(events.progress(2));
    ExecutionRow call = ExecutionMerge.of(events.modelCall());
    ExecutionRow end = ExecutionMerge.of(events.completed());

    assertThat(ExecutionMerge.merge(call, early).usage()).isEqualTo(events.modelCall().totals());
    ExecutionRow whole = ExecutionMerge.merge(ExecutionMerge.merge(end, call), early);
    assertThat(whole.usageSeq()).isEqualTo(11);
    assertThat(whole.usage()).isEqualTo(events.completed().totals());
    assertThat(whole.usage().costNanos()).isNull();
  }

  @Test
  void progressWithoutUsageKeepsTheOneBeforeIt() {
    ExecutionRow call = ExecutionMerge.of(events.modelCall());
    ExecutionRow later = ExecutionMerge.of(events.progress(3));

    assertThat(ExecutionMerge.merge(call, later).usage()).isEqualTo(events.modelCall().totals());
    assertThat(ExecutionMerge.merge(later, call).usageSeq()).isEqualTo(5);
  }

  @Test
  void callOfAModelAloneIsARowInProgress() {
    ExecutionRow row = ExecutionMerge.of(events.modelCall());

    assertThat(row.status()).isEqualTo(Status.IN_PROGRESS);
    assertThat(row.seen()).isZero();
    assertThat(row.metadata()).isEmpty();
    assertThat(row.rootExecutionId()).isNull();
  }

  @Test
  void executionThatNoOtherOneCalledIsItsOwnRootUnlessItsEventsAreOfAnOlderAgent() {
    assertThat(started(null, null).rootExecutionId()).isEqualTo(ID);
    assertThat(started(ExecutionEvents.ROOT, null).rootExecutionId()).isNull();
    assertThat(started(ExecutionEvents.ROOT, ExecutionEvents.ROOT).rootExecutionId())
        .isEqualTo(ExecutionEvents.ROOT);
  }

  @Test
  void rowWithUsageThatItsSeqDoesNotSayIsRefused() {
    ExecutionRow row = ExecutionMerge.of(events.started());

    assertThatThrownBy(() -> row.with(events.modelCall().totals(), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a row has usage exactly if its seq says so: 0");
  }

  private ExecutionRow started(UUID parent, UUID root) {
    Event.Started like = events.started();
    return ExecutionMerge.of(
        new Event.Started(
            like.header(),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            parent,
            root,
            null,
            null,
            Map.of()));
  }

  private static ExecutionRow row(ExecutionRow like, int seen, ExecutionRow.Ending end) {
    return new ExecutionRow(
        ID, ID, ID, "a", ID, 0, like.start(), null, seen, 0, like.metadata(), end, 0, null);
  }

  private static Event.Completed completed(long elapsedNanos, double quality, Long durationMicros) {
    EventHeader header =
        new EventHeader(ID, 2, 0, elapsedNanos, "a", Identifier.of(ID), Identifier.of(ID), ID);
    return new Event.Completed(
        header, Status.SUCCESS, End.COMPLETED, null, null, quality, Map.of(), durationMicros, null);
  }

  private static List<Event> subset(List<Event> all, int set) {
    List<Event> subset = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if ((set & 1 << i) != 0) {
        subset.add(all.get(i));
      }
    }
    return subset;
  }
}
