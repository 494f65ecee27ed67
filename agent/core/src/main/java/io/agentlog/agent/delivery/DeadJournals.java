package io.agentlog.agent.delivery;

import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.agent.journal.JournalLimits;
import io.agentlog.agent.journal.JournalVersionException;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.InstanceFacts;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.Sink;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Delivers what JVMs of this service left when they died, one directory at a time: to a sink with
 * the same name and the same place, from the cursor that the dead JVM had; then gives executions
 * without an end the provisional one, and removes the directory. A sink that is not configured
 * here, or writes elsewhere now, keeps the directory, and is reported.
 *
 * <p>Whoever does it may die as well: the next one goes on from the cursors. Not thread-safe.
 */
public final class DeadJournals {
  /** What became of a directory. */
  public enum Outcome {
    /** Delivered, removed. */
    DELIVERED,
    /** Not all could be delivered: it is there for the next one. */
    LEFT,
    /** Its JVM lives, or somebody else has it. */
    IN_USE
  }

  /** Segments that hold provisional ends alone. */
  private static final int SEGMENT_LENGTH = 256 * 1024;

  /** Behind the name of a sink, in the log and of its thread. */
  private static final String DEAD_NAME = "-dead";

  /** Directories that were left and are known by name: there may be 100,000 of them. */
  static final int REMEMBERED_MAX = 1_000;

  private static final long POLL_NANOS = 10_000_000L;
  private static final long FORCE_NANOS = 1_000_000_000L;
  private static final Duration STOP_WAIT = Duration.ofSeconds(1);

  private final Path serviceFolder;
  private final Supplier<List<Sink>> sinks;
  private final Consumer<MappedByteBuffer> unmapper;
  private final Set<String> discarded;
  private final Consumer<String> out;
  private final Map<Path, String> said = new HashMap<>();
  private final Set<Path> hopeless = new HashSet<>();
  private boolean saidFull;

  /**
   * @param sinks makes a set of its own for each directory
   * @param unmapper ends mappings, or does nothing
   * @param discarded names of sinks whose events are given up
   * @param out takes one line for a directory
   */
  public DeadJournals(
      Path serviceFolder,
      Supplier<List<Sink>> sinks,
      Consumer<MappedByteBuffer> unmapper,
      Set<String> discarded,
      Consumer<String> out) {
    this.serviceFolder = serviceFolder;
    this.sinks = sinks;
    this.unmapper = unmapper;
    this.discarded = Set.copyOf(discarded);
    this.out = out;
  }

  /**
   * Looks at all directories of the service.
   *
   * @param stopRequested asked often; what is not delivered then is left
   * @return directories by outcome
   */
  public Map<Outcome, Integer> deliverAll(BooleanSupplier stopRequested) throws IOException {
    Map<Outcome, Integer> outcomes = new java.util.EnumMap<>(Outcome.class);
    JournalDirectory.forEach(
        serviceFolder,
        path -> {
          Outcome outcome;
          if (hopeless.contains(path)) {
            outcomes.merge(Outcome.LEFT, 1, Integer::sum);
            return !stopRequested.getAsBoolean();
          }
          try {
            outcome = deliver(path, stopRequested);
          } catch (IOException | RuntimeException e) {
            outcome = Outcome.LEFT;
            sayOnce(path, path + " can't be delivered: " + AgentLog.describe(e));
          }
          outcomes.merge(outcome, 1, Integer::sum);
          LockSupport.parkNanos(this, POLL_NANOS); // There may be 100,000 of them.
          return !stopRequested.getAsBoolean();
        });
    return outcomes;
  }

  private Outcome deliver(Path path, BooleanSupplier stopRequested) throws IOException {
    JournalDirectory directory = JournalDirectory.adopt(path);
    if (directory == null) {
      return Outcome.IN_USE;
    }
    try {
      if (!JournalDirectory.locksHold(path)) {
        sayOnce(
            path, path + " is on a network file system, where a lock proves nothing; it is left");
        leaveFor(path);
        return Outcome.LEFT;
      }
      if (deliver(directory, stopRequested)) {
        directory.remove();
        said.remove(path);
        return Outcome.DELIVERED;
      }
      return Outcome.LEFT;
    } catch (JournalVersionException e) {
      sayOnce(path, path + ": " + e.getMessage());
      leaveFor(path);
      return Outcome.LEFT;
    } finally {
      directory.close();
    }
  }

  private boolean deliver(JournalDirectory directory, BooleanSupplier stopRequested)
      throws IOException {
    JournalLimits limits =
        new JournalLimits(
            SEGMENT_LENGTH, 1, Long.MAX_VALUE / 2, 0, JournalLimits.WAITING_BYTES_MAX);
    Consumer<String> report =
        line -> AgentLog.warn("journal", directory.path().getFileName() + ": " + line);
    try (DiskJournal journal = directory.open(limits, unmapper, report)) {
      InstanceFacts facts = JournalProperties.facts(directory.instanceId(), directory.properties());
      EventDecoder decoder = new EventDecoder(facts);
      for (String sink : discarded) {
        journal.discard(sink);
      }
      int abandoned = endWhatRan(journal, decoder);
      List<Sink> served = served(journal, directory);
      SinkPipeline pipeline =
          new SinkPipeline(
              journal,
              decoder::decode,
              served,
              DEAD_NAME,
              sink -> new ParkedEvents(serviceFolder, sink, facts));
      boolean all = deliver(journal, pipeline, stopRequested);
      boolean unserved = isAnythingUnserved(journal, directory);
      if (all && unserved) {
        leaveFor(directory.path());
      }
      sayWhatBecame(directory, journal, pipeline, abandoned, all && !unserved);
      return all && !unserved;
    }
  }

