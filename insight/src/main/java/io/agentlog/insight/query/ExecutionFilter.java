package io.agentlog.insight.query;

import io.agentlog.insight.page.Window;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which executions a search wants; null means any.
 *
 * @param window of the start
 * @param minMicros least duration, in microseconds
 * @param scoreBelow highest quality score, itself not wanted
 * @param text that the prompt or the error message contains, in any case
 */
public record ExecutionFilter(
    Window window,
    @Nullable String agent,
    @Nullable String project,
    @Nullable String status,
    @Nullable String errorType,
    @Nullable Long minMicros,
    @Nullable Double scoreBelow,
    @Nullable UUID correlation,
    @Nullable String text) {

  /** The place in the order of executions after which a page begins. */
  public record Cursor(Instant startedAt, UUID id) {}
}
