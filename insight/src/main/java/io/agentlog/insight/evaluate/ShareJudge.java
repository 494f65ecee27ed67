package io.agentlog.insight.evaluate;

import io.agentlog.insight.rules.Baseline;
import io.agentlog.insight.statistics.ExactTests;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Judges shares: of failures, of violations of a pattern. */
final class ShareJudge implements Judge {
  /** How many times the baseline's share it has to be. */
  private static final double RATIO_MIN = 1.5;

  private static final String BURST =
      "; most of them came within five minutes, so one cause may have made them all: it is worse if they go on";

  private final Series series;
  private final ToLongFunction<Slot> part;
  private final ToLongFunction<Slot> whole;
  private final int minCount;
  private final @Nullable Double max;
  private final String verb;
  private final @Nullable Pasts<Compared> pasts;

  private record Compared(Past past, Share share) {}

  /**
   * Makes one.
   *
   * @param verb what the counted executions did
   */
  ShareJudge(
      Series series,
      @Nullable Baseline baseline,
      ToLongFunction<Slot> part,
      ToLongFunction<Slot> whole,
      int minCount,
      @Nullable Double max,
      String verb) {
    this.series = series;
    this.part = part;
    this.whole = whole;
    this.minCount = Math.max(1, minCount);
    this.max = max;
    this.verb = verb;
    this.pasts =
        baseline == null
            ? null
            : new Pasts<>(
                series,
                baseline,
                whole,
                this.minCount,
                false,
                past -> new Compared(past, new Share(past, part, whole)));
  }

  @Override
  public Result judge(Duration window, Instant to, List<TimeSpan> leftOut, double level) {
    long n = Sums.of(series, to, window, whole);
    long k = Sums.of(series, to, window, part);
    if (pasts == null) {
      return absolute(window, to, n, k, level);
    }
    Compared compared = pasts.of(window, to, leftOut);
    Share share = compared.share;
    if (compared.past.isTooLittle()) {
      return Sums.learning(series, window, to, compared.past, share.pastWhole());
    }
    double limit = Math.max(max == null ? 0 : max, RATIO_MIN * share.past());
    double rate = rate(k, n);
    boolean isWorse =
        n >= minCount
            && k > 0
            && rate >= limit
            && share.leastP(k, n) <= level
            && share.p(Sums.spread(series, to, window, part), n) <= level
            && rate > share.worst();
    return new Result(
        isWorse ? Look.Verdict.WORSE : Look.Verdict.FINE,
        window,
        to,
        () -> isBack(window, to, n, limit),
        () ->
            Sums.evidence(
                figures(window, to, n, k, usual(share)),
                limit,
                new Evidence.Past(
                    compared.past.from(),
                    compared.past.to(),
                    compared.past.windows(),
                    share.pastWhole(),
                    share.pastPart(),
                    share.past(),
                    share.worst()),
                share.pastPart() == 0 ? null : rate / share.past(),
                share.p(Sums.spread(series, to, window, part), n),
                level));
  }

  private Result absolute(Duration window, Instant to, long n, long k, double level) {
    double limit = max == null ? 1 : max;
    boolean isWorse =
        n >= minCount
            && rate(k, n) > limit
            && ExactTests.binomial(k, n, limit) <= level
            && ExactTests.binomial(Sums.spread(series, to, window, part), n, limit) <= level;
    return new Result(
        isWorse ? Look.Verdict.WORSE : Look.Verdict.FINE,
        window,
        to,
        () -> isBack(window, to, n, limit),
        () ->
            Sums.evidence(
                figures(
                    window,
                    to,
                    n,
                    k,
                    "; at most "
                        + Words.percent(limit)
                        + " may"
                        + (n >= minCount && isBurst(window, to, n, k, limit, level) ? BURST : "")),
                limit,
                null,
                null,
                ExactTests.binomial(Sums.spread(series, to, window, part), n, limit),
                level));
  }

  private boolean isBurst(Duration window, Instant to, long n, long k, double limit, double level) {
    return ExactTests.binomial(k, n, limit) <= level
        && ExactTests.binomial(Sums.spread(series, to, window, part), n, limit) > level;
  }

  private static double rate(long k, long n) {
    return n == 0 ? 0 : (double) k / n;
  }

  private boolean isBack(Duration window, Instant to, long n, double limit) {
    Duration newest = Sums.newest(window);
    long newestN = Sums.of(series, to, newest, whole);
    long newestK = Sums.of(series, to, newest, part);
    return newestN == 0 ? n == 0 : newestK == 0 || rate(newestK, newestN) < limit;
  }

  private static String usual(Share share) {
    return "; usually "
        + Words.percent(share.past())
        + ", at most "
        + Words.percent(share.worst())
        + " in any window";
  }

  private Evidence figures(Duration window, Instant to, long n, long k, String comparison) {
    String summary =
        series.agent()
            + ": "
            + k
            + " of "
            + Words.executions(n)
            + " in the last "
            + Words.window(window)
            + " "
            + verb
            + " ("
            + Words.percent(rate(k, n))
            + ")"
            + comparison
            + (n < minCount ? "; too few to judge" : "");
    return Sums.evidence(
        n == 0 ? Words.none(series.agent(), "execution ended", window) : summary,
        to,
        window,
        n,
        k,
        rate(k, n),
        "share");
  }
}
