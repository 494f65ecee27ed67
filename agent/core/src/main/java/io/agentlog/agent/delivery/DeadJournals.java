package io.agentlog.agent.delivery;

import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.Heartbeat;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.agent.journal.JournalLimits;
import io.agentlog.agent.journal.JournalVersionException;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.InstanceFacts;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.Sink;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
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
import org.jspecify.annotations.Nullable;

/**
 * Delivers the journals that dead JVMs of this service left, one directory at a time. Each
 * execution without an end first gets a provisional one. Events then go to the sink with the same
 * name and fingerprint, from the dead JVM's cursor, and the directory is removed. A directory
 * stays, and is reported, while it holds events for a sink that is not configured here or has
 * another fingerprint.
 *
 * <p>A JVM that dies while it delivers is no problem, because the next one goes on from the
 * cursors. Not thread-safe.
 */
public final class DeadJournals {
  /** Outcome for one directory. */
  public enum Outcome {
    /** All of it was delivered, and the directory is removed. */
    DELIVERED,
    /** Some events could not be delivered, and the directory stays for the next JVM. */
    LEFT,
    /** Its JVM lives, or another JVM delivers the directory. */
    IN_USE
  }

  /** Small, because the new segments hold provisional ends only. */
  private static final int SEGMENT_LENGTH_BYTES = 256 * 1024;

  /** Suffix of a sink's name in the log and in the name of its thread. */
  private static final String DEAD_SUFFIX = "-dead";

  /** Most directories that are remembered by path, because there may be 100,000 of them. */
  static final int REMEMBERED_MAX = 1_000;

  private static final long POLL_NANOS = 10_000_000L;
  private static final long FORCE_NANOS = 1_000_000_000L;
  private static final Duration STOP_WAIT = Duration.ofSeconds(1);

  private final Path serviceFolder;
  private final Supplier<List<Sink>> sinks;
  private final Consumer<MappedByteBuffer> unmapper;
  private final Set<String> discarded;
  private final Consumer<String> out;
  private final Map<Path, String> reported = new HashMap<>();
  private final Set<Path> undeliverable = new HashSet<>();
  private final Set<Path> trimmed = new HashSet<>();
  private boolean limitReported;

  /**
   * @param sinks makes the sinks, new ones for each directory
   * @param unmapper ends mappings, or does nothing
   * @param discarded names of sinks whose events are given up
   * @param out takes one line for each directory
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
   * @param stopRequested asked often; once it is true, undelivered events stay in their directories
   * @return directories by outcome
   */
  public Map<Outcome, Integer> deliverAll(BooleanSupplier stopRequested) throws IOException {
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    Heartbeat heartbeat = heartbeats(stopRequested);
    JournalDirectory.forEach(
        serviceFolder,
        path -> {
          Outcome outcome;
          if (undeliverable.contains(path)) {
            outcomes.merge(Outcome.LEFT, 1, Integer::sum);
            return !stopRequested.getAsBoolean();
          }
          try {
            outcome = deliver(path, heartbeat.seenIn(path), stopRequested);
          } catch (IOException | RuntimeException e) {
            outcome = Outcome.LEFT;
            reportOnce(
                path,
                "can't deliver %s: %s. Its events stay there"
                    .formatted(path, AgentLog.describe(e)));
          }
          outcomes.merge(outcome, 1, Integer::sum);
          LockSupport.parkNanos(this, POLL_NANOS); // There may be 100,000 of them.
          return !stopRequested.getAsBoolean();
        });
    return outcomes;
  }

  /** Returns the heartbeats of directories that seem to be left, once they had time to change. */
  private Heartbeat heartbeats(BooleanSupplier stopRequested) throws IOException {
    Heartbeat heartbeat = new Heartbeat();
    JournalDirectory.forEach(
        serviceFolder,
        path -> {
          if (!undeliverable.contains(path)) {
            try {
              heartbeat.look(path);
            } catch (IOException e) {
              AgentLog.debug("journal", path + " can't be looked at: " + AgentLog.describe(e));
            }
          }
          return !stopRequested.getAsBoolean();
        });
    heartbeat.awaitStandstill(stopRequested);
    for (Path path : heartbeat.directories()) {
      if (!stopRequested.getAsBoolean() && trimmed.size() < REMEMBERED_MAX && trimmed.add(path)) {
        trim(path, heartbeat);
      }
    }
    return heartbeat;
  }

  /** Frees unused disk space first, because a journal may wait for its sink for long. */
  private static void trim(Path path, Heartbeat heartbeat) {
    String beat = heartbeat.seenIn(path);
    try (JournalDirectory directory = beat == null ? null : JournalDirectory.adopt(path, beat)) {
      if (directory != null && directory.locksHold()) {
        directory.trim();
        heartbeat.closed(path);
      }
    } catch (IOException | RuntimeException e) {
      AgentLog.debug("journal", path + " keeps unused space: " + AgentLog.describe(e));
    }
  }

