package io.agentlog.insight.figures;

import io.agentlog.insight.evaluate.Series;
import io.agentlog.insight.evaluate.Slot;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.rules.AgentNames;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Baseline;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.StagePattern;
import io.agentlog.insight.rules.Windows;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The figures of all agents that rules with windows are about, kept up to date from the rollup.
 *
 * <p>The first look reads the whole history, and so does one a day later, which forgets what is
 * older. A look between reads the newest hours, and those that late ends have changed: four or five
 * statements in all.
 *
 * <p>One thread.
 */
public final class AgentFigures {
  /** Agents whose figures are kept, the busiest; {@link #leftOut} names the others. */
  public static final int AGENTS_MAX = 200;

  /** Hours that one statement reads. */
  private static final int HOURS_AT_ONCE = 24;

  /** Hours of which one statement reads the minutes. */
  private static final int HOURS_OF_MINUTES_AT_ONCE = 2;

  /** The rollup keeps minutes for two days; the figures grow for a day. */
  private static final Duration SLOTS_KEPT = Duration.ofHours(14);

  private static final Duration READ_AGAIN = Duration.ofDays(1);

  /** Hours of the rollup appear when their transaction ends, up to a minute after its time. */
  private static final Duration OVERLAP = Duration.ofMinutes(2);

  /** The newest hours are always read again: a row of theirs may have gone. */
  private static final Duration NEWEST = Duration.ofHours(1);

  private static final Duration HOUR = Duration.ofHours(1);

  private static final String ALL = "*";

  private final FigureRows rows;
  private final List<AlertRule> rules;
  private final Duration history;
  private final Map<String, Series> series = new TreeMap<>();
  private List<String> leftOut = List.of();
  private Instant hoursFrom = Instant.EPOCH;
  private Instant slotsFrom = Instant.EPOCH;
  private Instant readAt = Instant.EPOCH;
  private Instant changesFrom = Instant.EPOCH;
  private @Nullable Instant rolled;

  /**
   * Reads nothing yet.
   *
   * @param rules say which agents and how much of the past is read; other rules need another object
   */
  public AgentFigures(Database database, Rules rules) {
    this.rules =
        rules.alerts().stream()
            .filter(rule -> rule.condition() instanceof Condition.Windowed)
            .toList();
    boolean checks =
        this.rules.stream()
            .anyMatch(rule -> rule.condition() instanceof Condition.PatternViolations);
    this.rows =
        new FigureRows(
            database,
            checks ? rules.patterns().stream().map(StagePattern::hash).toList() : List.of());
    this.history = history(this.rules);
  }

  private static Duration history(List<AlertRule> rules) {
    Duration longest = SLOTS_KEPT;
    for (AlertRule rule : rules) {
      Condition.Windowed windowed = (Condition.Windowed) rule.condition();
      Baseline baseline = windowed.baseline();
      for (Duration window : windowed.windows()) {
        // The newest two windows are not compared with.
        Duration needed =
            window.multipliedBy(3).plus(baseline == null ? Duration.ZERO : baseline.length());
        longest = needed.compareTo(longest) > 0 ? needed : longest;
      }
    }
    return longest;
  }

  /**
   * Reads what has changed.
   *
   * @param at the time of the look
   * @throws SinkUnavailableException if the database can't be read; the message says what to do.
   *     The figures then are those of before, or some of them newer
   */
  public void refresh(Instant at) throws SinkUnavailableException {
    if (rules.isEmpty()) {
      return;
    }
    FigureRows.Clock clock = rows.clock();
    if (at.isBefore(readAt) || !at.isBefore(readAt.plus(READ_AGAIN))) {
      series.clear();
      hoursFrom = at.minus(history).truncatedTo(ChronoUnit.HOURS);
      slotsFrom = at.minus(SLOTS_KEPT).truncatedTo(ChronoUnit.HOURS);
      readAt = at;
      changesFrom = clock.now().minus(OVERLAP);
    }
    Instant to = at.plus(HOUR); // Clocks differ.
    List<String> fresh = chooseAgents(to);
    if (!series.isEmpty()) {
      readChanges(at, to);
    }
    if (!fresh.isEmpty()) {
      Map<String, Series> read = new TreeMap<>();
      fresh.forEach(agent -> read.put(agent, new Series(agent, hoursFrom, slotsFrom)));
      read(hours(hoursFrom, to), read);
      series.putAll(read);
    }
    changesFrom = clock.now().minus(OVERLAP);
    readRunning();
    rolled = clock.rolled();
  }

