package io.agentlog.insight.page;

import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.page.Alert.Fact;
import io.agentlog.insight.page.Alert.Next;
import io.agentlog.insight.statistics.Effect;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The evidence of an alert in plain words, and the pages that show more. Thread-safe. */
public final class AlertWords {
  /** How many examples have a link. */
  private static final int EXAMPLES = 3;

  private static final double SURE = 1e-12;

  private AlertWords() {}

  /**
   * Returns what the evidence says, one line for each question that a reader has.
   *
   * @param isPast whether it is about a time that is over
   */
  public static List<Fact> facts(Evidence evidence, boolean isPast) {
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact(isPast ? "Then" : "Now", now(evidence)));
    if (evidence.from() != null && evidence.to() != null) {
      facts.add(new Fact("Window", window(evidence.from(), evidence.to())));
    }
    Evidence.Past past = evidence.baseline();
    if (past != null) {
      facts.add(new Fact("Before", before(evidence, past)));
    }
    String worse = worse(evidence, past);
    if (worse != null) {
      facts.add(new Fact("Worse by", worse));
    }
    String sure = sure(evidence);
    if (sure != null) {
      facts.add(new Fact("How sure", sure));
    }
    return facts;
  }

  private static String now(Evidence evidence) {
    String of = value(evidence.value(), evidence.unit());
    StringBuilder text = new StringBuilder(of);
    if (evidence.n() > 0) {
      text.append(
          evidence.unit().equals("share")
              ? ", %s of %s executions".formatted(count(evidence.k()), count(evidence.n()))
              : "; %s of %s executions %s"
                  .formatted(count(evidence.k()), count(evidence.n()), against(evidence.unit())));
    }
    if (evidence.interval() != null) {
      text.append(
          "; the true share is between %s and %s with 95 %% confidence"
              .formatted(percent(evidence.interval().low()), percent(evidence.interval().high())));
    }
    if (evidence.limit() != null) {
      text.append("; the rule's limit is %s".formatted(value(evidence.limit(), evidence.unit())));
    }
    return text.toString();
  }

  private static String against(String unit) {
    return switch (unit) {
      case "us" -> "were slow";
      case "score" -> "had a low score";
      default -> "count";
    };
  }

  private static String before(Evidence evidence, Evidence.Past past) {
    return "%s, %s executions in %s comparable windows from %s to %s; the worst of these windows had %s"
        .formatted(
            value(past.value(), evidence.unit()),
            evidence.unit().equals("share")
                ? count(past.k()) + " of " + count(past.n())
                : count(past.n()),
            count(past.windows()),
            day(past.from()),
            day(past.to()),
            value(past.worst(), evidence.unit()));
  }

  private static @Nullable String worse(Evidence evidence, Evidence.@Nullable Past past) {
    if (past == null) {
      return null;
    }
    double difference = evidence.value() - past.value();
    String times =
        past.value() > 0 ? Format.decimals(evidence.value() / past.value(), 1) + " times" : "";
    return switch (evidence.unit()) {
      case "share" ->
          "%s%s points more"
              .formatted(
                  times.isEmpty() ? "" : times + " as much, ",
                  Format.decimals(difference * 100, 1));
      case "us" ->
          "%s%s more"
              .formatted(
                  times.isEmpty() ? "" : times + " as long, ",
                  Format.micros(Math.max(0, Math.round(difference))));
      case "score" ->
          "%s lower%s"
              .formatted(
                  Format.decimals(-difference, 2),
                  evidence.effect() == null
                      ? ""
                      : "; Cliff’s delta %s, which is %s"
                          .formatted(
                              Comparison.signed(evidence.effect(), 1, 2),
                              Effect.of(evidence.effect()).word()));
      default -> null;
    };
  }

  private static @Nullable String sure(Evidence evidence) {
    Double p = evidence.p();
    if (p == null) {
      return evidence.unit().equals("share") || evidence.baseline() != null
          ? null
          : "counted one by one, so chance has no part in it";
    }
    String chance =
        "if nothing had changed, such figures would come by chance %s".formatted(odds(p));
    return evidence.level() == null
        ? chance
        : chance + "; the rule asks for " + odds(evidence.level()) + " or rarer";
  }

  /** Returns a probability as people say it. */
  static String odds(double p) {
    if (p >= 0.1) {
      return "in %s %% of all looks".formatted(Format.decimals(p * 100, 0));
    }
    return p < SURE
        ? "less than once in a trillion looks"
        : "once in %s looks".formatted(rounded(1 / p));
  }

  /** Two digits are enough for odds. */
  private static String rounded(double number) {
    String[] names = {"", " thousand", " million", " billion", " trillion"};
    int name = 0;
    double rest = number;
    while (rest >= 1_000 && name < names.length - 1) {
      rest /= 1_000;
      name++;
    }
    return Format.decimals(rest, rest < 10 && name > 0 ? 1 : 0) + names[name];
  }

  /** Returns a value in the unit that the evidence names. */
  public static String value(double value, String unit) {
    return switch (unit) {
      case "share" -> percent(value);
      case "us" -> Format.micros(Math.round(value));
      case "score" -> Format.decimals(value, 2);
      default -> value == Math.rint(value) ? count((long) value) : Format.decimals(value, 1);
    };
  }

  private static String window(Instant from, Instant to) {
    boolean isOneDay = day(from).equals(day(to));
    return "%s to %s UTC"
        .formatted(
            Format.time(from).substring(0, 16), Format.time(to).substring(isOneDay ? 11 : 0, 16));
  }

  private static String percent(double share) {
    return Format.decimals(share * 100, 1) + " %";
  }

  private static String count(long count) {
    return Format.count(count);
  }

  private static String day(Instant at) {
    return Format.time(at).substring(0, 10);
  }

  /**
   * Returns the pages that show more of an alert.
   *
   * @param base path before all pages
   */
  public static List<Next> next(
      String base, String kind, Map<String, String> about, @Nullable Evidence evidence) {
    String agent = Alert.agent(about);
    List<Next> next = new ArrayList<>();
    if (evidence == null) {
      return next;
    }
    Map<String, @Nullable String> window = new LinkedHashMap<>();
    if (evidence.from() != null && evidence.to() != null) {
      window.put("from", evidence.from().toString());
      window.put("to", evidence.to().toString());
    }
    if (!agent.isEmpty()) {
      Map<String, @Nullable String> compared = new LinkedHashMap<>(window);
      Evidence.Past past = evidence.baseline();
      if (past != null && !window.isEmpty()) {
        compared.put("compare_from", past.from().toString());
        compared.put("compare_to", past.to().toString());
      }
      next.add(
          new Next(
              past == null ? "the agent in this window" : "the agent, this window and before",
              Links.of(Links.agent(base, agent), compared)));
      executions(base, kind, agent, evidence, window, next);
    }
    for (UUID example : evidence.examples().stream().limit(EXAMPLES).toList()) {
      next.add(
          new Next("example " + example.toString().substring(24), base + "/executions/" + example));
    }
    return next;
  }

  private static void executions(
      String base,
      String kind,
      String agent,
      Evidence evidence,
      Map<String, @Nullable String> window,
      List<Next> next) {
    Map<String, @Nullable String> filter = new LinkedHashMap<>();
    filter.put("agent", agent);
    filter.putAll(window);
    String list = base + "/executions";
    switch (kind) {
      case "failure-rate", "new-error", "abandoned" -> {
        next.add(new Next("its errors", Links.of(base + "/errors", filter)));
        filter.put("status", "failed");
        next.add(new Next("failed executions", Links.of(list, filter)));
      }
      case "latency" -> {
        Evidence.Past past = evidence.baseline();
        double slow = past == null ? evidence.value() : past.value();
        filter.put("min", Math.max(1, Math.round(slow / 1e3)) + "ms");
        next.add(new Next("slow executions", Links.of(list, filter)));
      }
      case "quality" -> next.add(new Next("lowest scores", Links.of(base + "/quality", filter)));
      case "pattern" -> next.add(new Next("deviations", Links.of(base + "/quality", filter)));
      case "stuck" ->
          next.add(
              new Next(
                  "running executions",
                  Links.of(list, Map.of("agent", agent, "status", "in_progress"))));
      case "dropped" -> next.add(new Next("instances", base + "/instances"));
      default -> next.add(new Next("executions", Links.of(list, filter)));
    }
  }
}
