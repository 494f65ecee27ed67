package io.agentlog.benchmarks;

import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.Identifier;
import io.agentlog.event.Status;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Events of one execution as a JVM sends them: four, with a prompt of 1 KiB. Stateless. */
final class LoadedEvents {
  private static final int PROMPT_CHARACTERS = 1_024;

  /** Words in an order that no compression finds, unlike one sentence many times. */
  private static final String[] WORDS =
      ("which customers have an open ticket that nobody has answered since the last release and what do they ask for"
              + " list their names amounts regions contracts and the reason why it was delayed then propose a reply in two"
              + " short paragraphs without promises mention refunds only if the invoice was paid twice or the order cancelled")
          .split(" ");

  private static final UUID INSTANCE = new UUID(0x019a_0000_0000_7000L, 0x8000_0000_0000_0001L);
  private static final AtomicLong NUMBER = new AtomicLong();

  private LoadedEvents() {}

  /** Returns the events of a new execution of one of ten agents. */
  static List<Event> of(int index) {
    long millis = System.currentTimeMillis();
    long number = NUMBER.incrementAndGet();
    UUID id = new UUID((millis << 16) | 0x7000 | (number & 0xfff), Long.MIN_VALUE | number);
    UUID correlation = new UUID(number, Long.MIN_VALUE | number);
    String prompt = prompt(number);
    Headers headers = new Headers(id, millis * 1_000, "agent-" + index % 10, correlation);
    return List.of(
        new Event.Started(
            headers.header(1, 0),
            Event.Kind.METHOD,
            prompt,
            prompt.length(),
            "ab".repeat(32),
            "/srv/app",
            "app",
            null,
            null,
            null,
            null,
            null,
            null,
            Map.of("tenant", "t" + index % 7)),
        new Event.Progress(
            headers.header(2, 3_000), "searching", 30, Map.of(), Map.of("hits", 7), null),
        new Event.Progress(
            headers.header(3, 9_000), "answering", 70, Map.of(), Map.of("hits", 7), null),
        new Event.Completed(
            headers.header(4, 12_345),
            Status.SUCCESS,
            End.COMPLETED,
            null,
            null,
            0.93,
            Map.of("hits", 7),
            12_345L,
            null));
  }

  private static String prompt(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder prompt = new StringBuilder(PROMPT_CHARACTERS + 16);
    while (prompt.length() < PROMPT_CHARACTERS) {
      prompt.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
    }
    return prompt.substring(0, PROMPT_CHARACTERS);
  }

  private record Headers(UUID id, long startedAtMicros, String agent, UUID correlation) {
    EventHeader header(int seq, long elapsedMicros) {
      return new EventHeader(
          id,
          seq,
          startedAtMicros,
          elapsedMicros * 1_000,
          agent,
          Identifier.of(correlation),
          Identifier.of(correlation),
          INSTANCE);
    }
  }
}
