package io.agentlog.agent.delivery;

import io.agentlog.agent.journal.Heartbeat;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.agent.journal.JournalVersionException;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.Sink;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Delivers the journals that dead JVMs of this service left, and removes their directories; see
 * {@link DeadJournal}. A directory stays, and is reported, while it holds events for a sink that is
 * not configured here or has another fingerprint.
 *
 * <p>Directories are delivered one after the other. If one sink is down or slow, its delivery goes
 * on for itself, and the other sinks go on with the next directories; so there are never more
 * directories under delivery than sinks. What the late sink has to get from these directories waits
 * for a later look.
 *
 * <p>A JVM that dies while it delivers is no problem, because the next one goes on from the
 * cursors. Not thread-safe.
 */
public final class DeadJournals implements AutoCloseable {
  /** Outcome for one directory. */
  public enum Outcome {
    /** All of it was delivered, and the directory is removed. */
    DELIVERED,
    /** Some events are not delivered, and the directory stays for now. */
    LEFT,
    /** Its JVM lives, or another JVM delivers the directory. */
    IN_USE
  }

  /** Most directories that are remembered by path, because there may be 100,000 of them. */
  static final int REMEMBERED_MAX = 1_000;

  /** How long the other sinks wait for a late one before they go on with the next directory. */
  private static final long LATE_NANOS = 2_000_000_000L;

  private static final long POLL_NANOS = 10_000_000L;

  private final Path serviceFolder;
  private final Supplier<List<Sink>> sinks;
  private final Consumer<MappedByteBuffer> unmapper;
  private final Set<String> discarded;
  private final Set<String> moved;
  private final Consumer<String> out;
  private final Map<Path, String> reported = new HashMap<>();
  private final Set<Path> undeliverable = new HashSet<>();
  private final LeftDirectories left;

  /** Directories that only late sinks go on with, with the names of the sinks they wait for. */
  private final Map<Path, Set<String>> waiting = new HashMap<>();

  /** Journals whose delivery goes on for late sinks alone. */
  private final List<DeadJournal> late = new ArrayList<>();

  private int deliveredLate;

