package io.agentlog.agent.status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The name of this machine, container or pod, as its system knows it. */
public final class HostName {
  private static final Path KERNEL_NAME = Path.of("/proc/sys/kernel/hostname");

  private HostName() {}

  /**
   * Returns the name; null if the system does not tell it. Asks no name server, which may take
   * seconds to answer.
   */
  public static @Nullable String find() {
    try {
      String name = System.getenv("HOSTNAME");
      if (name == null) {
        name = System.getenv("COMPUTERNAME"); // Windows.
      }
      if (name == null) {
        name = Files.readString(KERNEL_NAME);
      }
      return name.isBlank() ? null : name.strip();
    } catch (IOException | SecurityException e) { // No Linux, or a security manager.
      return null;
    }
  }
}
