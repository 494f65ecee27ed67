package io.agentlog.insight.handler;

import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.RequestPage.Decision;
import io.agentlog.insight.page.RequestPage.Lane;
import io.agentlog.insight.page.RequestPage.Stage;
import io.agentlog.insight.page.Times;
import io.agentlog.insight.query.RequestQuery.ExecutionRow;
import io.agentlog.insight.query.RequestQuery.StageRow;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/** Puts each execution of a request below its parent. One thread. */
final class Lanes {
  private final Map<UUID, ExecutionRow> rows = new LinkedHashMap<>();
  private final Map<UUID, List<ExecutionRow>> children = new LinkedHashMap<>();
  private final Map<UUID, List<StageRow>> stages = new LinkedHashMap<>();
  private final Map<UUID, Decision> decisions = new LinkedHashMap<>();
  private final Instant now;

  /**
   * @param executions in the order in which they started
   */
  Lanes(
      List<ExecutionRow> executions, List<StageRow> stages, List<Decision> decisions, Instant now) {
    this.now = now;
    executions.forEach(row -> rows.put(row.id(), row));
    for (ExecutionRow row : executions) {
      UUID parent = row.parentId();
      if (parent != null && rows.containsKey(parent)) {
        children.computeIfAbsent(parent, p -> new ArrayList<>()).add(row);
      }
    }
    stages.forEach(
        stage -> this.stages.computeIfAbsent(stage.execution(), e -> new ArrayList<>()).add(stage));
    decisions.forEach(decision -> this.decisions.put(decision.id(), decision));
  }

  private record Step(ExecutionRow row, int depth) {}

  /** Returns the lanes: a parent, then its children in the order in which they started. */
  List<Lane> inOrder() {
    Map<UUID, Lane> lanes = new LinkedHashMap<>();
    for (ExecutionRow row : rows.values()) {
      if (row.parentId() == null || !rows.containsKey(row.parentId())) {
        add(row, lanes);
      }
    }
    rows.values().forEach(row -> add(row, lanes)); // Those that are each other's parents.
    return List.copyOf(lanes.values());
  }

  /** Walks without recursion, because nesting may be as deep as there are executions. */
  private void add(ExecutionRow root, Map<UUID, Lane> lanes) {
    Deque<Step> open = new ArrayDeque<>();
    open.push(new Step(root, 0));
    while (!open.isEmpty()) {
      Step step = open.pop();
      UUID id = step.row.id();
      if (lanes.containsKey(id)) {
        continue;
      }
      lanes.put(id, lane(step.row, step.depth));
      List<ExecutionRow> below = children.getOrDefault(id, List.of());
      for (int i = below.size() - 1; i >= 0; i--) {
        open.push(new Step(below.get(i), step.depth + 1));
      }
    }
  }

  private Lane lane(ExecutionRow row, int depth) {
    UUID parentId = row.parentId();
    ExecutionRow parent = parentId == null ? null : rows.get(parentId);
    boolean isRunning = row.status().equals("in_progress");
    Decision decision = row.decisionId() == null ? null : decisions.get(row.decisionId());
    return new Lane(
        row.id(),
        parentId,
        depth,
        parentId != null && parent == null,
        parent != null && microsBefore(row, parent) > 0,
        row.agent(),
        row.status(),
        row.provisional(),
        row.startedAt(),
        row.completedAt(),
        row.durationMicros(),
        row.errorType(),
        row.quality(),
        row.instanceId(),
        row.service(),
        isRunning && row.lost(),
        row.usage(),
        stagesOf(row),
        decision == null ? List.of() : List.of(decision));
  }

  /** A stage lasts until the next one, unless its own duration was measured at its end. */
  private List<Stage> stagesOf(ExecutionRow row) {
    List<StageRow> own =
        stages.getOrDefault(row.id(), List.of()).stream().filter(s -> s.at() != null).toList();
    List<Stage> made = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      StageRow stage = own.get(i);
      Instant at = Objects.requireNonNull(stage.at());
      Instant from = at;
      Instant to = i + 1 < own.size() ? begin(own.get(i + 1)) : end(row, at);
      if (stage.tookMillis() != null) {
        from = begin(stage);
        to = at;
      }
      made.add(
          new Stage(
              stage.seq(), stage.name(), stage.percent(), from, to.isBefore(from) ? from : to));
    }
    return made;
  }

  private static Instant begin(StageRow stage) {
    Instant at = Objects.requireNonNull(stage.at());
    return stage.tookMillis() == null
        ? at
        : at.minus(Math.round(stage.tookMillis() * 1_000), ChronoUnit.MICROS);
  }

  private Instant end(ExecutionRow row, Instant atLeast) {
    Instant end = row.completedAt() == null ? now : row.completedAt();
    return end.isBefore(atLeast) ? atLeast : end;
  }

  private static long microsBefore(ExecutionRow row, ExecutionRow parent) {
    Instant start = row.startedAt();
    Instant above = parent.startedAt();
    return start == null || above == null ? 0 : Times.micros(start, above);
  }

  /** Returns sentences about clocks, missing parents and missing times. */
  List<String> notes(List<Lane> lanes) {
    List<String> notes = new ArrayList<>();
    List<Lane> early = lanes.stream().filter(Lane::early).toList();
    if (!early.isEmpty()) {
      notes.add(clockNote(early));
    }
    long orphans = lanes.stream().filter(Lane::orphan).count();
    if (orphans > 0) {
      notes.add(
          "%s whose caller is not among these executions: its row has not come yet, was removed, or has another correlation ID."
              .formatted(
                  orphans == 1 ? "There is an execution" : "There are " + orphans + " executions"));
    }
    if (lanes.stream().anyMatch(lane -> lane.startedAt() == null)) {
      notes.add("Executions without a start time, which another logger wrote, have no bar.");
    }
    return notes;
  }

  private String clockNote(List<Lane> early) {
    long most = 0;
    boolean differs = false;
    for (Lane lane : early) {
      ExecutionRow row = Objects.requireNonNull(rows.get(lane.id()));
      ExecutionRow parent = Objects.requireNonNull(rows.get(row.parentId()));
      most = Math.max(most, microsBefore(row, parent));
      differs |= !Objects.equals(row.instanceId(), parent.instanceId());
    }
    return "%s: %s began before the execution that called it, by up to %s. Times are shown as they were recorded."
        .formatted(
            differs ? "The clocks of the JVMs differ" : "A clock was set back",
            early.size() == 1 ? "an execution" : "each of " + early.size() + " executions",
            Format.micros(most));
  }
}
