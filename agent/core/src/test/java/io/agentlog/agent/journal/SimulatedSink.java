package io.agentlog.agent.journal;

import java.util.ArrayList;
import java.util.List;

/** One sink's reader in a {@link JournalSimulation}; confirms batches in any order. */
final class SimulatedSink {
  private record Unconfirmed(JournalBatch batch, List<SimulationOracle.Appended> records) {}

  private final int index;
  private final DiskReader reader;
  private final SimulationOracle oracle;
  private final List<Unconfirmed> unconfirmed = new ArrayList<>();
  private boolean busy;
  private boolean counting;

  SimulatedSink(int index, JournalReader reader, SimulationOracle oracle) {
    this.index = index;
    this.reader = (DiskReader) reader;
    this.oracle = oracle;
  }

  int index() {
    return index;
  }

  /** True while its thread is in a call of the reader. */
  boolean isBusy() {
    return busy;
  }

  boolean hasUnconfirmed() {
    return !unconfirmed.isEmpty();
  }

  int unconfirmedCount() {
    return unconfirmed.stream().mapToInt(batch -> batch.records().size()).sum();
  }

  int holeCount() {
    return reader.holeCount();
  }

  long pendingCount() {
    return reader.pendingCount();
  }

  /** Counts what is pending, as a counter's thread does at any time. */
  void count() {
    if (!counting) { // It would wait for its own lock.
      counting = true;
      SimulationOracle.require(reader.pendingCount() >= 0, "less than nothing is pending");
      counting = false;
    }
  }

  /** Returns false if there was nothing to read. */
  boolean read(int recordsMax, long bytesMax) {
    busy = true;
    JournalBatch batch = reader.read(recordsMax, bytesMax);
    busy = false;
    if (batch.isEmpty()) {
      return false;
    }
    List<SimulationOracle.Appended> records = new ArrayList<>(batch.records().size());
    for (int i = 0; i < batch.records().size(); i++) {
      records.add(oracle.delivered(index, batch.records().get(i), batch.placeOf().apply(i)));
    }
    unconfirmed.add(new Unconfirmed(batch, records));
    return true;
  }

  /** Confirms one batch, seldom the oldest. */
  void confirm(SimulationRandom random) {
    Unconfirmed one = unconfirmed.remove(random.below(unconfirmed.size()));
    oracle.confirming(index, one.records());
    busy = true;
    reader.confirm(one.batch());
    busy = false;
    if (unconfirmed.isEmpty() && reader.holeCount() == 0) {
      oracle.settled(index);
    }
  }

  @Override
  public String toString() {
    return "sink "
        + index
        + " kept from "
        + reader.keptFrom(0)
        + " holes "
        + reader.holeCount()
        + " unconfirmed "
        + unconfirmedCount();
  }
}
