package io.agentlog.event;

import static java.util.Objects.requireNonNull;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is the same for all events of a JVM, so that no event carries it.
 *
 * @param instanceId of the JVM
 * @param projectPath of executions that name none, or null
 * @param projectName of executions that name none, or null
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
