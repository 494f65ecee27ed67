package io.agentlog.agent.delivery;

import io.agentlog.event.Event;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.Sink;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.sink.SinkUnavailableException.Suspect;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** A backend controlled by the test. It takes a batch whole or not at all. */
final class FakeSink implements Sink {
  private final String name;

  /** The delivered events, one list for each write. */
  final List<List<String>> writes = new CopyOnWriteArrayList<>();

  /** The offered events, one list for each attempt. */
  final List<List<String>> attempts = new CopyOnWriteArrayList<>();

  /** Reasons by the text of the refused event; {@code "*"} refuses all. */
  final Map<String, String> refusals = new HashMap<>();

  /** Largest batch; a larger one fails as if it had exceeded a time limit. */
  int eventsMax = Integer.MAX_VALUE;

  /** Events that it takes of a batch before a time limit ends the attempt. */
  int takenMax = Integer.MAX_VALUE;

  /** Events that make any batch exceed a time limit. */
  final Set<String> slow = new HashSet<>();

  /** Event at which the sink throws; null for none. */
  String bug;

  /** Beginning of the events that it refuses by name while it takes the others. */
  String noPlaceFor = "none of them";

  /** False if the reasons of {@link #refusals} may be a missing right, say. */
  boolean refusesData = true;

  Duration retryDelayMin = Duration.ZERO;
  volatile String downMessage;
  Throwable unexpected;
  int closedCount;
  int maintainedCount;

  /** Result of {@link #maintain}. */
  boolean maintains;

  /** Error of {@link #maintain}, or null. */
  String maintainDownMessage;

  FakeSink() {
    this("fake");
  }

  FakeSink(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String target() {
    return "host:1";
  }

  @Override
  public String fingerprint() {
    return "fake";
  }

  @Override
  public void write(List<Event> events) throws SinkUnavailableException, EventRefusedException {
    List<String> texts = events.stream().map(TestEvents::textOf).toList();
    attempts.add(texts);
    if (unexpected instanceof Error error) {
      throw error;
    }
    if (unexpected instanceof RuntimeException exception) {
      throw exception;
    }
    if (downMessage != null) {
      throw new SinkUnavailableException(downMessage, null, retryDelayMin);
    }
    if (texts.size() > takenMax) {
      writes.add(texts.subList(0, takenMax));
      throw new SinkUnavailableException("late", null, takenMax);
    }
    if (texts.size() > eventsMax || texts.stream().anyMatch(slow::contains)) {
      throw new SinkUnavailableException("cancelled", null, Suspect.EVENT);
    }
    if (texts.contains(bug)) {
      throw new IllegalStateException("a bug");
    }
    List<Event> unplaced =
        events.stream().filter(event -> TestEvents.textOf(event).startsWith(noPlaceFor)).toList();
    if (!unplaced.isEmpty()) {
      List<String> taken = texts.stream().filter(text -> !text.startsWith(noPlaceFor)).toList();
      if (!taken.isEmpty()) {
        writes.add(taken);
      }
      throw new EventRefusedException("no topic", "create it", null, unplaced);
    }
    for (String text : texts) {
      String reason = refusals.getOrDefault(text, refusals.get("*"));
      if (reason != null) {
        throw new EventRefusedException(reason, "no place for " + reason, null, refusesData);
      }
    }
    writes.add(texts);
  }

  @Override
  public boolean maintain() throws SinkUnavailableException {
    maintainedCount++;
    if (maintainDownMessage != null) {
      throw new SinkUnavailableException(maintainDownMessage, null);
    }
    return maintains;
  }

  List<String> delivered() {
    return writes.stream().flatMap(List::stream).toList();
  }

  @Override
  public void close() {
    closedCount++;
  }
}
