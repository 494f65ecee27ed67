package io.agentlog.agent.status;

import java.util.List;
import java.util.Map;

/**
 * The agent over JMX, as {@value AgentMBeans#NAME}. Each read returns the current value. No
 * attribute holds a secret or a value of an execution.
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

  /** Counters of capture, by name. */
  Map<String, Long> getCounters();

  /** Events that were not recorded, by cause. */
  Map<String, Long> getDropped();

  /** The frameworks whose agents are recorded. */
  List<FrameworkMXView> getFrameworks();

  /**
   * The sinks, with counts of events. For each sink, recorded = delivered + pending + parked +
   * undecodable.
   */
  List<SinkMXView> getSinks();

  /** One framework in one version, as a composite value. */
  interface FrameworkMXView {
    /** Name, as in the option {@code frameworks}. */
    String getName();

    /** Version, as its jar says. */
    String getVersion();

    /** Count of its methods that are woven when their classes are loaded. */
    int getHooksMatched();

    /** Methods that this version does not have, so that something is not recorded. */
    List<String> getHooksMissing();
  }

  /** One sink, as a composite value. */
  interface SinkMXView {
    /** Name of the sink. */
    String getName();

    /** The place that the sink writes to; no secrets. */
    String getTarget();

    /** False from the first failure to the next success. */
    boolean isUp();

    /** Events that the backend confirmed. */
    long getDelivered();

    /** Events that wait for delivery. */
    long getPending();

    /** Events that the backend refused for good and that were set aside. */
    long getParked();

    /** Events that could not be read. */
    long getUndecodable();

    /** Age in milliseconds of the oldest event that the sink's thread holds. */
    long getLagMillis();

    /** The last error of the sink; empty if the sink was never down. */
    String getLastError();
  }
}
