package io.agentlog.insight.rules;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Entries of a rules file as keys and values, with those that they leave to defaults. */
public final class Said {
  private Said() {}

  /** Returns a rule's keys and values: texts, or lists of texts. */
  public static SortedMap<String, Object> by(AlertRule rule) {
    SortedMap<String, Object> said = by(rule.condition());
    said.put("name", rule.name());
    said.put("agents", sorted(rule.agents()));
    said.put("false-alarms", Texts.of(rule.falseAlarms()) + "/week");
    said.put("notify", sorted(rule.channels()));
    said.put("repeat", Texts.of(rule.repeat()));
    said.put("keep-firing", Texts.of(rule.keepFiring()));
    said.put("cooldown", Texts.of(rule.cooldown()));
    rule.labels().forEach((name, value) -> said.put("labels." + name, value));
    return said;
  }

  /** Returns a condition's keys and values: texts, or lists of texts. */
  public static SortedMap<String, Object> by(Condition condition) {
    SortedMap<String, Object> said = new TreeMap<>();
    said.put("kind", condition.kind());
    if (condition instanceof Condition.Windowed windowed) {
      said.put("windows", windowed.windows().stream().map(Texts::of).toList());
      Baseline baseline = windowed.baseline();
      if (baseline != null) {
        String kind = baseline.kind() == Baseline.Kind.PREVIOUS ? "previous " : "same-hour ";
        said.put("baseline", kind + Texts.of(baseline.length()));
      }
      if (windowed.minCount() > 0) {
        said.put("min-count", Integer.toString(windowed.minCount()));
      }
    }
    if (condition instanceof Condition.FailureRate failures) {
      share(said, failures.max());
      said.put("unit", failures.unit() == Condition.Unit.REQUEST ? "request" : "execution");
    } else if (condition instanceof Condition.Latency latency) {
      said.put("quantile", Texts.percent(latency.quantile()));
      if (latency.max() != null) {
        said.put("max", Texts.of(latency.max()));
      }
      if (latency.baseline() != null) {
        said.put("min-ratio", Texts.of(latency.minRatio()));
        said.put("min-increase", Texts.of(latency.minIncrease()));
      }
    } else if (condition instanceof Condition.Quality quality) {
      said.put("min-effect", Texts.of(quality.minEffect()));
    } else if (condition instanceof Condition.PatternViolations violations) {
      share(said, violations.max());
    } else if (condition instanceof Condition.Stuck stuck) {
      said.put("after", Texts.of(stuck.after()));
    } else if (condition instanceof Condition.Abandoned abandoned) {
      said.put("window", Texts.of(abandoned.window()));
      said.put("min-count", Integer.toString(abandoned.minCount()));
    } else if (condition instanceof Condition.Dropped dropped) {
      said.put("after", Texts.of(dropped.after()));
    } else if (condition instanceof Condition.StageLoop loop) {
      said.put("window", Texts.of(loop.window()));
      said.put("times", Integer.toString(loop.times()));
    } else if (condition instanceof Condition.NewError error) {
      said.put("window", Texts.of(error.window()));
      said.put("unseen", Texts.of(error.unseen()));
      said.put("min-count", Integer.toString(error.minCount()));
    }
    return said;
  }

  private static void share(SortedMap<String, Object> said, @Nullable Double max) {
    if (max != null) {
      said.put("max", Texts.percent(max));
    }
  }

  private static List<String> sorted(List<String> names) {
    return names.stream().sorted().toList();
  }
}
