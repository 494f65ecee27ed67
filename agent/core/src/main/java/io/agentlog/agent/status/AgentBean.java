package io.agentlog.agent.status;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.StandardMBean;

/** The JMX bean. Linked only in a JVM that uses JMX, because it refers to JMX classes. */
record AgentBean(Supplier<AgentStatus> status) implements AgentMXBean {
  static void register(Supplier<AgentStatus> status) throws JMException {
    ManagementFactory.getPlatformMBeanServer()
        .registerMBean(
            new StandardMBean(new AgentBean(status), AgentMXBean.class, true),
            new ObjectName(AgentMBeans.NAME));
  }

  @Override
  public String getService() {
    return status.get().identity().service();
  }

  @Override
  public String getInstanceId() {
    return status.get().identity().instanceId().toString();
  }

  @Override
  public String getVersion() {
    return status.get().identity().version();
  }

  @Override
  public int getRunningCount() {
    return status.get().runningCount();
  }

  @Override
  public Map<String, Long> getCounters() {
    return status.get().counters();
  }

  @Override
  public Map<String, Long> getDropped() {
    return status.get().dropped();
  }

  @Override
  public List<SinkMXView> getSinks() {
    return status.get().sinks().stream().map(sink -> (SinkMXView) new SinkView(sink)).toList();
  }

  @Override
  public List<FrameworkMXView> getFrameworks() {
    return status.get().frameworks().stream()
        .map(framework -> (FrameworkMXView) new FrameworkView(framework))
        .toList();
  }

  private record FrameworkView(FrameworkStatus framework) implements AgentMXBean.FrameworkMXView {
    @Override
    public String getName() {
      return framework.name();
    }

    @Override
    public String getVersion() {
      return framework.version();
    }

    @Override
    public int getHooksMatched() {
      return framework.hooksMatched();
    }

    @Override
    public List<String> getHooksMissing() {
      return framework.hooksMissing();
    }
  }

  private record SinkView(SinkStatus sink) implements AgentMXBean.SinkMXView {
    @Override
    public String getName() {
      return sink.name();
    }

    @Override
    public String getTarget() {
      return sink.target();
    }

    @Override
    public boolean isUp() {
      return sink.isUp();
    }

    @Override
    public long getDelivered() {
      return sink.delivered();
    }

    @Override
    public long getPending() {
      return sink.pending();
    }

    @Override
    public long getParked() {
      return sink.parked();
    }

    @Override
    public long getUndecodable() {
      return sink.undecodable();
    }

    @Override
    public long getLagMillis() {
      return sink.lagMillis();
    }

    @Override
    public String getLastError() {
      return sink.lastError() == null ? "" : sink.lastError();
    }
  }
}
