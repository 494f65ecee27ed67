package io.agentlog.insight.page;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The filters of a page over a window of time, as its address gives them.
 *
 * @param path of the page, with the base path
 * @param from as given; null for the usual window
 * @param to as given; null for now
 * @param agent null for all
 * @param project null for all
 * @param agents to choose from; empty where the page has no such filter
 * @param projects to choose from; empty where the page has no such filter
 * @param more other parameters of the page, which its links keep
 * @param usual the window without {@code from}, as one of {@link #PERIODS}
 */
public record Filters(
    String path,
    @Nullable String from,
    @Nullable String to,
    @Nullable String agent,
    @Nullable String project,
    List<String> agents,
    List<String> projects,
    Map<String, String> more,
    String usual) {
  /** The windows to choose from. */
  public static final List<String> PERIODS = List.of("1h", "6h", "24h", "7d", "30d", "90d");

  /** Returns the address of the same page for another window until now. */
  public String period(String period) {
    Map<String, @Nullable String> parameters = parameters();
    parameters.put("from", period);
    parameters.remove("to");
    return Links.of(path, parameters);
  }

  /** Returns whether the window is this one. */
  public boolean isPeriod(String period) {
    return to == null && period.equals(from == null ? usual : from);
  }

  /** Returns another page's address with the same window. */
  public String link(String page) {
    Map<String, @Nullable String> parameters = new LinkedHashMap<>();
    parameters.put("from", from);
    parameters.put("to", to);
    parameters.put("project", project);
    return Links.of(page, parameters);
  }

  /** Returns the same page's address with another value of one of its own parameters. */
  public String with(String name, String value) {
    Map<String, @Nullable String> parameters = parameters();
    parameters.put(name, value);
    return Links.of(path, parameters);
  }

  private Map<String, @Nullable String> parameters() {
    Map<String, @Nullable String> parameters = new LinkedHashMap<>();
    parameters.put("from", from);
    parameters.put("to", to);
    parameters.put("agent", agent);
    parameters.put("project", project);
    parameters.putAll(more);
    return parameters;
  }
}
