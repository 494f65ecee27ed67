package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.value.MethodSources;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** An event's number and metadata match, whatever threads do. */
class ExecutionTest {
  private static final int THREAD_COUNT = 4;
  private static final int ROUND_COUNT = 2_000;

  @Test
  void laterNumberNeverCarriesAnOlderMap() throws Exception {
    Execution execution = execution();
    List<Numbered> taken = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREAD_COUNT; i++) {
      String key = "k" + i;
      threads.add(
          new Thread(
              () -> {
                List<Numbered> own = new ArrayList<>();
                for (long round = 0; round < ROUND_COUNT; round++) {
                  long value = round;
                  assertThat(execution.changeMetadata(before -> before.with(key, value, 0)))
                      .isTrue();
                  own.add(number(execution, false));
                }
                taken.addAll(own);
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    Numbered end = number(execution, true);

    assertThat(taken).hasSize(THREAD_COUNT * ROUND_COUNT).doesNotContainNull();
    List<Numbered> ordered = new ArrayList<>(taken);
    ordered.sort(Comparator.comparingInt(Numbered::seq));
    ExecutionMetadata before = ExecutionMetadata.EMPTY;
    for (int i = 0; i < ordered.size(); i++) {
      assertThat(ordered.get(i).seq()).isEqualTo(i + 1);
      assertThat(ordered.get(i).metadata().version()).isGreaterThanOrEqualTo(before.version());
      before = ordered.get(i).metadata();
    }
    assertThat(end.seq()).isEqualTo(ordered.size() + 1);
    assertThat(end.metadata().entries()).hasSize(THREAD_COUNT);
    assertThat(end.metadata().entries().values()).containsOnly(ROUND_COUNT - 1L);
  }

  /** Such a call threw within the agent, and was not recorded. */
  @Test
  void callOnAThreadWhoseExecutionIsOverContinuesNone() {
    assertThat(execution().plan.continues(Execution.OVER, this, null)).isFalse();
    assertThat(execution().plan.continues(Execution.READING, this, null)).isFalse();
  }

  @Test
  void nothingIsNumberedAfterTheEnd() {
    Execution execution = execution();
    assertThat(execution.nextSeq()).isEqualTo(1);
    assertThat(number(execution, true).seq()).isEqualTo(2);
    assertThat(execution.nextSeq()).isZero();
    assertThat(number(execution, false).seq()).isZero();
    assertThat(number(execution, true).seq()).isZero(); // One end.
    assertThat(execution.changeMetadata(before -> before.with("late", 1L, 1))).isFalse();
  }

  @Test
  void numberIsNotGivenToMetadataThatIsOutOfDate() {
    Execution execution = execution();
    ExecutionMetadata before = execution.metadata();
    execution.changeMetadata(metadata -> metadata.with("key", 1L, 1));
    assertThat(execution.nextSeq(before, false)).isEqualTo(Execution.STALE);
    assertThat(execution.nextSeq(execution.metadata(), false)).isEqualTo(1);
  }

  private static Numbered number(Execution execution, boolean end) {
    ExecutionMetadata metadata;
    int seq;
    do {
      metadata = execution.metadata();
      seq = execution.nextSeq(metadata, end);
    } while (seq == Execution.STALE);
    return new Numbered(seq, metadata);
  }

  private record Numbered(int seq, ExecutionMetadata metadata) {}

  private static Execution execution() {
    MethodSpec spec =
        new MethodSpec(
            "T",
            "run",
            "()V",
            true,
            List.of(),
            new ExecutionSpec("agent", "", "", "", "", List.of()),
            null,
            null);
    MethodPlan plan =
        new MethodPlan(
            spec, ExecutionTest.class, new MethodSources(null, null, null, null, null), 100);
    return new Execution(plan, null, null, null, 0, 1, 2, 3, 4, new UUID(5, 6), null, null);
  }
}
