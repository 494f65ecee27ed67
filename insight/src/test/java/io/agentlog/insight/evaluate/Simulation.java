package io.agentlog.insight.evaluate;

import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Baseline;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Windows;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Worlds in which nothing changes, or changes once, and rules that watch them. */
final class Simulation {
  static final Baseline SAME_HOUR = new Baseline(Baseline.Kind.SAME_HOUR, Duration.ofDays(28));
  static final List<Duration> WINDOWS = List.of(Duration.ofHours(1), Duration.ofHours(6));

  /** Microseconds; the median is a second. */
  static final DoubleUnaryOperator LOGNORMAL = micros -> Noise.normal(Math.log(micros / 1_000_000));

  static final DoubleUnaryOperator PARETO =
      micros -> micros <= 100_000 ? 0 : 1 - Math.pow(100_000 / micros, 1.5);

  static final DoubleUnaryOperator BETA = x -> 9 * Math.pow(x, 8) - 8 * Math.pow(x, 9);
  static final DoubleUnaryOperator U_SHAPED = x -> 2 / Math.PI * Math.asin(Math.sqrt(x));
  static final DoubleUnaryOperator TIES = x -> 0.05 * x;

  private static final double FALSE_ALARMS = 0.01;

  private Simulation() {}

  /** A rule and a world in which it should stay silent. */
  record Setup(String name, Condition.Windowed condition, World world) {}

  /** Returns all setups. */
  static List<Setup> setups() {
    List<Setup> setups = new ArrayList<>();
    for (String variant : new String[] {"", ", clusters of 5", ", day curve 10:1", ", drift 3 %"}) {
      int cluster = variant.contains("clusters") ? 5 : 1;
      boolean isCurve = variant.contains("curve");
      double drift = variant.contains("drift") ? 0.03 : 0;
      for (int perHour : new int[] {10, 100, 1_000}) {
        String suffix = ", " + perHour + "/h" + variant;
        for (double rate : new double[] {0.001, 0.01, 0.05, 0.2}) {
          World world = new World(rate, World.NONE, World.NONE, perHour);
          String name = "failures " + Words.percent(rate);
          setups.add(
              new Setup(name + suffix, failures(null, 30), world.with(cluster, isCurve, drift)));
          if (cluster == 1 && drift == 0) { // Without a baseline neither can be known.
            setups.add(
                new Setup(
                    name + " of " + Words.percent(rate) + " allowed" + suffix,
                    new Condition.FailureRate(WINDOWS, null, 30, rate, Condition.Unit.EXECUTION),
                    world.with(1, isCurve, 0)));
          }
        }
        Map.of("Beta(8,2)", BETA, "U-shaped", U_SHAPED, "95 % ties", TIES)
            .forEach(
                (name, cdf) ->
                    setups.add(
                        new Setup(
                            "quality " + name + suffix,
                            new Condition.Quality(WINDOWS, SAME_HOUR, 50, 0.2),
                            new World(0, cdf, World.NONE, perHour).with(cluster, isCurve, drift))));
        Map.of("lognormal 1", LOGNORMAL, "Pareto 1.5", PARETO)
            .forEach(
                (name, cdf) ->
                    setups.add(
                        new Setup(
                            "duration " + name + suffix,
                            latency(30),
                            new World(0, World.NONE, cdf, perHour).with(cluster, isCurve, drift))));
      }
    }
    return setups;
  }

  static Condition.FailureRate failures(@Nullable Double max, int minCount) {
    return new Condition.FailureRate(WINDOWS, SAME_HOUR, minCount, max, Condition.Unit.EXECUTION);
  }

  static Condition.Latency latency(int minCount) {
    return new Condition.Latency(
        WINDOWS, SAME_HOUR, minCount, 0.95, null, 1.25, Duration.ofMillis(200));
  }

  static AlertRule rule(String name, Condition condition) {
    return new AlertRule(
        name,
        List.of("*"),
        condition,
        FALSE_ALARMS,
        List.of(),
        Duration.ofHours(24),
        Duration.ofMinutes(15),
        Duration.ofMinutes(30),
        Map.of(),
        "");
  }

  /** Returns the seed of a week, which is the same on all machines. */
  static long seed(String setup, int week) {
    return setup.hashCode() * 1_000_003L + week;
  }

  /** Returns when an alert fires in the week after 28 days in which all was alike; null if not. */
  static @Nullable Instant firstAlarm(Setup setup, int week) {
    Instant begin = World.START.plus(World.HISTORY);
    World.Stream stream = setup.world.new Stream(seed(setup.name, week));
    History history =
        new History("agent", begin.minus(Duration.ofHours(6)))
            .until(begin.plus(Duration.ofDays(7)), stream);
    return firstAlarm(
        rule(setup.name, setup.condition), 1, history.series, begin, Duration.ofDays(7));
  }

  /** Returns when an alert fires; null if none does. */
  static @Nullable Instant firstAlarm(
      AlertRule rule, int agents, Series series, Instant begin, Duration length) {
    Evaluator evaluator = new Evaluator(rule, agents, series);
    AlertStatus status = AlertStatus.first(begin);
    Instant end = begin.plus(length);
    for (Instant at = begin.plus(Windows.SLOT); !at.isAfter(end); at = at.plus(Windows.SLOT)) {
      if (evaluator.verdict(at, List.of()) == Look.Verdict.WORSE
          || status.state() == AlertState.PENDING) {
        Look look = evaluator.look(at, List.of());
        status = AlertStep.next(rule, status, look, false, new UUID(0, 0)).status();
        if (status.isOn()) {
          return at;
        }
      }
    }
    return null;
  }
}
