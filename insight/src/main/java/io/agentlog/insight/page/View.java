package io.agentlog.insight.page;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frame of every page.
 *
 * @param base path before all paths of the server; empty for none
 * @param section of the navigation that the page belongs to, such as {@code executions}
 * @param about the window and the age of the data, for the reader
 * @param firing alerts that fire; 0 also if that is unknown
 */
public record View(
    String base,
    String title,
    String section,
    String style,
    String script,
    @Nullable String about,
    String database,
    String version,
    Instant at,
    String search,
    int firing) {

  /** A place in the navigation. */
  public record Place(String key, String section, String path, String name) {}

  /** The navigation, with the letter that leads there after {@code g}. */
  public static final List<Place> PLACES =
      List.of(
          new Place("l", "live", "/", "Live"),
          new Place("w", "alerts", "/alerts", "Alerts"),
          new Place("e", "executions", "/executions", "Executions"),
          new Place("a", "agents", "/agents", "Agents"),
          new Place("r", "routing", "/routing", "Routing"),
          new Place("q", "quality", "/quality", "Quality"),
          new Place("p", "prompts", "/prompts", "Prompts"),
          new Place("f", "errors", "/errors", "Errors"),
          new Place("i", "instances", "/instances", "Instances"));
}
