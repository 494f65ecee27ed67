package io.agentlog.insight.page;

import io.agentlog.insight.evaluate.AlertState;
import io.agentlog.insight.evaluate.Evidence;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A rule and one agent, or whatever else it is about.
 *
 * @param kind of the rule, such as {@code failure-rate}
 * @param about what it is about, by name, such as {@code agent}
 * @param labels that the rule adds
 * @param muted whether nothing is sent at the moment
 * @param since when it came into its state
 * @param incident null before the first one
 * @param startedAt when the incident began
 * @param endedAt when the incident was resolved; null while it goes on
 * @param unknownSince since when the figures could not be read; null if the last look could
 * @param lastLook when the figures were looked at last
 * @param evidence of the last look that saw something; null if there was none
 * @param facts the evidence in words
 * @param next pages that show more
 */
public record Alert(
    String rule,
    String kind,
    Map<String, String> about,
    Map<String, String> labels,
    AlertState state,
    Instant since,
    @Nullable UUID incident,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable Instant unknownSince,
    boolean muted,
    @Nullable Instant lastLook,
    @Nullable Evidence evidence,
    List<Fact> facts,
    List<Next> next) {

  /** Kinds of the alerts about the alerts. */
  private static final Set<String> OWN_KINDS = Set.of("blind", "rules-invalid");

  /** One line of the evidence. */
  public record Fact(String name, String text) {}

  /** A page to look at next. */
  public record Next(String name, String path) {}

  /** Returns the agent; empty if it is not about one. */
  public static String agent(Map<String, String> about) {
    return about.getOrDefault("agent", "");
  }

  /** Returns what it is about, for people. A rule that has found nothing is about all agents. */
  public String title() {
    return about.isEmpty() && !OWN_KINDS.contains(kind) ? "all agents" : title(about);
  }

  /** Returns what it is about, for people. */
  public static String title(Map<String, String> about) {
    return about.isEmpty()
        ? "the dashboard"
        : about.values().stream()
            .map(value -> value.isEmpty() ? "(no name)" : value)
            .collect(Collectors.joining(" · "));
  }
}
