package io.agentlog.insight.rollup;

import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.Identifier;
import io.agentlog.event.Status;
import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/** Events of many executions of the last days, in random order. */
final class RandomEvents {
  private static final Duration SPAN = Duration.ofDays(3);
  private static final List<Status> ENDS =
      List.of(Status.SUCCESS, Status.SUCCESS, Status.SUCCESS, Status.FAILED, Status.CANCELLED);

  private final Random random;

  /**
   * Long enough ago that no execution ends in the future: such an end counts once it has passed.
   */
  private final long now = Instant.now().minus(Duration.ofMinutes(5)).toEpochMilli();

  RandomEvents(long seed) {
    random = new Random(seed);
  }

  /**
   * Returns events of executions: a start, an end, for half of them a progress, for some a
   * provisional end at another time; some come twice.
   */
  List<Event> of(int executions) {
    List<Event> events = new ArrayList<>();
    for (int n = 0; n < executions; n++) {
      List<Event> own = execution(n);
      events.addAll(own);
      if (random.nextInt(100) == 0) {
        events.add(own.get(random.nextInt(own.size())));
      }
    }
    Collections.shuffle(events, random);
    return events;
  }

  private List<Event> execution(int n) {
    long ago = (long) (SPAN.toMillis() * Math.pow(random.nextDouble(), 3));
    long start = now - ago;
    long micros = (long) Math.exp(random.nextDouble() * 18); // Up to a minute.
    UUID id =
        new UUID(start << 16 | 0x7000 | (n & 0xfff), Long.MIN_VALUE | random.nextLong() >>> 2);
    String agent = "agent-" + random.nextInt(5);
    List<Event> events = new ArrayList<>();
    events.add(
        new Event.Started(
            header(id, 1, start, 0, agent),
            null,
            "prompt " + random.nextInt(executionPrompts()),
            8,
            "%064x".formatted(random.nextInt(executionPrompts())),
            "/srv",
            random.nextInt(10) == 0 ? null : "project-" + random.nextInt(2),
            null,
            null,
            random.nextInt(3) == 0 ? UUID.randomUUID() : null,
            null,
            null,
            null,
            Map.of()));
    if (random.nextBoolean()) {
      events.add(
          new Event.Progress(
              header(id, 2, start, micros / 2, agent), "stage", 50, Map.of(), Map.of()));
    }
    if (random.nextInt(50) == 0) {
      End end = random.nextBoolean() ? End.SHUT_DOWN : End.ABANDONED;
      long before = random.nextLong(600_000_000L); // Up to ten minutes.
      events.add(
          end(
              header(id, 4, start, before, agent),
              end,
              end == End.SHUT_DOWN ? Status.CANCELLED : Status.FAILED));
      if (random.nextInt(5) == 0) {
        return events; // It stays provisional.
      }
    }
    Status status = ENDS.get(random.nextInt(ENDS.size()));
    events.add(end(header(id, 3, start, micros, agent), End.COMPLETED, status));
    return events;
  }

  private static int executionPrompts() {
    return 500;
  }

  private Event end(EventHeader header, End end, Status status) {
    boolean failed = status == Status.FAILED;
    return new Event.Completed(
        header,
        status,
        end,
        failed ? "IllegalStateException" : null,
        failed
            ? "no answer after "
                + random.nextInt(1_000)
                + " ms from 'host-"
                + random.nextInt(3)
                + "'"
            : null,
        random.nextInt(3) == 0 || end != End.COMPLETED ? null : random.nextInt(10_001) / 10_000.0,
        Map.of(),
        header.elapsedMicros(),
        random.nextInt(3) == 0 ? null : totals());
  }

  /** What an execution has used, some of it unknown, in one of two currencies. */
  private UsageTotals totals() {
    boolean isKnown = random.nextInt(5) > 0;
    boolean isPriced = isKnown && random.nextInt(4) > 0;
    long input = random.nextInt(10_000);
    return new UsageTotals(
        "model-" + random.nextInt(3),
        1 + random.nextInt(5),
        random.nextInt(5),
        isKnown
            ? new TokenCounts(input, input / 9, random.nextBoolean() ? input / 2 : null, null, 3L)
            : TokenCounts.UNKNOWN,
        isPriced ? input * 2_500 : null,
        isPriced ? random.nextInt(50) == 0 ? "EUR" : "USD" : null);
  }

  private static EventHeader header(UUID id, int seq, long startMillis, long micros, String agent) {
    return new EventHeader(
        id,
        seq,
        startMillis * 1_000,
        micros * 1_000,
        agent,
        Identifier.of(id),
        Identifier.of(new UUID(1, 1)),
        new UUID(1, 1));
  }
}
