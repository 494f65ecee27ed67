package io.agentlog.connect;

import java.util.LinkedHashMap;
import java.util.Map;

/** Names of the agent's settings, in messages of the store, as the connector calls them. */
final class SettingNames {
  /** The longer names first, since some begin as others do. */
  private static final Map<String, String> NAMES = names();

  private SettingNames() {}

  /** Returns a message with the connector's names. */
  static String inPlaceOfAgents(String message) {
    String text = message;
    for (Map.Entry<String, String> name : NAMES.entrySet()) {
      text = text.replace(name.getKey(), name.getValue());
    }
    return text;
  }

  private static Map<String, String> names() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("agentlog.postgres.client.", ConnectorConfig.DRIVER_PREFIX);
    names.put("agentlog.postgres.client", ConnectorConfig.DRIVER_PREFIX + "*");
    names.put("agentlog.postgres.database", ConnectorConfig.URL);
    names.put("agentlog.postgres.password", ConnectorConfig.PASSWORD);
    names.put("agentlog.postgres.schema", ConnectorConfig.SCHEMA);
    names.put("agentlog.postgres.host", ConnectorConfig.URL);
    names.put("agentlog.postgres.user", ConnectorConfig.USER);
    names.put("agentlog.postgres.url", ConnectorConfig.URL);
    names.put("agentlog.retention", ConnectorConfig.RETENTION);
    return names;
  }
}