  /** Before delivery, so that the ends have the same cursors as all else. */
  private static int endWhatRan(DiskJournal journal, EventDecoder decoder) throws IOException {
    try (RunningExecutions running = RunningExecutions.ofDeadJvm(journal, decoder::summary)) {
      while (running.poll() > 0) {
        // All of it, whatever its length: nobody else appends.
      }
      if (running.runningCount() == 0) {
        return 0;
      }
      journal.doWork();
      int count = running.abandon();
      journal.doWork();
      if (journal.hasWaiting()) {
        throw new IOException(
            "the ends of " + count + " executions can't be written; free some disk space");
      }
      return count;
    }
  }

  private List<Sink> served(DiskJournal journal, JournalDirectory directory) {
    List<Sink> served = new ArrayList<>();
    for (Sink sink : sinks.get()) {
      String place = JournalProperties.fingerprint(sink.name(), directory.properties());
      if (journal.unservedSinks().contains(sink.name()) && sink.fingerprint().equals(place)) {
        served.add(sink);
      } else {
        sink.close();
      }
    }
    return served;
  }

  private boolean deliver(
      DiskJournal journal, SinkPipeline pipeline, BooleanSupplier stopRequested) {
    long forcedNanos = System.nanoTime();
    try {
      if (isDelivered(pipeline)) {
        return true;
      }
      pipeline.start();
      while (!isDelivered(pipeline) && !stopRequested.getAsBoolean()) {
        journal.doWork();
        if (System.nanoTime() - forcedNanos > FORCE_NANOS) {
          forcedNanos = System.nanoTime();
          journal.force();
        }
        LockSupport.parkNanos(this, POLL_NANOS);
      }
      return isDelivered(pipeline);
    } finally {
      pipeline.stop(STOP_WAIT);
    }
  }

  private static boolean isDelivered(SinkPipeline pipeline) {
    return pipeline.counters().stream().allMatch(counters -> counters.pending() == 0);
  }

  /** A cursor that nobody serves matters only if there is something behind it. */
  private boolean isAnythingUnserved(DiskJournal journal, JournalDirectory directory) {
    StringJoiner waiting = new StringJoiner(", ");
    for (String sink : journal.unservedSinks()) {
      try (var reader = journal.openReader(sink)) {
        long pending = reader.pendingCount();
        if (pending > 0) {
          waiting.add(pending + " events for " + sink);
        }
      }
    }
    if (waiting.length() == 0) {
      return false;
    }
    sayOnce(
        directory.path(),
        directory.path()
            + " keeps "
            + waiting
            + ": this JVM has no such sink, or it writes elsewhere. Run drain with the sink's"
            + " settings, or drain --discard-sink NAME to give them up");
    return true;
  }

  private void sayWhatBecame(
      JournalDirectory directory,
      DiskJournal journal,
      SinkPipeline pipeline,
      int abandoned,
      boolean done) {
    StringBuilder line = new StringBuilder(200);
    line.append(done ? "delivered what instance " : "could not deliver all that instance ");
    line.append(directory.path().getFileName()).append(" left");
    long total = abandoned;
    for (SinkCounters counters : pipeline.counters()) {
      total += counters.delivered() + counters.parked() + counters.undecodable();
      line.append(", ").append(counters.sinkName()).append(' ').append(counters.delivered());
      if (counters.parked() > 0) {
        line.append(", parked ").append(counters.parked());
      }
      if (counters.undecodable() > 0) {
        line.append(", not readable ").append(counters.undecodable());
      }
    }
    if (abandoned > 0) {
      line.append(", ").append(abandoned).append(" executions had no end");
    }
    journal
        .findings()
        .counts()
        .forEach((what, count) -> line.append(", ").append(what).append(' ').append(count));
    if (total > 0 || !journal.findings().counts().isEmpty()) {
      out.accept(line.toString());
    }
  }

  /** This JVM will never deliver it, so that it need not be read again and again. */
  private void leaveFor(Path path) {
    if (hopeless.size() < REMEMBERED_MAX) {
      hopeless.add(path);
    }
  }

  private void sayOnce(Path path, String line) {
    if (said.size() >= REMEMBERED_MAX && !said.containsKey(path)) {
      if (!saidFull) {
        saidFull = true;
        out.accept(
            "more than "
                + REMEMBERED_MAX
                + " journals of dead JVMs can't be delivered: no line for each further one. Run"
                + " drain to see them all");
      }
      return;
    }
    if (!line.equals(said.put(path, line))) {
      out.accept(line);
    }
  }
}
