package io.agentlog.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.Identifier;
import io.agentlog.event.Status;
import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.EventJsonReader;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.json.JsonReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: an event that comes by Kafka makes the row that the event itself makes, whatever batches it
 * is cut into, in any order and with any of them twice. Method: the bound values of all columns, of
 * random histories.
 */
class RowsThroughJsonTest {
  private static final int HISTORIES = 20 * Integer.getInteger("agentlog.merge.executions", 500);
  private static final List<Event.Kind> KINDS =
      List.of(Event.Kind.METHOD, Event.Kind.AI_SERVICE, Event.Kind.CHAT_CLIENT);
  private static final String[] TEXTS = {
    "",
    "plain",
    "caf\u00e9 \ud83d\ude00",
    "a\"b\\c\n\t",
    "{\"a\": 1}",
    "'); DROP TABLE x; --",
    "x".repeat(300)
  };

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void rowOfEventsReadFromJsonIsTheRowOfTheEvents(long seed) throws BrokenLineException {
    Random random = new Random(seed);
    for (int i = 0; i < HISTORIES; i++) {
      List<Event> history = history(random);
      Map<String, Object> direct = columns(merged(List.of(history)));
      Map<String, Object> byKafka = columns(merged(batches(history, random)));
      assertThat(byKafka).as("seed %s, history %s: %s", seed, i, history).isEqualTo(direct);
    }
  }

  /** Some events twice, all in another order, cut at random, each read from its JSON. */
  private static List<List<Event>> batches(List<Event> history, Random random)
      throws BrokenLineException {
    List<Event> sent = new ArrayList<>(history);
    history.stream().filter(event -> random.nextInt(3) == 0).forEach(sent::add);
    Collections.shuffle(sent, random);
    List<List<Event>> batches = new ArrayList<>();
    for (Event event : sent) {
      if (batches.isEmpty() || random.nextInt(3) == 0) {
        batches.add(new ArrayList<>());
      }
      batches.get(batches.size() - 1).add(EventJsonReader.read(EventJsonWriter.write(event)));
    }
    return batches;
  }

  private static ExecutionRow merged(List<List<Event>> batches) {
    return batches.stream()
        .map(batch -> Batch.of(batch).rows())
        .flatMap(List::stream)
        .reduce(ExecutionMerge::merge)
        .orElseThrow();
  }

  private static Map<String, Object> columns(ExecutionRow row) throws BrokenLineException {
    Map<String, Object> columns = new LinkedHashMap<>();
    for (Column<ExecutionRow> column : Tables.EXECUTIONS.columns()) {
      String text = String.valueOf(column.value().apply(row));
      // jsonb has no order of keys, but numbers have their digits.
      boolean isJson = column.type().equals("jsonb");
      columns.put(column.name(), isJson ? JsonReader.parse(text.getBytes(UTF_8)) : text);
    }
    return columns;
  }

  /** Events of one execution, at least one; more than one end, as after a crash, is possible. */
  private static List<Event> history(Random random) {
    Facts facts = new Facts(random);
    List<Event> events = new ArrayList<>();
    if (random.nextInt(8) > 0) {
      events.add(started(facts, random));
    }
    int seq = 2;
    for (int n = random.nextInt(4); n > 0; n--) {
      events.add(progress(facts, seq++, random));
    }
    if (random.nextInt(3) == 0) {
      events.add(decision(facts.header(seq++), random));
    }
    if (random.nextInt(4) > 0) {
      events.add(completed(facts, seq++, random));
    }
    if (random.nextInt(4) == 0 || events.isEmpty()) {
      End end = random.nextBoolean() ? End.SHUT_DOWN : End.ABANDONED;
      Status status = end == End.SHUT_DOWN ? Status.CANCELLED : Status.FAILED;
      events.add(
          new Event.Completed(
              facts.header(seq), status, end, end.errorType(), end.errorMessage(), null, Map.of()));
    }
    return events;
  }

  /** What all events of an execution share; later events happen later. */
  private static final class Facts {
    private final UUID id;
    private final String agent;
    private final Identifier correlation;
    private final Identifier session;
    private final UUID instance;
    private final Random random;
    private final long startedAtMicros;
    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private long elapsedNanos;

