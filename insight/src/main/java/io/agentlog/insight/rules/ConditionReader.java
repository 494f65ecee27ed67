package io.agentlog.insight.rules;

import io.agentlog.config.Parsers;
import io.agentlog.insight.rules.Condition.Unit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads when a rule raises an alert: its kind and the keys of the kind. */
final class ConditionReader {
  /** Keys that a rule of each kind has. */
  static final Map<String, List<String>> KINDS = kinds();

  /** Keys of rules of all kinds. */
  static final List<String> COMMON =
      List.of(
          "name",
          "kind",
          "agent",
          "agents",
          "notify",
          "repeat",
          "keep-firing",
          "cooldown",
          "labels");

  static final List<String> ALL_KEYS =
      Stream.concat(COMMON.stream(), KINDS.values().stream().flatMap(List::stream))
          .distinct()
          .toList();

  /** The condition of a rule whose kind is not known. */
  static final Condition NOTHING = new Condition.Stuck(Duration.ofDays(1));

  static final int WINDOWS_MAX = 4;
  static final Duration BASELINE_MAX = Duration.ofDays(60);

  /** Windows that a baseline has to hold, since with fewer the rule would learn for ever. */
  static final int BASELINE_WINDOWS = 8;

  private static final List<Duration> WINDOWS = List.of(Duration.ofHours(1), Duration.ofHours(6));
  private static final Baseline BASELINE =
      new Baseline(Baseline.Kind.SAME_HOUR, Duration.ofDays(28));
  private static final int COUNT_MAX = 1_000_000;
  private static final Duration LONG = Duration.ofDays(30);

  private static Map<String, List<String>> kinds() {
    Map<String, List<String>> kinds = new LinkedHashMap<>();
    kinds.put(
        "failure-rate", List.of("windows", "baseline", "min-count", "max", "unit", "false-alarms"));
    kinds.put(
        "latency",
        List.of(
            "windows",
            "baseline",
            "min-count",
            "quantile",
            "max",
            "min-ratio",
            "min-increase",
            "false-alarms"));
    kinds.put("quality", List.of("windows", "baseline", "min-count", "min-effect", "false-alarms"));
    kinds.put("pattern", List.of("windows", "baseline", "min-count", "max", "false-alarms"));
    kinds.put("no-traffic", List.of("windows", "baseline"));
    kinds.put("stuck", List.of("after"));
    kinds.put("abandoned", List.of("window", "min-count"));
    kinds.put("dropped", List.of("after"));
    kinds.put("stage-loop", List.of("window", "times"));
    kinds.put("new-error", List.of("window", "unseen", "min-count"));
    return kinds;
  }

  Condition read(Entry entry) {
    if (!entry.has("kind")) {
      entry.wrong("kind", "'kind' is missing; it is one of " + String.join(", ", KINDS.keySet()));
      return NOTHING;
    }
    String kind = entry.choice("kind", List.copyOf(KINDS.keySet()), "");
    List<String> own = KINDS.get(kind);
    if (own == null) {
      return NOTHING;
    }
    for (String key : entry.values().keySet()) {
      if (!COMMON.contains(key) && !own.contains(key)) {
        entry.wrong(
            key,
            "'%s' is no key of the kind %s, which has %s"
                .formatted(key, kind, String.join(", ", own)));
      }
    }
    if (!own.contains("windows")) {
      return ofEvents(kind, entry);
    }
    boolean noTraffic = kind.equals("no-traffic");
    List<Duration> windows = windows(entry, noTraffic ? List.of(Duration.ofHours(1)) : WINDOWS);
    boolean comparesAlways = noTraffic || kind.equals("quality");
    Baseline baseline = baseline(entry, windows, comparesAlways || !entry.has("max"));
    return switch (kind) {
      case "failure-rate" ->
          new Condition.FailureRate(
              windows,
              baseline,
              count(entry, 30),
              entry.share("max"),
              entry.choice("unit", List.of("execution", "request"), "execution").equals("request")
                  ? Unit.REQUEST
                  : Unit.EXECUTION);
      case "latency" -> latency(entry, windows, baseline);
      case "quality" ->
          new Condition.Quality(
              windows, baseline, count(entry, 50), entry.number("min-effect", 0.2, 0.01, 1));
      case "pattern" ->
          new Condition.PatternViolations(windows, baseline, count(entry, 30), entry.share("max"));
      default -> new Condition.NoTraffic(windows, baseline);
    };
  }

  private static Condition ofEvents(String kind, Entry entry) {
    return switch (kind) {
      case "stuck" -> new Condition.Stuck(after(entry, Duration.ofMinutes(10), true));
      case "abandoned" -> new Condition.Abandoned(window(entry), count(entry, 1));
      case "dropped" -> new Condition.Dropped(after(entry, Duration.ofMinutes(5), false));
      case "stage-loop" -> {
        entry.required("times", "20");
        yield new Condition.StageLoop(window(entry), entry.count("times", 2, 2, COUNT_MAX));
      }
      default ->
          new Condition.NewError(
              window(entry),
              entry.duration("unseen", LONG, Duration.ofDays(1), BASELINE_MAX),
              count(entry, 3));
    };
  }

