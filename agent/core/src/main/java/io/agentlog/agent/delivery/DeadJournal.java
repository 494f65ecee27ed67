package io.agentlog.agent.delivery;

import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.agent.journal.JournalLimits;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.InstanceFacts;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.Sink;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The journal of one dead JVM while it is delivered. Each execution without an end first gets a
 * provisional one. Events then go to the sink with the same name and fingerprint, from the dead
 * JVM's cursor, each sink on a thread of its own. Not thread-safe.
 */
final class DeadJournal {
  /** Small, because the new segments hold provisional ends only. */
  private static final int SEGMENT_LENGTH_BYTES = 256 * 1024;

  /** Suffix of a sink's name in the log and in the name of its thread. */
  private static final String DEAD_SUFFIX = "-dead";

  private static final long FORCE_NANOS = 1_000_000_000L;
  private static final Duration STOP_WAIT = Duration.ofSeconds(1);

  private final JournalDirectory directory;
  private final DiskJournal journal;
  private final EventDecoder decoder;
  private final InstanceFacts facts;
  private int abandonedCount;
  private boolean closed;
  private List<Sink> served = List.of();
  private Set<String> putOff = Set.of();
  private @Nullable SinkPipeline pipeline;
  private long forcedNanos = System.nanoTime();
  private Set<String> pendingSinks = Set.of();
  private long pendingSinceNanos = forcedNanos;

  /** Opens the journal. The caller closes the directory. */
  DeadJournal(JournalDirectory directory, Consumer<MappedByteBuffer> unmapper) throws IOException {
    this.directory = directory;
    facts = JournalProperties.facts(directory.instanceId(), directory.properties());
    decoder = new EventDecoder(facts);
    JournalLimits limits =
        new JournalLimits(
            SEGMENT_LENGTH_BYTES, 1, Long.MAX_VALUE / 2, 0, JournalLimits.WAITING_BYTES_MAX);
    Consumer<String> report =
        line -> AgentLog.warn("journal", directory.path().getFileName() + ": " + line);
    journal = directory.open(limits, unmapper, report);
  }

  Path path() {
    return directory.path();
  }

  JournalDirectory directory() {
    return directory;
  }

  /**
   * Gives some sinks' events up, ends the executions that ran, and starts the delivery.
   *
   * @param discarded names of sinks whose events are given up
   * @param moved names of sinks that take the events for another target too
   * @param sinks the delivery uses those that the events are for, and closes the others
   * @param putOff names of sinks that get their events from here later
   * @param parkedFolder of the service, under which refused and undecodable events are kept
   */
  void start(
      Set<String> discarded,
      Set<String> moved,
      List<Sink> sinks,
      Set<String> putOff,
      Path parkedFolder)
      throws IOException {
    this.putOff = Set.copyOf(putOff);
    for (String sink : discarded) {
      journal.discard(sink);
    }
    abandonedCount = endRunning();
    served = new ArrayList<>();
    for (Sink sink : sinks) {
      String place = JournalProperties.fingerprint(sink.name(), directory.properties());
      boolean isSame = place != null && (sink.isSameTarget(place) || moved.contains(sink.name()));
      if (isSame && journal.unservedSinks().contains(sink.name())) {
        served.add(sink);
      } else {
        sink.close();
      }
    }
    SinkPipeline made =
        new SinkPipeline(
            journal,
            new KeepingDecoder(parkedFolder, decoder::decode),
            served,
            DEAD_SUFFIX,
            sink -> new ParkedEvents(parkedFolder, sink, facts));
    pipeline = made;
    if (!isEnded()) {
      made.start();
    }
  }

  /** Keeps the journal going: removes what is read, and forces the cursors now and then. */
  void keepGoing() {
    journal.doWork();
    if (System.nanoTime() - forcedNanos > FORCE_NANOS) {
      forcedNanos = System.nanoTime();
      journal.force();
    }
  }

  /** True if no sink has anything left to do here. */
  boolean isEnded() {
    return pendingSinks().isEmpty();
  }

  /** Names of the sinks that have something left to do here. */
  Set<String> pendingSinks() {
    Set<String> pending = new HashSet<>();
    List<SinkCounters> counters = counters();
    for (int i = 0; i < counters.size(); i++) {
      // A refused event that is held waits for another one, and none will come.
      if (counters.get(i).pending() > counters.get(i).held()) {
        pending.add(served.get(i).name());
      }
    }
    if (!pending.equals(pendingSinks)) {
      pendingSinks = pending;
      pendingSinceNanos = System.nanoTime();
    }
    return pending;
  }

  /** Time since one of the sinks has ended, or since the start. */
  long waitNanos() {
    return System.nanoTime() - pendingSinceNanos;
  }

  /**
   * Stops the delivery.
   *
   * @return true if everything is delivered to the sinks that are served
   */
  boolean stop() {
    SinkPipeline stopped = pipeline;
    if (stopped != null) {
      stopped.stop(STOP_WAIT);
    }
    return counters().stream().allMatch(counters -> counters.pending() == 0);
  }

  /**
   * Returns the events whose sink is neither served nor put off, as text; null if there are none. A
   * cursor without pending events doesn't matter.
   */
  @Nullable String unservedEvents() {
    StringJoiner waiting = new StringJoiner(", ");
    for (String sink : journal.unservedSinks()) {
      long pending = putOff.contains(sink) ? 0 : pendingCount(sink);
      if (pending > 0) {
        waiting.add(pending + " events for " + sink);
      }
    }
    return waiting.length() == 0 ? null : waiting.toString();
  }

  /** Names of the sinks that were put off and have something to do here. */
  Set<String> putOffSinks() {
    Set<String> names = new HashSet<>(journal.unservedSinks());
    names.retainAll(putOff);
    names.removeIf(sink -> pendingCount(sink) == 0);
    return names;
  }

  private long pendingCount(String sink) {
    try (var reader = journal.openReader(sink)) {
      return reader.pendingCount();
    }
  }

  /** Returns the line about the outcome; null if nothing happened. */
  @Nullable String outcome(boolean isDone) {
    StringBuilder line = new StringBuilder(200);
    line.append(isDone ? "delivered the journal" : "could not deliver all of the journal");
    line.append(" of dead instance ").append(directory.path().getFileName());
    long total = abandonedCount;
    for (SinkCounters counters : counters()) {
      total += counters.delivered() + counters.parked() + counters.undecodable();
      line.append(", ").append(counters.sinkName()).append(' ').append(counters.delivered());
      if (counters.parked() > 0) {
        line.append(", parked ").append(counters.parked());
      }
      if (counters.undecodable() > 0) {
        line.append(", undecodable ").append(counters.undecodable());
      }
    }
    if (abandonedCount > 0) {
      line.append(", ").append(abandonedCount).append(" executions had no end");
    }
    journal
        .findings()
        .counts()
        .forEach((what, count) -> line.append(", ").append(what).append(' ').append(count));
    return total > 0 || !journal.findings().counts().isEmpty() ? line.toString() : null;
  }

  /** Closes the journal; the directory stays open. A second call does nothing. */
  void close() {
    if (!closed) {
      closed = true;
      SinkPipeline started = pipeline;
      if (started != null) {
        started.stop(Duration.ZERO); // After an error they still run, and nobody else ends them.
      }
      journal.close();
    }
  }

  /**
   * Appends the provisional ends. Runs before delivery, so that they are delivered like all other
   * events.
   */
  private int endRunning() throws IOException {
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

  private List<SinkCounters> counters() {
    SinkPipeline started = pipeline;
    return started == null ? List.of() : started.counters();
  }
}
