package io.agentlog.insight.page;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Failures of a window in groups, the most frequent first.
 *
 * @param by what the figures are summed by: minute or hour
 * @param failures of all groups
 * @param more groups that are not listed
 * @param texts whether messages are shown
 * @param note what is missing, and what to do; null if nothing is
 */
public record ErrorsPage(
    View view,
    Filters filters,
    Window window,
    String by,
    Age age,
    long failures,
    int newGroups,
    List<Row> groups,
    int more,
    boolean texts,
    List<LivePage.Figure> figures,
    @Nullable String note) {

  /**
   * Failures with the same agent, type of error, and message but for its changing parts.
   *
   * @param provisional of n: ended by another JVM, and a real end may still come
   * @param isNew whether none was seen in the week before the window
   * @param pattern of the messages; null unless texts are shown
   * @param points by time
   */
  public record Row(
      String agent,
      String type,
      String fingerprint,
      long n,
      long provisional,
      @Nullable Instant firstSeen,
      @Nullable Instant lastSeen,
      boolean isNew,
      UUID example,
      @Nullable String pattern,
      List<@Nullable Double> points) {}
}
