package io.agentlog.agent.command;

import io.agentlog.agent.SinkFactory;
import io.agentlog.agent.delivery.DeadJournals;
import io.agentlog.agent.delivery.ParkedRetry;
import io.agentlog.config.Config;
import io.agentlog.config.SinkChoice;
import io.agentlog.files.PrivateFolder;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.Sink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The command {@code drain}: delivers the journals of dead JVMs with the configured sinks, and
 * removes them once delivered. An undelivered journal stays. Not thread-safe; runs once.
 */
public final class Drain {
  /**
   * The outcome of a drain.
   *
   * @param drainedJournals journal directories that were delivered and removed
   * @param deliveredParked parked events that were delivered
   * @param leftJournals journal directories that were not delivered, or can't be read
   * @param leftParked parked events that were not delivered, and files that can't be read
   */
  public record Result(int drainedJournals, int deliveredParked, int leftJournals, int leftParked) {
    /** True if nothing is left. */
    public boolean isEverything() {
      return leftJournals == 0 && leftParked == 0;
    }
  }

  private final List<Path> serviceFolders;
  private final Function<Path, List<Sink>> sinksOf;
  private final Set<String> discardedSinks;
  private final Set<String> movedSinks;
  private final long deadlineNanos;
  private final Consumer<String> out;

  private int drainedJournals;
  private int leftJournals;
  private int deliveredParked;
  private int leftParked;

  /**
   * Does no I/O.
   *
   * @param serviceFolders one folder for each service
   * @param discardedSinks names of sinks whose undelivered events are dropped
   * @param movedSinks names of sinks that get what was recorded for another target of theirs
   * @param timeout for all folders together
   * @param out takes lines for people
   */
  public Drain(
      Config config,
      List<Path> serviceFolders,
      Set<String> discardedSinks,
      Set<String> movedSinks,
      Duration timeout,
      Consumer<String> out) {
    this(
        serviceFolders,
        sinksOf(config),
        discardedSinks,
        movedSinks,
        System.nanoTime() + timeout.toNanos(),
        out);
  }

  Drain(
      List<Path> serviceFolders,
      Function<Path, List<Sink>> sinksOf,
      Set<String> discardedSinks,
      Set<String> movedSinks,
      long deadlineNanos,
      Consumer<String> out) {
    this.serviceFolders = List.copyOf(serviceFolders);
    this.sinksOf = sinksOf;
    this.discardedSinks = Set.copyOf(discardedSinks);
    this.movedSinks = Set.copyOf(movedSinks);
    this.deadlineNanos = deadlineNanos;
    this.out = out;
  }

  /**
   * Drains all folders. Prints a line for each journal and file.
   *
   * @param parkedToo true to offer parked events again
   * @return counts of delivered and left journals and events
   */
  public Result run(boolean parkedToo) {
    for (Path folder : serviceFolders) {
      if (isOfAnotherUser(folder)) {
        continue;
      }
      drainJournals(folder);
      if (parkedToo) {
        List<Sink> sinks = sinksOf.apply(folder);
        try {
          drainParked(folder, sinks);
        } finally {
          sinks.forEach(Sink::close);
        }
      }
    }
    return new Result(drainedJournals, deliveredParked, leftJournals, leftParked);
  }

  /**
   * Leaves a folder alone that root would spoil: its owner could not read what root leaves in a
   * journal that is not delivered to its end.
   */
  private boolean isOfAnotherUser(Path folder) {
    try {
      String owner = PrivateFolder.ownerOtherThanRoot(folder);
      if (owner == null) {
        return false;
      }
      out.accept("%s belongs to user %s: run drain as that user".formatted(folder, owner));
    } catch (IOException e) {
      out.accept(folder + ": its owner can't be read: " + AgentLog.describe(e));
    }
    leftJournals++;
    return true;
  }

  private void drainJournals(Path folder) {
    DeadJournals journals =
        new DeadJournals(
            folder, () -> sinksOf.apply(folder), buffer -> {}, discardedSinks, movedSinks, out);
    try {
      Map<DeadJournals.Outcome, Integer> outcomes = journals.deliverAll(this::isTimeOver);
      drainedJournals += outcomes.getOrDefault(DeadJournals.Outcome.DELIVERED, 0);
      leftJournals += outcomes.getOrDefault(DeadJournals.Outcome.LEFT, 0);
    } catch (IOException e) {
      leftJournals++;
      out.accept(folder + ": journals can't be read: " + AgentLog.describe(e));
    }
  }

  private void drainParked(Path folder, List<Sink> sinks) {
    for (String name : ParkedRetry.sinkNames(folder)) {
      String place = folder + ": parked events of " + name + ": ";
      Sink sink = sinks.stream().filter(s -> s.name().equals(name)).findFirst().orElse(null);
      if (sink == null) {
        leftParked++;
        out.accept(place + "not delivered, because sink " + name + " is not configured");
        continue;
      }
      try {
        ParkedRetry.Result result =
            new ParkedRetry(folder, sink, movedSinks.contains(name)).run(this::isTimeOver);
        deliveredParked += result.deliveredCount();
        leftParked += result.leftCount() + result.unreadableCount();
        out.accept(place + text(result));
      } catch (IOException e) {
        leftParked++;
        out.accept(place + "not delivered: " + AgentLog.describe(e));
      }
    }
  }

  private static String text(ParkedRetry.Result result) {
    StringBuilder text = new StringBuilder("delivered ").append(result.deliveredCount());
    if (result.why() != null) {
      text.append(", left ").append(result.leftCount()).append(": ").append(result.why());
    }
    if (result.unreadableCount() > 0) {
      text.append(", ").append(result.unreadableCount());
      text.append(" can't be read and were moved to SINK.unreadable.jsonl");
    }
    return text.toString();
  }

  private boolean isTimeOver() {
    return System.nanoTime() - deadlineNanos >= 0;
  }

  private static Function<Path, List<Sink>> sinksOf(Config config) {
    SinkChoice choice = SinkChoice.of(config);
    UUID instanceId = UUID.randomUUID();
    return folder -> SinkFactory.createForDeadJournals(config, choice, folder, instanceId);
  }
}