  private static Condition latency(
      Entry entry, List<Duration> windows, @Nullable Baseline baseline) {
    Double quantile = entry.share("quantile");
    if (quantile != null && quantile < 0.5) {
      entry.wrong("quantile", "'quantile' must be from 50% to below 100%, such as 95%");
    }
    Duration max =
        entry.has("max") ? entry.duration("max", LONG, Duration.ofMillis(1), LONG) : null;
    for (String key : List.of("min-ratio", "min-increase")) {
      if (baseline == null && entry.has(key)) {
        entry.wrong(
            key,
            "'%s' compares with a baseline; add baseline: same-hour 28d, or leave it out"
                .formatted(key));
      }
    }
    return new Condition.Latency(
        windows,
        baseline,
        count(entry, 30),
        quantile == null ? 0.95 : quantile,
        max,
        entry.number("min-ratio", 1.25, 1, 100),
        entry.duration("min-increase", Duration.ZERO, Duration.ZERO, Duration.ofDays(1)));
  }

  private static int count(Entry entry, int fallback) {
    return entry.count("min-count", fallback, 1, COUNT_MAX);
  }

  private static Duration after(Entry entry, Duration fallback, boolean required) {
    if (required) {
      entry.required("after", "10m");
    }
    return entry.duration("after", fallback, Duration.ofSeconds(10), LONG);
  }

  private static Duration window(Entry entry) {
    Duration window =
        entry.duration("window", Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofDays(1));
    if (window.toMillis() % 60_000 != 0) {
      entry.wrong("window", "'window' must be whole minutes, was " + Texts.of(window));
    }
    return window;
  }

  private static List<Duration> windows(Entry entry, List<Duration> fallback) {
    List<Duration> windows = entry.durations("windows", fallback);
    if (windows.isEmpty() || windows.size() > WINDOWS_MAX) {
      entry.wrong(
          "windows",
          "'windows' must be 1 to %s, as in windows: [1h, 6h]"
              .formatted(Integer.toString(WINDOWS_MAX)));
    }
    Set<Duration> seen = new HashSet<>();
    for (Duration window : windows) {
      if (!seen.add(window)) {
        entry.wrong("windows", "'windows' has " + Texts.of(window) + " twice");
      }
    }
    List<Duration> sorted = new ArrayList<>(new LinkedHashSet<>(windows));
    sorted.sort(null);
    return List.copyOf(sorted);
  }

  private static @Nullable Baseline baseline(Entry entry, List<Duration> windows, boolean needed) {
    Baseline baseline = entry.has("baseline") ? given(entry) : needed ? BASELINE : null;
    boolean sameHour = baseline != null && baseline.kind() == Baseline.Kind.SAME_HOUR;
    for (Duration window : windows) {
      String problem = Windows.problem(window, baseline != null);
      if (problem != null || baseline == null) {
        // Nothing more is to be asked.
      } else if (window.compareTo(baseline.length()) > 0) {
        problem = "is longer than the baseline of " + Texts.of(baseline.length());
      } else if (sameHour && window.compareTo(Duration.ofDays(1)) > 0) {
        problem = "is longer than a day, so it has no same hour; use baseline: previous 56d";
      } else if (baseline.length().dividedBy(window) < BASELINE_WINDOWS) {
        problem =
            "fits less than %s times into the baseline of %s; make the baseline longer"
                .formatted(Integer.toString(BASELINE_WINDOWS), Texts.of(baseline.length()));
      } else if (sameHour && baseline.length().toDays() < BASELINE_WINDOWS) {
        problem =
            "has a same hour on %s days only; the baseline must be at least %sd"
                .formatted(baseline.length().toDays(), Integer.toString(BASELINE_WINDOWS));
      }
      if (problem != null) {
        entry.wrong("windows", "a window of " + Texts.of(window) + " " + problem);
        break;
      }
    }
    return baseline;
  }

  private static Baseline given(Entry entry) {
    String text = entry.text("baseline");
    if (text == null) {
      return BASELINE;
    }
    String[] words = text.split("\\s+", -1);
    List<String> kinds = List.of("same-hour", "previous");
    String problem;
    if (words.length != 2) {
      problem = "must be same-hour or previous and a number of days";
    } else if (!kinds.contains(words[0])) {
      problem = "is not known; " + Mistakes.unknown("word", words[0], kinds);
    } else {
      try {
        Duration length = Parsers.duration(words[1]);
        if (length.toSeconds() % 86_400 == 0
            && length.compareTo(Duration.ofDays(1)) >= 0
            && length.compareTo(BASELINE_MAX) <= 0) {
          return new Baseline(
              words[0].equals("previous") ? Baseline.Kind.PREVIOUS : Baseline.Kind.SAME_HOUR,
              length);
        }
        problem = "must have whole days, from 1d to " + Texts.of(BASELINE_MAX);
      } catch (IllegalArgumentException e) {
        problem = "has no duration: " + e.getMessage();
      }
    }
    entry.wrong(
        "baseline",
        "'baseline' %s, as in baseline: same-hour 28d, was %s"
            .formatted(problem, Mistakes.shown(text)));
    return BASELINE;
  }
}
