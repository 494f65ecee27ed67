package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.junit.jupiter.api.Test;

/** The names under which operators watch a task, and what stands there. */
class TaskMetricsTest {
  private final TaskCounters counters = new TaskCounters();
  private final Map<String, Gauge<?>> gauges = new TreeMap<>();
  private final Map<String, Map<String, String>> tags = new LinkedHashMap<>();

  @Test
  void gaugesFollowTheCountersAndHaveNoTagsOfAgents() {
    TaskMetrics.register(context(metrics()), counters, () -> 10_000);
    assertThat(gauges)
        .containsOnlyKeys(
            "events-total",
            "freshness-ms",
            "outage",
            "refused-total",
            "rows-changed-total",
            "tombstones-total",
            "too-old-total");
    assertThat(value("freshness-ms")).isEqualTo(-1);
    counters.loadedEvents.set(7);
    counters.outage.set(1);
    counters.loadedUntilMillis.set(9_400);

    assertThat(value("events-total")).isEqualTo(7);
    assertThat(value("outage")).isEqualTo(1);
    assertThat(value("freshness-ms")).isEqualTo(600);
    assertThat(tags.values()).allMatch(Map::isEmpty);
  }

  /** A worker before 4.1 does not know the method. */
  @Test
  void workerWithoutMetricsOfPluginsIsServed() {
    SinkTaskContext old =
        (SinkTaskContext)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {SinkTaskContext.class},
                (proxy, method, arguments) -> {
                  throw new NoSuchMethodError(method.getName());
                });
    assertThatCode(() -> TaskMetrics.register(old, counters, () -> 0)).doesNotThrowAnyException();
  }

  /**
   * A worker gives up a task whose call waits for the database; its names are free when it ends.
   */
  @Test
  void namesThatAreTakenAreTriedAgain() {
    boolean[] areTaken = {true};
    PluginMetrics shared =
        (PluginMetrics)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {PluginMetrics.class},
                (proxy, method, arguments) -> {
                  if (areTaken[0] && method.getName().equals("addMetric")) {
                    throw new IllegalArgumentException("there already");
                  }
                  return Proxy.getInvocationHandler(metrics()).invoke(proxy, method, arguments);
                });
    assertThat(TaskMetrics.register(context(shared), counters, () -> 0)).isFalse();
    assertThat(gauges).isEmpty();
    areTaken[0] = false;
    assertThat(TaskMetrics.register(context(shared), counters, () -> 0)).isTrue();
    assertThat(gauges).containsKey("outage");
  }

  private long value(String name) {
    return (Long) gauges.get(name).value(new MetricConfig(), 0);
  }

  private SinkTaskContext context(PluginMetrics metrics) {
    return (SinkTaskContext)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {SinkTaskContext.class},
            (proxy, method, arguments) -> metrics);
  }

  @SuppressWarnings("unchecked")
  private PluginMetrics metrics() {
    return (PluginMetrics)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {PluginMetrics.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("metricName")) {
                tags.put((String) arguments[0], (Map<String, String>) arguments[2]);
                return new MetricName(
                    (String) arguments[0], "plugins", (String) arguments[1], Map.of());
              }
              gauges.put(((MetricName) arguments[0]).name(), (Gauge<?>) arguments[1]);
              return null;
            });
  }
}
