package io.agentlog.postgres;

import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/** Two ways to compare a statement with the merge in Java. Each reports its first difference. */
final class MergeChecks {
  private static final int PAIRS_A_BATCH = 2_000;
  private static final int SWEPT_SEQ = 15;

  private final MergeTables tables;
  private final boolean failed;

  MergeChecks(MergeTables tables, boolean failed) {
    this.tables = tables;
    this.failed = failed;
  }

  /**
   * Merges every state that some events can leave a row in with every other: the row must be that
   * of all events of both. By induction any order, split and repetition gives the same row. Then
   * merges both states again: nothing may be written.
   *
   * @param seed of the order in which the pairs are tried
   */
  Optional<String> pairs(long seed) throws SQLException {
    List<List<Event>> states = states();
    List<int[]> pairs = new ArrayList<>();
    for (int a = 0; a < states.size(); a++) {
      for (int b = 0; b < states.size(); b++) {
        pairs.add(new int[] {a, b});
      }
    }
    Collections.shuffle(pairs, new Random(seed));
    for (int from = 0; from < pairs.size(); from += PAIRS_A_BATCH) {
      List<ExecutionRow> first = new ArrayList<>();
      List<ExecutionRow> second = new ArrayList<>();
      List<ExecutionRow> both = new ArrayList<>();
      for (int i = from; i < Math.min(from + PAIRS_A_BATCH, pairs.size()); i++) {
        UUID id = new UUID(0x019a_0000_0000_7000L, Long.MIN_VALUE + i);
        List<Event> a = of(id, states.get(pairs.get(i)[0]));
        List<Event> b = of(id, states.get(pairs.get(i)[1]));
        first.add(RowOracle.rowOf(a));
        second.add(RowOracle.rowOf(b));
        List<Event> union = new ArrayList<>(a);
        union.addAll(b);
        both.add(RowOracle.rowOf(union));
      }
      tables.clear();
      tables.write(first);
      tables.write(second);
      Optional<String> difference = tables.differenceTo(both);
      if (difference.isPresent()) {
        return difference;
      }
      String versions = tables.versions();
      int rewritten = tables.write(first) + tables.write(second) + tables.write(both);
      if (rewritten != 0 || !versions.equals(tables.versions())) {
        return Optional.of("a replay wrote " + rewritten + " rows");
      }
    }
    return Optional.empty();
  }

  /**
   * Merges random histories: shuffled, with repetitions, cut into random batches that the merge in
   * Java joins, with sweeps between batches and one at the end; then everything again.
   */
  Optional<String> histories(long seed, int executions) throws SQLException {
    Random random = new Random(seed);
    Map<UUID, List<Event>> histories = new LinkedHashMap<>();
    List<ExecutionRow> expected = new ArrayList<>();
    for (int i = 0; i < executions; i++) {
      UUID id = new UUID(0x019a_0000_0000_7000L | i << 16, random.nextLong());
      List<Event> history = new ArrayList<>();
      for (Event event : new ExecutionEvents(id, failed).withModelCall()) {
        if (random.nextBoolean()) {
          history.add(event);
        }
      }
      if (history.isEmpty()) {
        continue;
      }
      List<Event> withSweep = new ArrayList<>(history);
      withSweep.add(swept(id)); // Whatever has no other end gets this one at last.
      expected.add(RowOracle.rowOf(withSweep));
      for (int more = random.nextInt(6); more > 0; more--) {
        history.add(history.get(random.nextInt(history.size())));
      }
      Collections.shuffle(history, random);
      histories.put(id, history);
    }
    tables.clear();
    deliver(histories, random);
    tables.sweep();
    Optional<String> difference = tables.differenceTo(expected);
    if (difference.isPresent()) {
      return Optional.of("seed " + seed + " " + difference.get());
    }
    String versions = tables.versions();
    deliver(histories, random);
    return versions.equals(tables.versions())
        ? Optional.empty()
        : Optional.of("seed " + seed + ": a replay or its sweeps moved rows");
  }

  private void deliver(Map<UUID, List<Event>> histories, Random random) throws SQLException {
    Map<UUID, Integer> sent = new HashMap<>();
    for (boolean more = true; more; ) {
      more = false;
      Map<UUID, ExecutionRow> batch = new HashMap<>();
      for (Map.Entry<UUID, List<Event>> entry : histories.entrySet()) {
        int from = sent.getOrDefault(entry.getKey(), 0);
        int to = Math.min(from + random.nextInt(4), entry.getValue().size());
        for (Event event : entry.getValue().subList(from, to)) {
          batch.merge(entry.getKey(), ExecutionMerge.of(event), ExecutionMerge::merge);
        }
        sent.put(entry.getKey(), to);
        more |= to < entry.getValue().size();
      }
      tables.write(batch.values());
      if (random.nextInt(4) == 0) {
        tables.sweep();
      }
    }
  }

  /** Returns sets of events whose rows differ, one for each row. */
  private List<List<Event>> states() {
    UUID id = new UUID(0, 0);
    List<Event> all = new ArrayList<>(new ExecutionEvents(id, failed).withModelCall());
    all.add(swept(id));
    Map<ExecutionRow, List<Event>> states = new LinkedHashMap<>();
    for (int set = 1; set < 1 << all.size(); set++) {
      List<Event> events = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        if ((set & 1 << i) != 0) {
          events.add(all.get(i));
        }
      }
      if (!isDecisionAndCall(events)) {
        states.putIfAbsent(RowOracle.rowOf(events), events);
      }
    }
    return List.copyOf(states.values());
  }

  /**
   * True for a decision and a call of a model. They share no column, so that their states are not
   * multiplied; they meet when one state is merged with another.
   */
  private static boolean isDecisionAndCall(List<Event> events) {
    return events.stream().anyMatch(Event.RoutingDecision.class::isInstance)
        && events.stream().anyMatch(Event.ModelCall.class::isInstance);
  }

  /** Returns the same events for another execution. */
  private List<Event> of(UUID id, List<Event> events) {
    List<Event> all = new ArrayList<>(new ExecutionEvents(id, failed).withModelCall());
    all.add(swept(id));
    List<Event> same = new ArrayList<>();
    for (Event event : all) {
      if (events.stream().anyMatch(e -> e.header().seq() == event.header().seq())) {
        same.add(event);
      }
    }
    return same;
  }

  /** Returns the sweep's end as if it were an event. */
  private Event swept(UUID id) {
    return new ExecutionEvents(id, failed)
        .end(End.SWEPT, SWEPT_SEQ, MergeTables.LAST_RENEWAL_MICROS);
  }
}