  private Outcome deliver(Path path, @Nullable String beat, BooleanSupplier stopRequested)
      throws IOException {
    JournalDirectory directory = beat == null ? null : JournalDirectory.adopt(path, beat);
    if (directory == null) {
      return Outcome.IN_USE;
    }
    try {
      if (!directory.locksHold()) {
        reportOnce(
            path,
            path
                + " is on a file system that other machines may share ("
                + Files.getFileStore(path).type()
                + "), where a lock does not show whether its JVM is dead: it is not delivered. Once"
                + " that JVM is dead, copy the folder of the service to a local disk and run drain"
                + " there. Set agentlog.dir to a folder on a local disk");
        giveUp(path);
        return Outcome.LEFT;
      }
      if (deliver(directory, stopRequested)) {
        directory.remove();
        reported.remove(path);
        return Outcome.DELIVERED;
      }
      return Outcome.LEFT;
    } catch (JournalVersionException e) {
      reportOnce(path, path + ": " + e.getMessage());
      giveUp(path);
      return Outcome.LEFT;
    } finally {
      directory.close();
    }
  }

  private boolean deliver(JournalDirectory directory, BooleanSupplier stopRequested)
      throws IOException {
    JournalLimits limits =
        new JournalLimits(
            SEGMENT_LENGTH_BYTES, 1, Long.MAX_VALUE / 2, 0, JournalLimits.WAITING_BYTES_MAX);
    Consumer<String> report =
        line -> AgentLog.warn("journal", directory.path().getFileName() + ": " + line);
    try (DiskJournal journal = directory.open(limits, unmapper, report)) {
      InstanceFacts facts = JournalProperties.facts(directory.instanceId(), directory.properties());
      EventDecoder decoder = new EventDecoder(facts);
      for (String sink : discarded) {
        journal.discard(sink);
      }
      int abandoned = endRunning(journal, decoder);
      List<Sink> served = served(journal, directory);
      SinkPipeline pipeline =
          new SinkPipeline(
              journal,
              new KeepingDecoder(serviceFolder, decoder::decode),
              served,
              DEAD_SUFFIX,
              sink -> new ParkedEvents(serviceFolder, sink, facts));
      boolean all = deliver(journal, pipeline, stopRequested);
      boolean unserved = hasUnservedEvents(journal, directory);
      if (all && unserved) {
        giveUp(directory.path());
      }
      reportOutcome(directory, journal, pipeline, abandoned, all && !unserved);
      return all && !unserved;
    }
  }

  /**
   * Appends the provisional ends. Runs before delivery, so that they are delivered like all other
   * events.
   */
  private static int endRunning(DiskJournal journal, EventDecoder decoder) throws IOException {
    try (RunningExecutions running = RunningExecutions.ofDeadJvm(journal, decoder::summary)) {
      running.pollAll();
      if (running.runningCount() == 0) {
        return 0;
      }
      journal.doWork();
      int count = running.abandon();
      journal.doWork();
      if (count < running.runningCount() || journal.hasWaiting()) {
        throw new IOException(
            "can't write the ends of %s executions to the journal: free some disk space"
                .formatted(running.runningCount()));
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

  /**
   * Reports events whose sink is not among the served ones. A cursor without pending events doesn't
   * matter.
   */
  private boolean hasUnservedEvents(DiskJournal journal, JournalDirectory directory) {
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
    reportOnce(
        directory.path(),
        directory.path()
            + " keeps "
            + waiting
            + ": this JVM has no such sink, or its sink has another target. Run drain with the"
            + " sink's settings, or drain --discard-sink NAME to give them up");
    return true;
  }

  private void reportOutcome(
      JournalDirectory directory,
      DiskJournal journal,
      SinkPipeline pipeline,
      int abandoned,
      boolean done) {
    StringBuilder line = new StringBuilder(200);
    line.append(done ? "delivered the journal" : "could not deliver all of the journal");
    line.append(" of dead instance ").append(directory.path().getFileName());
    long total = abandoned;
    for (SinkCounters counters : pipeline.counters()) {
      total += counters.delivered() + counters.parked() + counters.undecodable();
      line.append(", ").append(counters.sinkName()).append(' ').append(counters.delivered());
      if (counters.parked() > 0) {
        line.append(", parked ").append(counters.parked());
      }
      if (counters.undecodable() > 0) {
        line.append(", undecodable ").append(counters.undecodable());
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

  /**
   * Remembers that this JVM will never deliver a directory, so that it is not read again and again.
   */
  private void giveUp(Path path) {
    if (undeliverable.size() < REMEMBERED_MAX) {
      undeliverable.add(path);
    }
  }

  private void reportOnce(Path path, String line) {
    if (reported.size() >= REMEMBERED_MAX && !reported.containsKey(path)) {
      if (!limitReported) {
        limitReported = true;
        out.accept(
            "more than "
                + REMEMBERED_MAX
                + " journals of dead JVMs can't be delivered: further ones are not named. Fix the"
                + " cause that the lines before name");
      }
      return;
    }
    if (!line.equals(reported.put(path, line))) {
      out.accept(line);
    }
  }
}
