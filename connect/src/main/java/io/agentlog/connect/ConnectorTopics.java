package io.agentlog.connect;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The topics that the connector reads.
 *
 * @param fleet name of the fleet whose JVMs write to them
 * @param heartbeats topic of the JVMs' heartbeats
 * @param named topics of events that the settings name
 * @param pattern of the topics, if they are given by one
 */
record ConnectorTopics(
    String fleet, String heartbeats, List<String> named, @Nullable Pattern pattern) {
  static final String TOPICS = "topics";
  static final String REGEX = "topics.regex";

  /** Reads the settings of a task. */
  static ConnectorTopics of(Map<String, String> properties, String fleet, String heartbeats) {
    List<String> named =
        listed(properties).stream().filter(topic -> !topic.equals(heartbeats)).toList();
    String regex = properties.get(REGEX);
    return new ConnectorTopics(
        fleet, heartbeats, named, regex == null || regex.isBlank() ? null : Pattern.compile(regex));
  }

  /** Returns the topics that the settings name, also that of heartbeats; none with a pattern. */
  static List<String> listed(Map<String, String> properties) {
    return Arrays.stream(properties.getOrDefault(TOPICS, "").split(",", -1))
        .map(String::strip)
        .filter(topic -> !topic.isEmpty())
        .toList();
  }

  /** True for a topic whose events are loaded. */
  boolean hasEvents(String topic) {
    Pattern all = pattern;
    return !topic.equals(heartbeats)
        && (named.contains(topic) || (all != null && all.matcher(topic).matches()));
  }
}