    Facts(Random random) {
      this.random = random;
      id = uuid(random);
      agent = "agent-" + random.nextInt(9);
      correlation = Identifier.of(uuid(random));
      session = Identifier.of(uuid(random));
      instance = uuid(random);
      startedAtMicros = 1_790_000_000_000_000L + random.nextInt();
    }

    EventHeader header(int seq) {
      elapsedNanos += random.nextInt(2_000_000_000);
      return new EventHeader(
          id, seq, startedAtMicros, elapsedNanos, agent, correlation, session, instance);
    }

    /** The whole map so far, as each event after the start carries it. */
    Map<String, Object> metadata() {
      metadata.putAll(RowsThroughJsonTest.metadata(random));
      return new LinkedHashMap<>(metadata);
    }
  }

  private static Event started(Facts facts, Random random) {
    return new Event.Started(
        facts.header(1),
        KINDS.get(random.nextInt(KINDS.size())),
        maybe(random, () -> text(random)),
        maybe(random, () -> random.nextInt(100_000)),
        maybe(random, () -> "ab".repeat(32)),
        maybe(random, () -> text(random)),
        maybe(random, () -> text(random)),
        maybe(random, () -> text(random)),
        maybe(random, () -> text(random)),
        maybe(random, () -> uuid(random)),
        maybe(random, () -> uuid(random)),
        maybe(random, () -> "0af7651916cd43dd8448eb211c80319c"),
        maybe(random, () -> "b7ad6b7169203331"),
        metadata(random));
  }

  private static Event progress(Facts facts, int seq, Random random) {
    return new Event.Progress(
        facts.header(seq),
        "stage " + text(random),
        maybe(random, () -> random.nextInt(101)),
        metadata(random),
        facts.metadata(),
        maybe(random, () -> totals(random)));
  }

  private static Event completed(Facts facts, int seq, Random random) {
    EventHeader header = facts.header(seq);
    Status status = List.of(Status.SUCCESS, Status.FAILED, Status.CANCELLED).get(random.nextInt(3));
    return new Event.Completed(
        header,
        status,
        End.COMPLETED,
        maybe(random, () -> "IllegalStateException"),
        maybe(random, () -> text(random)),
        maybe(random, random::nextDouble),
        facts.metadata(),
        header.elapsedMicros(),
        maybe(random, () -> totals(random)));
  }

  private static Event decision(EventHeader header, Random random) {
    return new Event.RoutingDecision(
        header,
        uuid(random),
        text(random),
        "cd".repeat(32),
        "agent-api",
        random.nextDouble(),
        "fuzzy",
        maybe(random, random::nextDouble),
        null,
        null,
        null,
        List.of(Map.of("agent", "agent-db", "confidence", 0.2)),
        text(random),
        random.nextInt(1_000),
        random.nextBoolean());
  }

  private static UsageTotals totals(Random random) {
    return new UsageTotals(
        maybe(random, () -> "model-" + random.nextInt(3)),
        random.nextInt(9),
        random.nextInt(9),
        new TokenCounts(
            maybe(random, () -> (long) random.nextInt(9_999)),
            maybe(random, () -> (long) random.nextInt(9_999)),
            maybe(random, () -> (long) random.nextInt(99)),
            null,
            maybe(random, () -> (long) random.nextInt(99))),
        null,
        null);
  }

  private static Map<String, Object> metadata(Random random) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    for (int n = random.nextInt(4); n > 0; n--) {
      metadata.put("key" + random.nextInt(6), value(random, 2));
    }
    return metadata;
  }

  private static Object value(Random random, int depth) {
    return switch (random.nextInt(depth == 0 ? 5 : 7)) {
      case 0 -> random.nextInt();
      case 1 -> random.nextLong();
      case 2 -> random.nextBoolean();
      case 3 -> BigDecimal.valueOf(random.nextInt(), 4);
      case 4 -> text(random);
      case 5 -> List.of(value(random, depth - 1), value(random, depth - 1));
      default -> Map.of("inner", value(random, depth - 1));
    };
  }

  private static String text(Random random) {
    return TEXTS[random.nextInt(TEXTS.length)];
  }

  private static UUID uuid(Random random) {
    return new UUID(
        (random.nextLong() & 0xffff_ffff_ffff_0fffL) | 0x7000L,
        (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L);
  }

  private static <T> T maybe(Random random, Supplier<T> value) {
    return random.nextInt(3) == 0 ? null : value.get();
  }
}
