package io.agentlog.insight.evaluate;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Effect;
import io.agentlog.insight.statistics.MannWhitney;
import io.agentlog.insight.statistics.Scales;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges scores by the shares that are lower than three quantiles of the baseline. Counts of them
 * have an exact test; a test of ranks would be wrong where many scores are equal.
 */
final class QualityJudge implements Judge {
  private static final List<Double> QUANTILES = List.of(0.10, 0.25, 0.50);

  private final Series series;
  private final Condition.Quality condition;
  private final int minCount;
  private final Pasts<Compared> pasts;

  private static final class Compared {
    final Past past;
    final List<Cut> cuts = new ArrayList<>();
    private @Nullable Double lowest;

    Compared(Past past) {
      this.past = past;
      for (double quantile : QUANTILES) {
        int bin = requireNonNullElse(past.qualities().quantile(quantile), 0);
        if (cuts.isEmpty() || cuts.get(cuts.size() - 1).bin != bin) {
          cuts.add(
              new Cut(
                  bin,
                  new Share(
                      past,
                      slot -> slot.qualities().below(bin),
                      slot -> slot.qualities().total(),
                      past.qualities().below(bin),
                      past.qualities().total())));
        }
      }
    }

    /** Returns Cliff's delta of the comparable window that was the worst. */
    double lowestDelta() {
      if (lowest == null) {
        lowest = past.lowestOfQualities(window -> delta(past.qualities(), window));
      }
      return lowest;
    }
  }

  /** A bin below which scores are counted. */
  private record Cut(int bin, Share share) {}

  QualityJudge(Series series, Condition.Quality condition) {
    this.series = series;
    this.condition = condition;
    this.minCount = Math.max(1, condition.minCount());
    this.pasts =
        new Pasts<>(
            series,
            requireNonNull(condition.baseline(), "a quality rule has a baseline"),
            slot -> slot.qualities().total(),
            minCount,
            false,
            Compared::new);
  }

  @Override
  public int tests() {
    return QUANTILES.size();
  }

  @Override
  public Result judge(Duration window, Instant to, List<TimeSpan> leftOut, double level) {
    Compared compared = pasts.of(window, to, leftOut);
    long n = Sums.of(series, to, window, slot -> slot.qualities().total());
    if (compared.past.isTooLittle()) {
      return Sums.learning(
          series, window, to, compared.past, compared.cuts.get(0).share.pastWhole());
    }
    boolean isWorse =
        n >= minCount
            && compared.cuts.stream().anyMatch(cut -> isLower(cut, window, to, n, level))
            && isFarther(compared, Sums.qualities(series, to, window));
    return new Result(
        isWorse ? Look.Verdict.WORSE : Look.Verdict.FINE,
        window,
        to,
        () -> isBack(compared, window, to, n),
        () -> evidence(compared, window, to, level));
  }

  private boolean isLower(Cut cut, Duration window, Instant to, long n, double level) {
    long k = Sums.spread(series, to, window, cut.share.part);
    return cut.share.leastP(k, n) <= level && cut.share.p(k, n) <= level;
  }

  private boolean isFarther(Compared compared, Bins window) {
    double delta = delta(compared.past.qualities(), window);
    return delta <= -condition.minEffect() && delta < compared.lowestDelta();
  }

  private static double delta(Bins before, Bins after) {
    return requireNonNullElse(Bins.cliffsDelta(before, after), 0.0);
  }

  private boolean isBack(Compared compared, Duration window, Instant to, long n) {
    Bins newest = Sums.qualities(series, to, Sums.newest(window));
    return newest.total() == 0
        ? n == 0
        : delta(compared.past.qualities(), newest) > -condition.minEffect();
  }

  private Evidence evidence(Compared compared, Duration window, Instant to, double level) {
    Bins now = Sums.qualities(series, to, window);
    Bins before = compared.past.qualities();
    Cut cut = compared.cuts.get(0);
    long k = 0;
    double p = 2;
    for (Cut each : compared.cuts) {
      double probability =
          each.share.p(Sums.spread(series, to, window, each.share.part), now.total());
      if (probability < p) {
        p = probability;
        cut = each;
        k = Sums.of(series, to, window, each.share.part);
      }
    }
    double mean = mean(now);
    double lowestMean = compared.past.lowestOfQualities(QualityJudge::mean);
    double delta = delta(before, now);
    String summary =
        series.agent()
            + ": the mean score of "
            + Words.executions(now.total())
            + " in the last "
            + Words.window(window)
            + " is "
            + Words.score(mean)
            + ", usually "
            + Words.score(mean(before))
            + ", at least "
            + Words.score(lowestMean)
            + " in any window; "
            + Words.percent(now.total() == 0 ? 0 : (double) k / now.total())
            + " are below "
            + Words.score(cut.bin / 200.0)
            + ", usually "
            + Words.percent(cut.share.past())
            + " (difference: "
            + Effect.of(delta).word()
            + rankTest(before, now)
            + ")"
            + (now.total() < minCount ? "; too few to judge" : "");
    return Sums.evidence(
        Sums.evidence(
            now.total() == 0
                ? Words.none(series.agent(), "execution has a score", window)
                : summary,
            to,
            window,
            now.total(),
            k,
            mean,
            "score"),
        null,
        new Evidence.Past(
            compared.past.from(),
            compared.past.to(),
            compared.past.windows(),
            before.total(),
            cut.share.pastPart(),
            mean(before),
            lowestMean),
        delta,
        Math.min(1, p),
        level);
  }

  private static String rankTest(Bins before, Bins now) {
    Double p = MannWhitney.lower(before, now);
    return p == null ? "" : ", Mann-Whitney p = " + Words.probability(p);
  }

  private static double mean(Bins scores) {
    double sum = 0;
    for (int bin = 0; bin < scores.end(); bin++) {
      sum += scores.count(bin) * Scales.quality(bin);
    }
    return scores.total() == 0 ? 0 : sum / scores.total();
  }
}
