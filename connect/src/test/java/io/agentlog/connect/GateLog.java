package io.agentlog.connect;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A partition of a {@link GateWorld}, of events or of heartbeats, with the clock of its leader. */
final class GateLog {
  /**
   * A record: an event, or a heartbeat if {@code state} is not null.
   *
   * @param partitionCount partitions of events that the JVM knew of
   */
  record Entry(
      long offset,
      GateJvm jvm,
      int second,
      long appendMillis,
      long jvmMillis,
      @Nullable State state,
      int partitionCount) {}

  enum State {
    ALIVE,
    ENDED
  }

  final List<Entry> entries = new ArrayList<>();
  long nextOffset;
  int clockMillis;
  int downUntil = -100;

  /** A further failure brings no leader back sooner: JVMs wait for the later return. */
  void fail(int until) {
    downUntil = Math.max(downUntil, until);
  }

  boolean isDown(int second) {
    return second < downUntil;
  }

  /** True if it was down at some time since then. */
  boolean wasDownSince(int then) {
    return downUntil > then;
  }

  void append(GateJvm jvm, int second, @Nullable State state) {
    long now = second * 1_000L;
    Entry entry =
        new Entry(
            nextOffset++,
            jvm,
            second,
            now + clockMillis,
            now + jvm.clockMillis,
            state,
            jvm.partitionCount);
    entries.add(entry);
    jvm.signs.add(entry);
  }
}