  /** Returns agents that are new. */
  private List<String> chooseAgents(Instant to) throws SinkUnavailableException {
    List<String> chosen = new ArrayList<>();
    List<String> others = new ArrayList<>();
    Set<String> names = new TreeSet<>();
    rules.forEach(rule -> names.addAll(rule.agents()));
    boolean isAll = names.remove(ALL);
    // Those that are named come first: a thousand busier ones don't displace them.
    Set<String> found = new LinkedHashSet<>();
    if (!names.isEmpty()) {
      found.addAll(rows.agents(hoursFrom, to, List.copyOf(names), AGENTS_MAX * 5));
    }
    if (isAll) {
      found.addAll(rows.agents(hoursFrom, to, List.of(ALL), AGENTS_MAX * 5));
    }
    for (String agent : found) {
      if (rules.stream().anyMatch(rule -> AgentNames.match(rule.agents(), agent))) {
        (chosen.size() < AGENTS_MAX ? chosen : others).add(agent);
      }
    }
    series.keySet().retainAll(Set.copyOf(chosen));
    leftOut = others;
    chosen.removeAll(series.keySet());
    return chosen;
  }

  private void readChanges(Instant at, Instant to) throws SinkUnavailableException {
    TreeSet<Instant> changed = new TreeSet<>(rows.changedHours(hoursFrom, to, changesFrom));
    changed.addAll(hours(at.minus(NEWEST).truncatedTo(ChronoUnit.HOURS), to));
    read(List.copyOf(changed), series);
  }

  private static List<Instant> hours(Instant from, Instant to) {
    return Stream.iterate(from, hour -> hour.isBefore(to), hour -> hour.plus(HOUR)).toList();
  }

  private void read(List<Instant> hours, Map<String, Series> into) throws SinkUnavailableException {
    for (List<Instant> some : parts(hours, HOURS_AT_ONCE)) {
      Map<String, Map<Instant, Slot>> figures =
          rows.read(FigureRows.HOUR, some.get(0), end(some), HOUR, into.keySet());
      for (Instant hour : some) {
        into.forEach((agent, of) -> of.putHour(hour, slot(figures, agent, hour)));
      }
    }
    List<Instant> recent = hours.stream().filter(hour -> !hour.isBefore(slotsFrom)).toList();
    for (List<Instant> some : parts(recent, HOURS_OF_MINUTES_AT_ONCE)) {
      Map<String, Map<Instant, Slot>> figures =
          rows.read(FigureRows.MINUTE, some.get(0), end(some), Windows.SLOT, into.keySet());
      for (Instant hour : some) {
        for (int i = 0; i < HOUR.dividedBy(Windows.SLOT); i++) {
          Instant begin = hour.plus(Windows.SLOT.multipliedBy(i));
          into.forEach((agent, of) -> of.putSlot(begin, slot(figures, agent, begin)));
        }
      }
    }
  }

  private static Instant end(List<Instant> hours) {
    return hours.get(hours.size() - 1).plus(HOUR);
  }

  /** Returns hours that follow each other without a gap, at most so many together. */
  private static List<List<Instant>> parts(List<Instant> hours, int size) {
    List<List<Instant>> parts = new ArrayList<>();
    for (Instant hour : hours) {
      List<Instant> last = parts.isEmpty() ? List.of() : parts.get(parts.size() - 1);
      if (last.isEmpty() || last.size() == size || !end(last).equals(hour)) {
        last = new ArrayList<>();
        parts.add(last);
      }
      last.add(hour);
    }
    return parts;
  }

  private static Slot slot(Map<String, Map<Instant, Slot>> figures, String agent, Instant begin) {
    return figures.getOrDefault(agent, Map.of()).getOrDefault(begin, Slot.EMPTY);
  }

  private void readRunning() throws SinkUnavailableException {
    boolean needed = rules.stream().anyMatch(rule -> rule.condition() instanceof Condition.Latency);
    if (needed && !series.isEmpty()) {
      Map<String, Bins> running = rows.running(series.keySet());
      series.forEach((agent, of) -> of.setRunning(running.getOrDefault(agent, new Bins())));
    }
  }

  /**
   * Checks that the rollup is at work, for looks at what only it knows.
   *
   * @throws SinkUnavailableException if it is not, or the database can't be read
   */
  public void checkRolled() throws SinkUnavailableException {
    FigureRows.Clock clock = rows.clock();
    Instant upTo = clock.rolled();
    if (upTo == null || upTo.isBefore(clock.now().minus(Windows.SLOT))) {
      throw behind(upTo);
    }
  }

  /** Returns why nothing can be seen: the rollup is behind. */
  public static SinkUnavailableException behind(@Nullable Instant upTo) {
    return new SinkUnavailableException(
        "%s, so nothing can be decided. Within some minutes a dashboard without --no-rollup counts the rest; start one if none runs"
            .formatted(
                upTo == null
                    ? "the trends are not counted yet"
                    : "the trends are counted up to " + upTo + " only"),
        null);
  }

  /** Returns the agents that a rule is looked at for, in their order. */
  public List<String> agents(AlertRule rule) {
    return series.keySet().stream().filter(a -> AgentNames.match(rule.agents(), a)).toList();
  }

  /** Returns the figures of an agent; null if there are none. Another object after a day. */
  public @Nullable Series of(String agent) {
    return series.get(agent);
  }

  /** Returns agents that rules are about, but whose figures are not kept. */
  public List<String> leftOut() {
    return leftOut;
  }

  /** Returns until when the rollup had counted at the last look; null if never. */
  public @Nullable Instant rolledUpTo() {
    return rolled;
  }
}
