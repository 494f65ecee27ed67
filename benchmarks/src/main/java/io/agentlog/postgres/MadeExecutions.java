package io.agentlog.postgres;

import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.Identifier;
import io.agentlog.event.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Finished executions as an application makes them: a prompt of 1 KiB, two stages, keys in the
 * order of time, each its own request. One thread.
 */
final class MadeExecutions {
  private static final String PROMPT =
      "Route this request to the agent that knows best, please. ".repeat(18);
  private static final UUID INSTANCE = new UUID(7, 7);

  private final long beginMicros = System.currentTimeMillis() * 1_000;
  private long nextKey;

  /** One batch to write. */
  record Made(List<ExecutionRow> rows, List<Event.Progress> progress) {}

  /** Makes the next {@code size} executions. */
  Made next(int size) {
    List<ExecutionRow> rows = new ArrayList<>();
    List<Event.Progress> progress = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      UUID id = new UUID(((startedAt(nextKey) / 1_000) << 16) | 0x7000, Long.MIN_VALUE | nextKey++);
      Identifier correlation = Identifier.of(new UUID(id.getLeastSignificantBits() * 31, 1));
      List<Event> events = new ArrayList<>();
      events.add(
          new Event.Started(
              header(id, 1, correlation),
              null,
              PROMPT,
              PROMPT.length(),
              "0".repeat(64),
              "/srv/project",
              "project",
              null,
              null,
              null,
              null,
              null,
              null,
              Map.of("mode", "direct")));
      for (int seq = 2; seq <= 3; seq++) {
        Event.Progress stage =
            new Event.Progress(
                header(id, seq, correlation), "stage " + seq, seq * 25, Map.of(), Map.of());
        progress.add(stage);
        events.add(stage);
      }
      events.add(
          new Event.Completed(
              header(id, 4, correlation),
              Status.SUCCESS,
              End.COMPLETED,
              null,
              null,
              0.9,
              Map.of("tokens", 17L)));
      rows.add(events.stream().map(ExecutionMerge::of).reduce(ExecutionMerge::merge).orElseThrow());
    }
    return new Made(rows, progress);
  }

  /** The start in microseconds, at ten thousand executions a second. */
  private long startedAt(long key) {
    return beginMicros + key * 100;
  }

  private EventHeader header(UUID id, int seq, Identifier correlation) {
    return new EventHeader(
        id,
        seq,
        startedAt(id.getLeastSignificantBits() & Integer.MAX_VALUE),
        seq * 250_000L,
        "agent-" + (id.getLeastSignificantBits() & 31),
        correlation,
        correlation,
        INSTANCE);
  }
}
