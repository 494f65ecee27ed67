package io.agentlog.agent.status;

import java.util.List;
import java.util.Map;

/**
 * The agent over JMX, as {@value AgentMBeans#NAME}. Each read is of the moment. Values of
 * executions and secrets are in none of it.
 */
public interface AgentMXBean {
  /** Name of the service. */
  String getService();

  /** UUID of this JVM in rows and events. */
  String getInstanceId();

  /** Version of the agent. */
  String getVersion();

  /** Executions that have begun and not ended. */
  int getRunningCount();

  /** What capture counted, by name. */
  Map<String, Long> getCounters();

  /** Events that were not recorded, by cause. */
  Map<String, Long> getDropped();

  /**
   * What became of the events, by sink. Of each sink's thread in events, recorded = delivered +
   * pending + parked + undecodable.
   */
  List<SinkMXView> getSinks();

  /** One sink, as a composite value. */
  interface SinkMXView {
    /** Name of the sink. */
    String getName();

    /** Where it writes. */
    String getTarget();

    /** False from the first failure to the next success. */
    boolean isUp();

    /** Events that the backend confirmed. */
    long getDelivered();

    /** Events that wait. */
    long getPending();

    /** Events that the backend refused for good, set aside. */
    long getParked();

    /** Events that could not be read. */
    long getUndecodable();

    /** Age in milliseconds of the oldest event that its thread holds. */
    long getLagMillis();

    /** Why it was down last; empty if it never was. */
    String getLastError();
  }
}
