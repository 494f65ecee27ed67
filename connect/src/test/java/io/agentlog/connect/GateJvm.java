package io.agentlog.connect;

import io.agentlog.connect.GateLog.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** One JVM of a {@link GateWorld}, and all that it has sent. */
final class GateJvm {
  /** How a JVM sends events, after its first. */
  enum Pace {
    /** As often as most of its world. */
    USUAL,

    /** Now and then. */
    RARE,

    /** Regularly, about as rarely as a JVM that lives may send anything. */
    STEADY,

    /** Not at all until it ends: its executions are long. */
    NEVER
  }

  final int number;
  final UUID id;
  final int clockMillis;
  boolean isRunning = true;
  int endSecond = -1;
  int silentUntil = -1;
  int nextBeat = -1;
  int blockedBy = -1;
  boolean hasSent;
  int partitionCount;

  /** When it learns of partitions that were added. */
  int learnSecond;

  /** When the next JVM sends an event that was left in its journal; negative for none. */
  int journalSecond = -1;

  /** How it sends events. */
  Pace pace = Pace.USUAL;

  int nextEvent;

  /** Its heartbeats are refused until then; its events are not. */
  int refusedUntil = -1;

  boolean isRefused;

  /** What it has sent: heartbeats and events. */
  final List<Entry> signs = new ArrayList<>();

  boolean isRefused(int second) {
    return isRefused || second < refusedUntil;
  }

  GateJvm(int number, UUID id, int clockMillis) {
    this.number = number;
    this.id = id;
    this.clockMillis = clockMillis;
  }
}
