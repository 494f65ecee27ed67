package io.agentlog.agent.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tracks which records were appended, and which ones each sink read and confirmed, and so which
 * ones the journal still owes.
 *
 * <p>After the death of a process the journal owes every record that it took and did not defer;
 * after the loss of power only those that {@link Journal#force} covered. A sink has a record once
 * it has begun to confirm the record.
 */
final class SimulationOracle {
  static final int SINK_COUNT = 2;
  private static final int LANE_COUNT = 64;

  /** A record, from the call of append on. */
  static final class Appended {
    final int id;
    final int thread;
    final int stripe;
    final int life;
    final byte[] payload;
    boolean taken;
    boolean deferred;
    boolean dropped;
    boolean forced;
    boolean owed;
    long position = -1;
    final int[] deliveredIn = new int[SINK_COUNT];
    final boolean[] confirmed = new boolean[SINK_COUNT];

    /** Last life in which the cursor had surely passed it; 0 if in none. */
    final int[] settledIn = new int[SINK_COUNT];

    Appended(int id, int thread, int stripe, int life, byte[] payload) {
      this.id = id;
      this.thread = thread;
      this.stripe = stripe;
      this.life = life;
      this.payload = payload;
    }
  }

  private final List<Appended> all = new ArrayList<>();
  private final int[][] lastFound = new int[SINK_COUNT][LANE_COUNT];
  private int life;
  private boolean powerWasLost;

  int appendedCount() {
    return all.size();
  }

  boolean powerWasLost() {
    return powerWasLost;
  }

  void lifeBegins() {
    life++;
    for (int[] last : lastFound) {
      Arrays.fill(last, -1);
    }
  }

  int life() {
    return life;
  }

  Appended appending(int thread, int stripe, byte[] payload) {
    Appended record = new Appended(all.size(), thread, stripe, life, payload);
    all.add(record);
    return record;
  }

  void appended(Appended record, boolean taken, boolean deferred) {
    record.taken = taken;
    record.deferred = deferred;
    record.dropped = !taken;
    record.owed = taken;
  }

  /** Records that a force which begins now has to cover. */
  List<Appended> forceable() {
    return all.stream().filter(r -> r.life == life && r.taken && !r.deferred).toList();
  }

  void forced(List<Appended> records) {
    records.forEach(record -> record.forced = true);
  }

  void died(boolean powerLost) {
    powerWasLost |= powerLost;
    for (Appended record : all) {
      if (record.life == life && (record.deferred || !record.taken)) {
        record.owed = false;
      }
      if (powerLost) {
        record.owed &= record.forced;
        Arrays.fill(record.settledIn, 0);
      }
    }
  }

  /** A sink read a record. */
  Appended delivered(int sink, byte[] payload, RecordPlace place) {
    int id = payload.length < Integer.BYTES ? -1 : SimulatedPayload.idOf(payload);
    if (id < 0 || id >= all.size() || !Arrays.equals(all.get(id).payload, payload)) {
      throw new AssertionError("delivered what was never appended, at " + place);
    }
    Appended record = all.get(id);
    if (record.stripe != place.stripe()) {
      throw wrong(record, place, "was delivered from another stripe");
    }
    if (record.dropped) {
      throw wrong(record, place, "was delivered although append had returned false");
    }
    if (record.position >= 0 && record.position != place.position()) {
      throw wrong(record, place, "stood at " + record.position + " before");
    }
    record.position = place.position();
    if (record.deliveredIn[sink] == life) {
      throw wrong(record, place, "came twice in one life");
    }
    if (record.settledIn[sink] != 0 && record.settledIn[sink] != life) {
      throw wrong(record, place, "came again although the cursor had passed it");
    }
    if (record.life < life) {
      int[] last = lastFound[sink];
      if (last[lane(record)] >= id) {
        throw wrong(record, place, "came after record " + last[lane(record)] + " of its thread");
      }
      last[lane(record)] = id;
    }
    record.deliveredIn[sink] = life;
    return record;
  }

  private static AssertionError wrong(Appended record, RecordPlace place, String what) {
    return new AssertionError(
        "record " + record.id + " of life " + record.life + " at " + place + " " + what);
  }

  void confirming(int sink, List<Appended> batch) {
    batch.forEach(record -> record.confirmed[sink] = true);
  }

  /** The cursor of a sink stands behind all that it was given. */
  void settled(int sink) {
    for (Appended record : all) {
      if (record.deliveredIn[sink] == life) {
        record.settledIn[sink] = life;
      }
    }
  }

  boolean isPaid() {
    for (Appended record : all) {
      if (isMissing(record)) {
        return false;
      }
    }
    return true;
  }

  void requirePaid() {
    for (Appended record : all) {
      if (isMissing(record)) {
        throw new AssertionError(
            "record "
                + record.id
                + " of life "
                + record.life
                + " thread "
                + record.thread
                + " stripe "
                + record.stripe
                + (record.forced ? ", forced," : "")
                + (record.deferred ? ", deferred," : "")
                + " was not delivered and confirmed: delivered in lives "
                + Arrays.toString(record.deliveredIn)
                + " confirmed "
                + Arrays.toString(record.confirmed));
      }
    }
  }

  /** No file was damaged but by a loss of power, and none was set aside twice. */
  void requireNoDamage(DiskJournal journal, SimulatedDisk disk) {
    if (!powerWasLost) {
      require(
          journal.findings().damagedCount() == 0 && journal.findings().lostSegmentCount() == 0,
          "damage was found although power was never lost: " + journal.findings().counts());
    }
    for (String name : disk.visibleNames()) {
      require(
          name.lastIndexOf(JournalFindings.QUARANTINE_PREFIX) <= 0,
          "what was set aside was set aside again: " + name);
    }
  }

  /** Records of one thread in one stripe stay in order. */
  private static int lane(Appended record) {
    return record.thread * JournalLimits.STRIPE_COUNT_MAX + record.stripe;
  }

  private static boolean isMissing(Appended record) {
    if (!record.owed) {
      return false;
    }
    for (boolean confirmed : record.confirmed) {
      if (!confirmed) {
        return true;
      }
    }
    return false;
  }

  static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }
}
