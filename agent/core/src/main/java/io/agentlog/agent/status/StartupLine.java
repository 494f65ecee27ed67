package io.agentlog.agent.status;

import io.agentlog.log.AgentLog;
import java.util.List;
import java.util.UUID;

/** The one line that says that the agent is up, and what it does. */
public final class StartupLine {
  private StartupLine() {}

  /**
   * The line, for {@link AgentLog#announce}.
   *
   * @param sinks those that are on; empty if nothing is delivered
   * @param journal where events wait and how many, such as {@code in memory, at most 64m}
   */
  public static String of(
      String version,
      String service,
      UUID instanceId,
      List<SinkDescription> sinks,
      String journal) {
    StringBuilder line = new StringBuilder(200);
    line.append("agentlog ").append(version).append(": service ").append(service);
    line.append(", instance ").append(instanceId);
    line.append(sinks.isEmpty() ? ", no sinks" : ", sinks ");
    String separator = "";
    for (SinkDescription sink : sinks) {
      line.append(separator).append(sink.name()).append(' ').append(sink.target());
      line.append(" (").append(sink.origin()).append(')');
      separator = ", ";
    }
    return line.append(", journal ").append(journal).toString();
  }
}
