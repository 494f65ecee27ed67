package io.agentlog.agent.status;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version and build of this agentlog. */
public final class AgentVersion {
  private static final String RESOURCE = "/io/agentlog/agent/version.properties";

  private AgentVersion() {}

  /** The version as built, such as {@code 0.1.0}; {@code unknown} if the build did not say. */
  public static String text() {
    return property("version", "unknown");
  }

  /**
   * A text that differs for each jar with other content; empty for classes that are in no jar of
   * the agent.
   */
  public static String build() {
    return property("build", "");
  }

  private static String property(String key, String fallback) {
    try (InputStream in = AgentVersion.class.getResourceAsStream(RESOURCE)) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty(key, fallback);
    } catch (IOException | IllegalArgumentException e) {
      return fallback; // No warning, because the start-up line shows it.
    }
  }
}
