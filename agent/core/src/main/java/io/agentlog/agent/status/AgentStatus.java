package io.agentlog.agent.status;

import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.json.JsonWriter;
import io.agentlog.log.AgentLog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The state of the agent of one JVM at one moment. Its numbers are read one after another, so they
 * may differ by the events of that short time.
 *
 * @param updatedAt the moment
 * @param isStopped true for the last status of a JVM that shut down normally
 * @param counts counters of capture
 * @param dropped events that were not recorded, by cause; no other events are lost
 * @param deferredCount events that waited in the heap before they were in the journal
 * @param journal how full the journal is; null if it is in the heap
 * @param runningCount executions that have begun and not ended
 * @param frameworks in the order in which they were found
 * @param sinks in the order of the configuration
 */
public record AgentStatus(
    Identity identity,
    Instant updatedAt,
    boolean isStopped,
    Map<Counter, Long> counts,
    Map<String, Long> dropped,
    long deferredCount,
    @Nullable JournalSize journal,
    int runningCount,
    List<FrameworkStatus> frameworks,
    List<SinkStatus> sinks) {
  /** Longest text of a {@link #report} in characters; longer ones are cut. */
  static final int REPORT_TEXT_MAX = 500;

  /** Most frameworks of a {@link #report}; others are left out. */
  static final int REPORT_FRAMEWORKS_MAX = 8;

  /** Fields that the report's row has in columns of its own, or that change with every look. */
  private static final Set<String> NOT_REPORTED = Set.of("service", "instance_id", "updated_at");

  /**
   * The facts of a JVM that stay the same from its start to its end.
   *
   * @param host name of the machine, container or pod; null if unknown
   */
  public record Identity(
      String service,
      UUID instanceId,
      String version,
      @Nullable String host,
      long pid,
      Instant startedAt) {}

  public AgentStatus {
    counts = Map.copyOf(counts);
    dropped = new TreeMap<>(dropped);
    frameworks = List.copyOf(frameworks);
    sinks = List.copyOf(sinks);
  }

  /** Returns one counter of capture. */
  public long count(Counter counter) {
    return counts.getOrDefault(counter, 0L);
  }

  /** All counters of capture, by their names in JSON and JMX. */
  public Map<String, Long> counters() {
    Map<String, Long> named = new TreeMap<>();
    for (Counter counter : Counter.values()) {
      named.put(counter.name().toLowerCase(Locale.ROOT), count(counter));
    }
    return named;
  }

  /** True if the two differ in nothing but {@code updatedAt}. */
  public boolean saysTheSameAs(AgentStatus other) {
    return withMoment(other.updatedAt).equals(other);
  }

  /**
   * The fields for {@link io.agentlog.json.JsonWriter}. Holds no secrets and no values of
   * executions.
   */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("service", identity.service());
    fields.put("instance_id", identity.instanceId().toString());
    fields.put("version", identity.version());
    fields.put("host", identity.host());
    fields.put("pid", identity.pid());
    fields.put("started_at", identity.startedAt().toString());
    fields.put("updated_at", updatedAt.toString());
    fields.put("stopped", isStopped);
    fields.put("running", runningCount);
    fields.put("counters", counters());
    fields.put("dropped", dropped);
    fields.put("deferred", deferredCount);
    fields.put("journal", journal == null ? null : journal.toMap());
    fields.put("frameworks", frameworks.stream().map(FrameworkStatus::toMap).toList());
    fields.put("sinks", sinks.stream().map(SinkStatus::toMap).toList());
    return fields;
  }

  /**
   * The status as JSON for other machines to read. Its size has a limit, because its texts are cut
   * and its lists are as long as agentlog has counters and sinks. Two reports differ only if
   * something has happened between them.
   */
  public String report() {
    Map<String, @Nullable Object> fields = toMap();
    fields.keySet().removeAll(NOT_REPORTED);
    fields.replaceAll((name, value) -> value instanceof String text ? cut(text) : value);
    List<Map<String, @Nullable Object>> cutSinks = new ArrayList<>();
    for (SinkStatus sink : sinks) {
      Map<String, @Nullable Object> sinkFields = sink.toMap();
      sinkFields.replaceAll((name, value) -> value instanceof String text ? cut(text) : value);
      cutSinks.add(sinkFields);
    }
    fields.put("sinks", cutSinks);
    fields.put(
        "frameworks",
        frameworks.stream().limit(REPORT_FRAMEWORKS_MAX).map(FrameworkStatus::toMap).toList());
    return JsonWriter.write(fields);
  }

  /** Cuts a text, and escapes what PostgreSQL refuses or a terminal obeys. */
  private static String cut(String text) {
    String safe = AgentLog.escape(text);
    if (safe.length() <= REPORT_TEXT_MAX) {
      return safe;
    }
    int end = REPORT_TEXT_MAX - 1;
    return safe.substring(0, Character.isHighSurrogate(safe.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  private AgentStatus withMoment(Instant moment) {
    return new AgentStatus(
        identity,
        moment,
        isStopped,
        counts,
        dropped,
        deferredCount,
        journal,
        runningCount,
        frameworks,
        sinks);
  }
}
