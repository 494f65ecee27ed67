package io.agentlog.agent.status;

import io.agentlog.log.AgentLog;
import java.util.List;
import java.util.UUID;

/** The line that the agent prints when it starts: version, service, sinks and journal. */
public final class StartupLine {
  private StartupLine() {}

  /**
   * The line, for {@link AgentLog#announce}.
   *
   * @param sinks the sinks that are on; empty if nothing is delivered
   * @param journal place of the journal, such as {@code in memory} or {@code in FOLDER}
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
