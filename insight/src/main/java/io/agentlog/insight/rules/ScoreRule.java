package io.agentlog.insight.rules;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How executions of an agent are scored.
 *
 * @param name of which a file has one each
 * @param agents names of agents; "*" is any number of characters
 * @param scorers at least one
 * @param warnBelow score below which an execution is kept with a warning
 * @param failBelow score below which it is kept as failed
 * @param hash SHA-256 of what it says, 64 hexadecimal digits
 */
public record ScoreRule(
    String name,
    List<String> agents,
    List<Scorer> scorers,
    double warnBelow,
    double failBelow,
    String hash) {
  /** Origin of a score from 0 to 1. */
  public enum Source {
    NO_ERROR,
    LATENCY,
    PATTERN,
    CONFIDENCE,
    APPLICATION,
    JUDGE
  }

  /**
   * One score of several.
   *
   * @param weight above 0
   * @param budget of {@code LATENCY}: up to which duration the score is 1
   * @param judge of {@code JUDGE}
   */
  public record Scorer(
      Source source, double weight, @Nullable Duration budget, @Nullable Judge judge) {}

  /**
   * A service that scores texts.
   *
   * @param url to which prompts are sent
   * @param sample share of executions that are sent, from 0 to 1
   * @param votes how often each is asked; the median counts
   * @param perDay executions that are sent in a day (UTC) at most
   */
  public record Judge(URI url, double sample, int votes, int perDay) {}
}
