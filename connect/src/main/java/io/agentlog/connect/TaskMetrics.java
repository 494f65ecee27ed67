package io.agentlog.connect;

import io.agentlog.log.AgentLog;
import java.util.LinkedHashMap;
import java.util.function.LongSupplier;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.sink.SinkTaskContext;

/**
 * Shows a task's counters among the worker's metrics, from Kafka Connect 4.1 on; an older worker
 * has no place for them. Stateless.
 */
final class TaskMetrics {
  private TaskMetrics() {}

  /**
   * Registers the counters with the worker, if it can take them. Never throws.
   *
   * @return false if the names are taken for now, by a task before this one that has not ended yet
   */
  static boolean register(SinkTaskContext context, TaskCounters counters, LongSupplier nowMillis) {
    try {
      Registration.register(context.pluginMetrics(), counters, nowMillis);
    } catch (NoSuchMethodError | NoClassDefFoundError e) {
      AgentLog.debug(
          "connect", "this worker shows no metrics of plugins; Connect 4.1 and later do");
    } catch (IllegalArgumentException e) {
      // The task before this one was given up by the worker while it waited for the database.
      AgentLog.debug(
          "connect",
          "this task shows no metrics yet: those of the task before it, which has not ended yet, have their names");
      return false;
    }
    return true;
  }

  /** Apart from the class above, since an older worker lacks the types that it names. */
  private static final class Registration {
    private final PluginMetrics metrics;

    private Registration(PluginMetrics metrics) {
      this.metrics = metrics;
    }

    static void register(PluginMetrics metrics, TaskCounters counters, LongSupplier nowMillis) {
      Registration to = new Registration(metrics);
      to.add("events-total", "Events written to the tables.", counters.loadedEvents::get);
      to.add("rows-changed-total", "Rows inserted or changed.", counters.changedRows::get);
      to.add("refused-total", "Records reported as refused.", counters.refusedRecords::get);
      to.add(
          "too-old-total",
          "Events older than the retention, left out.",
          counters.tooOldEvents::get);
      to.add("tombstones-total", "Records without a value, left out.", counters.tombstones::get);
      to.add("outage", "1 while the database can't be used.", counters.outage::get);
      to.add(
          "freshness-ms",
          "Age of the newest record that is loaded, in milliseconds; -1 before the first.",
          () -> {
            long until = counters.loadedUntilMillis.get();
            return until == 0 ? -1 : Math.max(0, nowMillis.getAsLong() - until);
          });
    }

    private void add(String name, String description, LongSupplier value) {
      metrics.addMetric(
          metrics.metricName(name, description, new LinkedHashMap<>()),
          (Gauge<Long>) (config, now) -> value.getAsLong());
    }
  }
}
