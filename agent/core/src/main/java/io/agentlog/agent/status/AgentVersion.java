package io.agentlog.agent.status;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version of this agentlog. */
public final class AgentVersion {
  private static final String RESOURCE = "/io/agentlog/agent/version.properties";

  private AgentVersion() {}

  /** The version as built, such as {@code 0.1.0}; {@code unknown} if the build did not say. */
  public static String text() {
    try (InputStream in = AgentVersion.class.getResourceAsStream(RESOURCE)) {
      Properties properties = new Properties();
      if (in != null) {
        properties.load(in);
      }
      return properties.getProperty("version", "unknown");
    } catch (IOException | IllegalArgumentException e) {
      return "unknown"; // No warning, because the start-up line shows it.
    }
  }
}