  /** True if a directory was left to sinks that were late. */
  private boolean anyPutOff;

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
    this(serviceFolder, sinks, unmapper, discarded, Set.of(), out);
  }

  /**
   * As the other constructor.
   *
   * @param moved names of sinks whose target has another address now: they get what was recorded
   *     for the old one
   */
  public DeadJournals(
      Path serviceFolder,
      Supplier<List<Sink>> sinks,
      Consumer<MappedByteBuffer> unmapper,
      Set<String> discarded,
      Set<String> moved,
      Consumer<String> out) {
    this.serviceFolder = serviceFolder;
    this.left = new LeftDirectories(serviceFolder);
    this.sinks = sinks;
    this.unmapper = unmapper;
    this.discarded = Set.copyOf(discarded);
    this.moved = Set.copyOf(moved);
    this.out = out;
  }

  /**
   * Looks at all directories of the service until all that can be delivered is, and closes.
   *
   * @param stopRequested asked often; once it is true, undelivered events stay in their directories
   * @return directories by outcome
   */
  public Map<Outcome, Integer> deliverAll(BooleanSupplier stopRequested) throws IOException {
    int delivered = 0;
    Map<Outcome, Integer> outcomes;
    try (this) {
      do {
        delivered += deliveredLate;
        outcomes = look(stopRequested);
        delivered += outcomes.getOrDefault(Outcome.DELIVERED, 0);
        if (late.isEmpty() && !anyPutOff) {
          break;
        }
        while (!late.isEmpty() && !stopRequested.getAsBoolean()) {
          keepGoing();
          LockSupport.parkNanos(this, POLL_NANOS);
        }
      } while (!stopRequested.getAsBoolean());
    }
    outcomes.merge(Outcome.LEFT, -deliveredLate, Integer::sum);
    outcomes.put(Outcome.DELIVERED, delivered + deliveredLate);
    outcomes.values().removeIf(count -> count <= 0);
    return outcomes;
  }

  /**
   * Looks at all directories of the service once. The delivery of late sinks may go on afterwards:
   * then {@link #isLate()} is true, and the caller calls {@link #keepGoing()} often.
   *
   * @return directories by outcome
   */
  Map<Outcome, Integer> look(BooleanSupplier stopRequested) throws IOException {
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    deliveredLate = 0;
    anyPutOff = false;
    Heartbeat heartbeat = left.look(this::isLeftAlone, stopRequested);
    JournalDirectory.forEach(
        serviceFolder,
        path -> {
          String beat = heartbeat.seenIn(path);
          outcomes.merge(outcome(path, beat, stopRequested), 1, Integer::sum);
          return !stopRequested.getAsBoolean();
        });
    return outcomes;
  }

  /** True if the delivery of some directories goes on between two looks. */
  boolean isLate() {
    return !late.isEmpty();
  }

  /** Keeps the deliveries of late sinks going, and ends those that are done. */
  void keepGoing() {
    for (DeadJournal dead : List.copyOf(late)) {
      dead.keepGoing();
      if (dead.isEnded()) {
        late.remove(dead);
        try {
          deliveredLate += end(dead) == Outcome.DELIVERED ? 1 : 0;
        } catch (IOException | RuntimeException e) {
          reportFailure(dead.path(), e);
        } finally {
          dead.directory().close();
        }
      }
    }
  }

  /** Ends the deliveries that are under way. Undelivered events stay in their directories. */
  @Override
  public void close() {
    for (DeadJournal dead : late) {
      try {
        deliveredLate += end(dead) == Outcome.DELIVERED ? 1 : 0;
      } catch (IOException | RuntimeException e) {
        reportFailure(dead.path(), e);
      } finally {
        dead.directory().close();
      }
    }
    late.clear();
  }

  private boolean isLeftAlone(Path path) {
    return undeliverable.contains(path) || late.stream().anyMatch(d -> d.path().equals(path));
  }

  private Outcome outcome(Path path, @Nullable String beat, BooleanSupplier stopRequested) {
    if (isLeftAlone(path)) {
      return Outcome.LEFT;
    }
    if (waiting.containsKey(path) && lateSinks().containsAll(waiting.get(path))) {
      anyPutOff = true;
      return Outcome.LEFT;
    }
    waiting.remove(path);
    try {
      return deliver(path, beat, stopRequested);
    } catch (IOException | RuntimeException e) {
      reportFailure(path, e);
      return Outcome.LEFT;
    } finally {
      LockSupport.parkNanos(this, POLL_NANOS); // There may be 100,000 of them.
    }
  }

  private Outcome deliver(Path path, @Nullable String beat, BooleanSupplier stopRequested)
      throws IOException {
    JournalDirectory directory = beat == null ? null : JournalDirectory.adopt(path, beat);
    if (directory == null) {
      return Outcome.IN_USE;
    }
    boolean goesOn = false;
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
      DeadJournal dead = new DeadJournal(directory, unmapper);
      try {
        goesOn = isLeftToLateSinks(dead, stopRequested);
        return goesOn ? Outcome.LEFT : end(dead);
      } finally {
        if (!goesOn) {
          dead.close();
        }
      }
    } catch (JournalVersionException e) {
      reportOnce(path, path + ": " + e.getMessage());
      giveUp(path);
      return Outcome.LEFT;
    } finally {
      if (!goesOn) {
        directory.close();
      }
    }
  }

  /**
   * Delivers until all is done, or until only late sinks are left while others have time.
   *
   * @return true if the delivery goes on for late sinks
   */
  private boolean isLeftToLateSinks(DeadJournal dead, BooleanSupplier stopRequested)
      throws IOException {
    Set<String> lateBefore = lateSinks();
    Set<String> free = new HashSet<>();
    List<Sink> offered = new ArrayList<>();
    for (Sink sink : sinks.get()) {
      if (lateBefore.contains(sink.name())) {
        sink.close(); // Its thread is at work on another directory.
      } else {
        offered.add(sink);
        free.add(sink.name());
      }
    }
    dead.start(discarded, moved, offered, lateBefore, serviceFolder);
    while (!dead.isEnded() && !stopRequested.getAsBoolean()) {
      dead.keepGoing();
      keepGoing();
      if (dead.waitNanos() > LATE_NANOS && !dead.pendingSinks().containsAll(free)) {
        late.add(dead);
        return true;
      }
      LockSupport.parkNanos(this, POLL_NANOS);
    }
    return false;
  }

  /** Ends a delivery, removes a directory that is delivered, and reports the outcome. */
  private Outcome end(DeadJournal dead) throws IOException {
    boolean isDone;
    try {
      boolean ended = dead.isEnded();
      boolean all = dead.stop();
      String unserved = dead.unservedEvents();
      Set<String> putOff = dead.putOffSinks();
      isDone = all && unserved == null && putOff.isEmpty();
      if (unserved != null) {
        reportUnserved(dead.path(), unserved);
      }
      if (!putOff.isEmpty()) {
        anyPutOff = true;
        if (all && waiting.size() < REMEMBERED_MAX) {
          waiting.put(dead.path(), putOff);
        }
      } else if (unserved != null ? all : ended && !all) {
        giveUp(dead.path()); // The rest is a refused event without another one beside it.
      }
      String line = dead.outcome(isDone);
      if (line != null) {
        out.accept(line);
      }
    } finally {
      dead.close();
    }
    if (isDone) {
      dead.directory().remove();
      reported.remove(dead.path());
      return Outcome.DELIVERED;
    }
    return Outcome.LEFT;
  }

  /** Names of the sinks that are at work on a directory of their own. */
  private Set<String> lateSinks() {
    Set<String> names = new HashSet<>();
    late.forEach(dead -> names.addAll(dead.pendingSinks()));
    return names;
  }

  private void reportUnserved(Path path, String unserved) {
    reportOnce(
        path,
        path
            + " keeps "
            + unserved
            + ": this JVM has no such sink, or its sink has another target. Run drain with the"
            + " sink's settings, drain --moved NAME if the target has another address now, or drain"
            + " --discard-sink NAME to give them up");
  }

  private void reportFailure(Path path, Exception e) {
    reportOnce(
        path, "can't deliver %s: %s. Its events stay there".formatted(path, AgentLog.describe(e)));
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
