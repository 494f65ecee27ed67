package io.agentlog.insight.statistics;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How well confidences foretell success. Fewer than {@link #DECISIONS_MIN} decisions say too little
 * for an error of calibration.
 *
 * @param n decisions with an outcome
 * @param groups of about equal count, by ascending confidence; a bin is never divided
 * @param ece mean distance of a group's confidence and its share of successes; null for too few
 * @param brier mean square of confidence less outcome; null without decisions
 * @param reliability what the distances of the groups add to {@code brier}
 * @param resolution what the differences between outcomes, as far as confidences tell them, take
 *     from {@code brier}
 * @param uncertainty {@code brier} of who always gives the share of all successes. {@code brier} =
 *     reliability − resolution + uncertainty
 * @param correlation of confidence and outcome, −1 to 1; null if one of them is always the same
 */
public record Calibration(
    long n,
    long succeeded,
    double confidenceMean,
    List<Group> groups,
    @Nullable Double ece,
    @Nullable Double brier,
    @Nullable Double reliability,
    @Nullable Double resolution,
    @Nullable Double uncertainty,
    @Nullable Double correlation) {
  /** Decisions below which no error of calibration is given. */
  public static final int DECISIONS_MIN = 100;

  /** Groups of about equal count. */
  public static final int GROUPS = 10;

  /** A normal value beyond which chance alone is at one of twenty times. */
  private static final double Z = 1.96;

  /** Sums over the decisions of a bin, or of several. Bins come in ascending order. */
  public record Sums(
      long n,
      long succeeded,
      double confidence,
      double confidenceSquares,
      double confidenceSucceeded,
      long qualityN,
      double quality,
      double confidenceQuality) {
    public static final Sums NONE = new Sums(0, 0, 0, 0, 0, 0, 0, 0);

    /** Returns the sums over both. */
    public Sums plus(Sums other) {
      return new Sums(
          n + other.n,
          succeeded + other.succeeded,
          confidence + other.confidence,
          confidenceSquares + other.confidenceSquares,
          confidenceSucceeded + other.confidenceSucceeded,
          qualityN + other.qualityN,
          quality + other.quality,
          confidenceQuality + other.confidenceQuality);
    }
  }

  /**
   * Decisions of about the same confidence.
   *
   * @param rate share of successes
   * @param interval of that share; null without decisions
   * @param qualityConfidence mean confidence of the decisions whose outcome has a quality score
   */
  public record Group(
      long n,
      double confidence,
      double rate,
      @Nullable Interval interval,
      long qualityN,
      @Nullable Double qualityMean,
      @Nullable Double qualityConfidence) {
    static Group of(Sums sums) {
      return new Group(
          sums.n,
          sums.confidence / sums.n,
          (double) sums.succeeded / sums.n,
          Interval.of(sums.succeeded, sums.n),
          sums.qualityN,
          sums.qualityN == 0 ? null : sums.quality / sums.qualityN,
          sums.qualityN == 0 ? null : sums.confidenceQuality / sums.qualityN);
    }

    /** Returns whether its interval leaves out its confidence. */
    public boolean isOff() {
      return interval != null && !interval.has(confidence);
    }
  }

  /**
   * Computes all of it.
   *
   * @param bins by ascending confidence
   */
  public static Calibration of(List<Sums> bins) {
    Sums all = bins.stream().reduce(Sums.NONE, Sums::plus);
    if (all.n == 0) {
      return new Calibration(0, 0, 0, List.of(), null, null, null, null, null, null);
    }
    List<Sums> groups = group(bins, all.n);
    double n = all.n;
    double base = all.succeeded / n;
    double distance = 0;
    double reliability = 0;
    double resolution = 0;
    for (Sums group : groups) {
      double confidence = group.confidence / group.n;
      double rate = (double) group.succeeded / group.n;
      distance += group.n * Math.abs(rate - confidence);
      reliability += group.n * (rate - confidence) * (rate - confidence);
      // Confidences differ within a group too; without these two terms the parts do not add up.
      double varies = group.confidenceSquares - group.confidence * confidence;
      double follows = group.confidenceSucceeded - group.succeeded * confidence;
      resolution += group.n * (rate - base) * (rate - base) - varies + 2 * follows;
    }
    return new Calibration(
        all.n,
        all.succeeded,
        all.confidence / n,
        groups.stream().map(Group::of).toList(),
        all.n < DECISIONS_MIN ? null : distance / n,
        (all.confidenceSquares - 2 * all.confidenceSucceeded + all.succeeded) / n,
        reliability / n,
        resolution / n,
        base * (1 - base),
        correlation(all));
  }

  private static List<Sums> group(List<Sums> bins, long total) {
    List<Sums> groups = new ArrayList<>();
    Sums open = Sums.NONE;
    long closed = 0;
    for (Sums bin : bins) {
      open = open.plus(bin);
      long share = closed * GROUPS / total + 1; // A bin may fill several groups alone.
      if (open.n > 0 && (closed + open.n) * GROUPS >= total * share) {
        closed += open.n;
        groups.add(open);
        open = Sums.NONE;
      }
    }
    if (open.n > 0) {
      groups.add(open);
    }
    return groups;
  }

  private static @Nullable Double correlation(Sums all) {
    double n = all.n;
    double ofConfidence = all.confidenceSquares / n - all.confidence / n * (all.confidence / n);
    double ofOutcome = all.succeeded / n * (1 - all.succeeded / n);
    if (ofConfidence <= 1e-12 || ofOutcome <= 0) {
      return null;
    }
    double common = all.confidenceSucceeded / n - all.confidence / n * (all.succeeded / n);
    return common / Math.sqrt(ofConfidence * ofOutcome);
  }

  /** Returns whether there are too few decisions for an error of calibration. */
  public boolean isTooFew() {
    return n < DECISIONS_MIN;
  }

  /** Returns whether confident decisions succeed no more often than others, as far as n tells. */
  public boolean tellsNothing() {
    return !isTooFew() && (correlation == null || correlation * Math.sqrt((double) n) < Z);
  }

  /** Returns mean confidence less the share of successes: above 0 if it promises too much. */
  public double excess() {
    return n == 0 ? 0 : confidenceMean - (double) succeeded / n;
  }

  /** Returns the groups whose interval leaves out their confidence. */
  public long offCount() {
    return groups.stream().filter(Group::isOff).count();
  }
}
