package io.agentlog.agent.command;

import io.agentlog.agent.SinkFactory;
import io.agentlog.agent.delivery.DeadJournals;
import io.agentlog.agent.delivery.ParkedRetry;
import io.agentlog.config.Config;
import io.agentlog.config.SinkChoice;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.Sink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The command {@code drain}: delivers what dead JVMs have left, with the sinks that the
 * configuration names, and removes what is delivered. Nothing that is left behind is lost. Not
 * thread-safe; runs once.
 */
public final class Drain {
  /**
   * What came of it.
   *
   * @param drainedJournals directories that are delivered and gone
   * @param deliveredParked events
   * @param leftJournals directories that are not delivered, or not readable
   * @param leftParked events, or files that can't be read
   */
  public record Result(int drainedJournals, int deliveredParked, int leftJournals, int leftParked) {
    /** Nothing is left. */
    public boolean isEverything() {
      return leftJournals == 0 && leftParked == 0;
    }

    /** For programs. */
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("drained_journals", drainedJournals);
      map.put("delivered_parked_events", deliveredParked);
      map.put("left_journals", leftJournals);
      map.put("left_parked_events", leftParked);
      return map;
    }

    /** One line for people. */
    public String text() {
      return "drained %d journals and %d parked events; left: %d journals and %d parked events"
          .formatted(drainedJournals, deliveredParked, leftJournals, leftParked);
    }
  }

  private final List<Path> serviceFolders;
  private final Function<Path, List<Sink>> sinksOf;
  private final Set<String> discardedSinks;
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
   * @param discardedSinks names of sinks for which what is kept is given up
   * @param timeout for everything together
   * @param out takes lines for people
   */
  public Drain(
      Config config,
      List<Path> serviceFolders,
      Set<String> discardedSinks,
      Duration timeout,
      Consumer<String> out) {
    this(
        serviceFolders,
        sinksOf(config),
        discardedSinks,
        System.nanoTime() + timeout.toNanos(),
        out);
  }

  Drain(
      List<Path> serviceFolders,
      Function<Path, List<Sink>> sinksOf,
      Set<String> discardedSinks,
      long deadlineNanos,
      Consumer<String> out) {
    this.serviceFolders = List.copyOf(serviceFolders);
    this.sinksOf = sinksOf;
    this.discardedSinks = Set.copyOf(discardedSinks);
    this.deadlineNanos = deadlineNanos;
    this.out = out;
  }

  /**
   * Drains. Prints a line for each journal and file.
   *
   * @param parkedToo true to offer refused events once more
   * @return what was done and is left
   */
  public Result run(boolean parkedToo) {
    for (Path folder : serviceFolders) {
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

  private void drainJournals(Path folder) {
    DeadJournals journals =
        new DeadJournals(folder, () -> sinksOf.apply(folder), buffer -> {}, discardedSinks, out);
    try {
      Map<DeadJournals.Outcome, Integer> outcomes = journals.deliverAll(this::isTimeOver);
      drainedJournals += outcomes.getOrDefault(DeadJournals.Outcome.DELIVERED, 0);
      leftJournals += outcomes.getOrDefault(DeadJournals.Outcome.LEFT, 0);
    } catch (IOException e) {
      leftJournals++;
      out.accept(folder + ": " + AgentLog.describe(e));
    }
  }

  private void drainParked(Path folder, List<Sink> sinks) {
    for (String name : ParkedRetry.sinkNames(folder)) {
      String place = folder + ": parked events of " + name + ": ";
      Sink sink = sinks.stream().filter(s -> s.name().equals(name)).findFirst().orElse(null);
      if (sink == null) {
        leftParked++;
        out.accept(place + "left, " + name + " is not configured");
        continue;
      }
      try {
        ParkedRetry.Result result = new ParkedRetry(folder, sink).run(this::isTimeOver);
        deliveredParked += result.deliveredCount();
        leftParked += result.leftCount() + result.unreadableCount();
        out.accept(place + text(result));
      } catch (IOException e) {
        leftParked++;
        out.accept(place + "left, " + AgentLog.describe(e));
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
      text.append(" can't be read and are in a file of their own now, SINK.unreadable.jsonl");
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
