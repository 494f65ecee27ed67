package io.agentlog.connect;

import org.jspecify.annotations.Nullable;

/** The version of this plugin. */
final class ConnectorVersion {
  private ConnectorVersion() {}

  /** Returns the version that the jar's manifest names; {@code unknown} outside of a jar. */
  static String text() {
    @Nullable String version = ConnectorVersion.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }
}
