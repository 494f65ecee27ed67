package io.agentlog.connect;

import io.agentlog.log.AgentLog;
import io.agentlog.log.MinuteSummary;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Events as signs of life: of each JVM the latest time, by the broker's clock, of an event that a
 * task has read. A JVM whose heartbeats alone are refused is not taken for dead.
 *
 * <p>Not thread-safe.
 */
final class SignsOfLife {
  /**
   * JVMs that are kept, some 10 MB; without more than that the one that was read longest ago goes.
   */
  static final int INSTANCES_MAX = 100_000;

  /**
   * A JVM is not looked at as long as it was heard so shortly before: it sends a heartbeat every 10
   * s, and with no such time each task would write the row of each JVM again and again. An event
   * within this time of a heartbeat that is refused afterwards is forgotten if its task ends before
   * the next one.
   */
  static final long QUIET_MILLIS = 15_000;

  private final int instancesMax;
  private final MinuteSummary dropped;
  private final LinkedHashMap<UUID, Long> millisByInstance = new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable Long newestMillis;
  private boolean hasNews;

  SignsOfLife(LongSupplier nanoTime) {
    this(INSTANCES_MAX, nanoTime);
  }

  SignsOfLife(int instancesMax, LongSupplier nanoTime) {
    this.instancesMax = instancesMax;
    this.dropped =
        new MinuteSummary(
            nanoTime,
            (count, last) ->
                AgentLog.warn(
                    "connect",
                    "a task has read events of more than %s JVMs: the signs of life of %s of them are forgotten, the last of %s. Those whose heartbeats arrive are judged as before"
                        .formatted(instancesMax, count, last)));
  }

  /** Takes an event; {@code millis} is the broker's time of its record. */
  void read(UUID instance, long millis) {
    millisByInstance.merge(instance, millis, Math::max);
    newestMillis = newestMillis == null ? millis : Math.max(newestMillis, millis);
    hasNews = true;
    if (millisByInstance.size() > instancesMax) {
      UUID eldest = millisByInstance.keySet().iterator().next();
      millisByInstance.remove(eldest);
      dropped.add(eldest.toString());
    }
  }

  /** True if events were read since the last call of {@link #noted}. */
  boolean hasNews() {
    return hasNews;
  }

  /** Tells that all signs are noted. */
  void noted() {
    hasNews = false;
  }

  /**
   * Returns the time before which a JVM must have been heard last for its events to matter; null if
   * nothing was read yet. The gate opens no sooner, because it asks for what was read later than
   * that.
   *
   * @param known the last heartbeat that is known; null if there is none
   */
  @Nullable Long silentSince(@Nullable IdleMark known) {
    Long newest = newestMillis;
    if (newest == null) {
      return null; // Without an event there is nothing to say.
    }
    return Math.max(newest, known == null ? newest : known.millis()) - QUIET_MILLIS;
  }

  /** Returns the later signs of JVMs, by when each was known to live last. */
  Map<UUID, Long> laterThan(Map<UUID, Long> knownMillis) {
    Map<UUID, Long> later = new HashMap<>();
    knownMillis.forEach(
        (instance, known) -> {
          Long read = millisByInstance.get(instance);
          if (read != null && read > known) {
            later.put(instance, read);
          }
        });
    return later;
  }
}
