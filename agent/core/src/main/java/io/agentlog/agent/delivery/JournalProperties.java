package io.agentlog.agent.delivery;

import io.agentlog.event.InstanceFacts;
import io.agentlog.sink.Sink;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Properties that a journal keeps about its JVM, so that another JVM can deliver it: facts that
 * events don't carry, and the fingerprint of each sink.
 */
public final class JournalProperties {
  private static final String SERVICE = "service";
  private static final String PROJECT_PATH = "project.path";
  private static final String PROJECT_NAME = "project.name";
  private static final String CLAUDE_SESSION_ID = "claude-session-id";
  private static final String TERMINAL_ID = "terminal-id";
  private static final String SINK_PREFIX = "sink.";

  private JournalProperties() {}

  public static Map<String, String> of(InstanceFacts facts, String service, List<Sink> sinks) {
    Map<String, String> properties = new LinkedHashMap<>();
    put(properties, SERVICE, service);
    put(properties, PROJECT_PATH, facts.projectPath());
    put(properties, PROJECT_NAME, facts.projectName());
    put(properties, CLAUDE_SESSION_ID, facts.claudeSessionId());
    put(properties, TERMINAL_ID, facts.terminalId());
    for (Sink sink : sinks) {
      put(properties, SINK_PREFIX + sink.name(), sink.fingerprint());
    }
    return properties;
  }

  static InstanceFacts facts(UUID instanceId, Map<String, String> properties) {
    return new InstanceFacts(
        instanceId,
        properties.get(PROJECT_PATH),
        properties.get(PROJECT_NAME),
        properties.get(CLAUDE_SESSION_ID),
        properties.get(TERMINAL_ID));
  }

  /**
   * Returns the fingerprint of a sink of the journal's JVM; null if it had no sink of that name.
   */
  static @Nullable String fingerprint(String sinkName, Map<String, String> properties) {
    return properties.get(SINK_PREFIX + sinkName);
  }

  private static void put(Map<String, String> properties, String key, @Nullable String value) {
    if (value != null) {
      properties.put(key, value);
    }
  }
}
