package io.agentlog.agent.imports;

import io.agentlog.event.Event;
import io.agentlog.postgres.Written;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.sink.SinkUnavailableException.Suspect;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers events into batches of whole executions and writes them. A batch that is refused, or that
 * fails for its size, is halved until the refused events stand alone; these are reported, and the
 * others are written. Details for which the database has no tables are known without halving. Not
 * thread-safe.
 */
final class Delivery {
  /** Events of a batch, unless one execution alone has more. */
  static final int EVENTS_MAX = 2_000;

  /** Bytes of the lines of a batch; the last line may exceed it. */
  static final long BYTES_MAX = 4L << 20;

  /** Refused events in a row, for one reason, after which the import gives up on the database. */
  static final int REFUSED_MAX = 100;

  /** Waits before further attempts at an unavailable database; after the last it gives up. */
  private static final int[] RETRY_SECONDS = {1, 2, 4, 8};

  /** The target of events. */
  interface Target {
    /**
     * Writes as {@link io.agentlog.sink.Sink#write}.
     *
     * @throws EventRefusedException if nothing was written
     */
    Outcome write(List<Event> events) throws SinkUnavailableException, EventRefusedException;
  }

  /**
   * Outcome of a batch.
   *
   * @param written counts of changed rows
   * @param refusal of the events that it names, where all others were written; else null
   */
  record Outcome(Written written, @Nullable EventRefusedException refusal) {}

  private record Item(Event event, String place) {}

  private final Target target;
  private final ImportCounts counts;
  private final Consumer<String> report;

  private final List<List<Item>> batch = new ArrayList<>();
  private int batchEvents;
  private long batchBytes;
  private List<Item> execution = new ArrayList<>();
  private long executionBytes;

  /** True if a part of the execution was written before its end, and changed its row. */
  private boolean partChanged;

  private int refusedInARow;
  private String refusedReason = "";

  /** {@code report} takes a line for each event that is refused. */
  Delivery(Target target, ImportCounts counts, Consumer<String> report) {
    this.target = target;
    this.counts = counts;
    this.report = report;
  }

  /**
   * Adds an event of the execution that is being gathered.
   *
   * @param place file and line
   * @param lengthBytes of the line
   */
  void add(Event event, String place, long lengthBytes) throws SinkUnavailableException {
    execution.add(new Item(event, place));
    executionBytes += lengthBytes;
    counts.events++;
    counts.stages += event instanceof Event.Progress ? 1 : 0;
    counts.decisions += event instanceof Event.RoutingDecision ? 1 : 0;
    counts.details += event.type().isDetail() ? 1 : 0;
    if (execution.size() >= EVENTS_MAX || executionBytes >= BYTES_MAX) {
      partChanged |= writeOne(execution); // Too large for a batch, so written in parts.
      execution = new ArrayList<>();
      executionBytes = 0;
    }
  }

  /** Ends the execution that is being gathered; the next event belongs to another. */
  void endExecution() throws SinkUnavailableException {
    counts.executions++;
    if (partChanged) {
      writeOne(execution);
      counts.writtenExecutions++;
    } else if (!execution.isEmpty()) {
      batch.add(execution);
      batchEvents += execution.size();
      batchBytes += executionBytes;
    }
    execution = new ArrayList<>();
    executionBytes = 0;
    partChanged = false;
    if (batchEvents >= EVENTS_MAX || batchBytes >= BYTES_MAX) {
      flush();
    }
  }

  /** Writes the gathered batch. */
  void flush() throws SinkUnavailableException {
    if (!batch.isEmpty()) {
      write(batch);
    }
    batch.clear();
    batchEvents = 0;
    batchBytes = 0;
  }

  private void write(List<List<Item>> executions) throws SinkUnavailableException {
    if (executions.size() == 1) {
      counts.writtenExecutions += writeOne(executions.get(0)) ? 1 : 0;
      return;
    }
    try {
      counts.writtenExecutions += offer(executions.stream().flatMap(List::stream).toList());
    } catch (EventRefusedException e) {
      int middle = executions.size() / 2;
      write(executions.subList(0, middle));
      write(executions.subList(middle, executions.size()));
    }
  }

  /** Writes events of one execution; returns true if they changed its row. */
  private boolean writeOne(List<Item> items) throws SinkUnavailableException {
    if (items.isEmpty()) {
      return false;
    }
    try {
      return offer(items) > 0;
    } catch (EventRefusedException e) {
      if (items.size() == 1) {
        refused(items.get(0), e);
        return false;
      }
      int middle = items.size() / 2;
      boolean changed = writeOne(items.subList(0, middle));
      return writeOne(items.subList(middle, items.size())) || changed;
    }
  }

  /** Returns how many executions changed. */
  private int offer(List<Item> items) throws SinkUnavailableException, EventRefusedException {
    Outcome outcome = offerAgain(items.stream().map(Item::event).toList());
    counts.writtenStages += outcome.written.progressCount();
    counts.writtenDecisions += outcome.written.decisionCount();
    counts.writtenDetails += outcome.written.detailCount();
    if (outcome.refusal != null) {
      reportRefused(items, outcome.refusal);
    }
    refusedInARow = 0;
    return outcome.written.executionCount();
  }

  /** Reports the events that a refusal names, as the same objects. */
  private void reportRefused(List<Item> items, EventRefusedException refusal) {
    Set<Event> refused = Collections.newSetFromMap(new IdentityHashMap<>());
    refused.addAll(refusal.refused());
    for (Item item : items) {
      if (refused.contains(item.event())) {
        reportRefused(item, refusal);
      }
    }
  }

  private Outcome offerAgain(List<Event> events)
      throws SinkUnavailableException, EventRefusedException {
    for (int attempt = 0; ; attempt++) {
      try {
        return target.write(events);
      } catch (SinkUnavailableException e) {
        boolean mayBeTheBatch = e.suspect() != Suspect.BACKEND;
        if (mayBeTheBatch && (events.size() > 1 || attempt == RETRY_SECONDS.length)) {
          // Callers halve a refused batch: the time limit that it exceeds, say, may suit a half.
          throw new EventRefusedException("fails alone", String.valueOf(e.getMessage()), e, false);
        }
        if (attempt == RETRY_SECONDS.length) {
          throw e;
        }
        pause(RETRY_SECONDS[attempt], e);
      }
    }
  }

  private static void pause(int seconds, SinkUnavailableException e)
      throws SinkUnavailableException {
    try {
      TimeUnit.SECONDS.sleep(seconds);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw e;
    }
  }

  private void reportRefused(Item item, EventRefusedException e) {
    counts.skippedLines++;
    report.accept(item.place() + ": skipped, the database refuses it: " + e.getMessage());
  }

  private void refused(Item item, EventRefusedException e) throws SinkUnavailableException {
    reportRefused(item, e);
    refusedInARow = e.reason().equals(refusedReason) ? refusedInARow + 1 : 1;
    refusedReason = e.reason();
    if (refusedInARow >= REFUSED_MAX) {
      throw new SinkUnavailableException(
          "%s events in a row refused (%s): fix the cause, usually a constraint that you added to the tables, and import again"
              .formatted(REFUSED_MAX, e.reason()),
          e);
    }
  }
}
