package io.agentlog.insight.page;

import java.util.Objects;

/** The version of the jar. */
public final class InsightVersion {
  private InsightVersion() {}

  /** The version as built, such as {@code 0.1.0}; {@code unknown} outside the jar. */
  public static String text() {
    return Objects.requireNonNullElse(
        InsightVersion.class.getPackage().getImplementationVersion(), "unknown");
  }
}
