package io.agentlog.event;

import static java.util.Objects.requireNonNull;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The facts that are the same for all events of a JVM, so that no event carries them.
 *
 * @param instanceId of the JVM
 * @param projectPath default for executions that name none, or null
 * @param projectName default for executions that name none, or null
 * @param claudeSessionId or null
 * @param terminalId or null
 */
public record InstanceFacts(
    UUID instanceId,
    @Nullable String projectPath,
    @Nullable String projectName,
    @Nullable String claudeSessionId,
    @Nullable String terminalId) {
  public InstanceFacts {
    requireNonNull(instanceId, "instanceId");
  }
}
