package io.agentlog.agent.journal;

/** Prints the operations of a {@link JournalSimulation}, if enabled. Not thread-safe. */
final class SimulationTrace {
  private final boolean on;
  private int depth;

  SimulationTrace(boolean on) {
    this.on = on;
  }

  /** False: nothing need be put into words. */
  boolean isOn() {
    return on;
  }

  void begin() {
    depth = 0;
  }

  void deeper() {
    depth++;
  }

  void back() {
    depth--;
  }

  void say(String what, Object detail) {
    if (on) {
      say(what + " " + detail);
    }
  }

  @SuppressWarnings("SystemOut")
  void say(String what) {
    if (on) {
      System.out.println("  ".repeat(depth) + what);
    }
  }

  /** What the journal consists of. */
  void state(DiskJournal journal, SimulatedDisk disk) {
    if (!on) {
      return;
    }
    for (int i = 0; i < journal.stripeCount(); i++) {
      say("stripe " + i + " kept from " + journal.keptFrom(i));
      say("  waiting", !journal.stripe(i).waitingRoom().isEmpty());
      for (Segment s = journal.stripe(i).oldest(); s != null; s = s.next()) {
        say(
            "  "
                + s.number()
                + " at "
                + s.basePosition()
                + " claimed "
                + s.claimedTo()
                + " count "
                + s.recordCount());
      }
    }
    say("bytes " + journal.bytes() + " files", disk.visibleNames());
  }
}
