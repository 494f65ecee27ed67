package io.agentlog.insight.figures;

import io.agentlog.insight.figures.Visibility.Window;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Texts;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says in words what a rule sees. */
final class VisibilityText {
  private VisibilityText() {}

  /** Returns what the rule compares with, and a semicolon; empty without a baseline. */
  static String usual(Condition.Windowed condition, List<Window> windows) {
    Double usual = null;
    for (Window window : windows) {
      usual = window.usual() == null ? usual : window.usual();
    }
    if (usual == null || condition instanceof Condition.NoTraffic) {
      return "";
    }
    if (condition instanceof Condition.Latency latency) {
      return "%s usually take up to %s; "
          .formatted(percent(latency.quantile()), Format.micros(Math.round(usual)));
    }
    return condition instanceof Condition.Quality
        ? "the mean score is usually %s; ".formatted(rounded(usual))
        : "usually %s %s; ".formatted(percent(usual), verb(condition));
  }

  private static String verb(Condition condition) {
    return condition instanceof Condition.PatternViolations ? "have other stages" : "fail";
  }

  /** Returns what is seen in a window. */
  static String of(Condition.Windowed condition, Window window) {
    String length = Texts.of(window.length());
    Double share = window.seenFrom();
    if (share == null) {
      return "nothing is seen within %s: %s%s"
          .formatted(
              length,
              window.problem(),
              window.executions() == 0 ? "" : " (" + window.executions() + ")");
    }
    String executions = Rows.count(window.executions(), "execution", "executions");
    if (condition instanceof Condition.NoTraffic) {
      return "usually %s in %s; seen when there is none".formatted(executions, length);
    }
    String what =
        condition instanceof Condition.Latency
            ? "once %s of %s take over %s".formatted(percent(share), executions, limit(window))
            : condition instanceof Condition.Quality
                ? "once %s of %s have the score 0".formatted(percent(share), executions)
                : "from %s of %s on".formatted(percent(share), executions);
    return "seen within " + length + " " + what;
  }

  private static String limit(Window window) {
    @Nullable Double limit = window.limit();
    return limit == null ? "the limit" : Format.micros(Math.round(limit));
  }

  /** Returns two digits of a share in percent. */
  static String percent(double share) {
    return rounded(share * 100) + " %";
  }

  private static String rounded(double value) {
    BigDecimal two = new BigDecimal(value).round(new MathContext(2));
    return two.signum() == 0 ? "0" : two.stripTrailingZeros().toPlainString();
  }
}
