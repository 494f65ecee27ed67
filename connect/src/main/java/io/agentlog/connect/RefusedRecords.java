package io.agentlog.connect;

import io.agentlog.log.AgentLog;
import io.agentlog.log.MinuteSummary;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.jspecify.annotations.Nullable;

/**
 * Hands refused records to Connect, which sends each to the dead letter queue as it was, or stops
 * the task, as {@code errors.tolerance} says. Belongs to the task's thread.
 */
final class RefusedRecords {
  /** Room for the headers in which Connect tells why, with a stack, and for lengths. */
  static final int HEADERS_BYTES_MAX = 16 << 10;

  private final @Nullable ErrantRecordReporter reporter;
  private final long bytesMax;
  private final TaskCounters counters;
  private final MinuteSummary line;
  private final Set<String> topicsWithEvents = new HashSet<>();

  /** Reports of records that may come again, by the place that each was read from. */
  private final Map<String, Future<Void>> reports = new LinkedHashMap<>();

  /**
   * Hands records to a reporter.
   *
   * @param reporter null if no record may be refused
   * @param bytesMax largest record that the producer of the dead letter queue takes, with headers
   */
  RefusedRecords(
      @Nullable ErrantRecordReporter reporter,
      long bytesMax,
      TaskCounters counters,
      LongSupplier nanoTime) {
    this.reporter = reporter;
    this.bytesMax = bytesMax;
    this.counters = counters;
    this.line =
        new MinuteSummary(
            nanoTime,
            (count, last) ->
                AgentLog.warn(
                    "connect",
                    "%s records refused, and reported as errors.tolerance says; the last: %s"
                        .formatted(count, last)));
  }

  /** Notes that a topic has events of agentlog. */
  void sawEvent(String topic) {
    topicsWithEvents.add(topic);
  }

  /**
   * Reports a record, unless that was done and the record came again; see {@link #awaitReports}.
   *
   * @throws ConnectException if records may not be refused, or this one would be lost, which ends
   *     the task
   */
  void report(SinkRecord record, RefusedRecordException reason) {
    String text = String.valueOf(reason.getMessage());
    ErrantRecordReporter to = reporter;
    if (to == null) {
      throw new ConnectException(
          text
              + ". To go on after such records, set errors.tolerance=all and "
              + ConnectorConfig.DEAD_LETTER_TOPIC);
    }
    long size = RecordDecoder.sizeBytes(record) + HEADERS_BYTES_MAX;
    if (size > bytesMax) { // Connect would log that the producer refuses it, and go on.
      throw new ConnectException(
          "%s. With its headers it may have %s bytes, too many for the dead letter queue: set %s above that, and max.message.bytes of the queue's topic"
              .formatted(text, size, ConnectorConfig.REQUEST_SIZE_MAX));
    }
    String place = RecordDecoder.place(record);
    if (reports.containsKey(place)) {
      return;
    }
    reports.put(place, to.report(record, reason));
    counters.refusedRecords.incrementAndGet();
    boolean isStranger = !topicsWithEvents.contains(record.originalTopic());
    line.add(
        isStranger
            ? text
                + ". So far this task has read no event of agentlog from "
                + record.originalTopic()
            : text);
  }

  /**
   * Waits until all that was reported is in the dead letter queue. Connect waits, too, but when the
   * queue refuses one of them it ends the task and commits the offsets all the same.
   *
   * @return false if the time is over; nothing is reported twice then
   * @throws ConnectException if the queue refuses one, which ends the task
   */
  boolean awaitReports(long nanos) {
    long startNanos = System.nanoTime();
    for (Map.Entry<String, Future<Void>> report : reports.entrySet()) {
      try {
        long left = Math.max(0, nanos - (System.nanoTime() - startNanos));
        report.getValue().get(left, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return false;
      } catch (ExecutionException e) {
        throw new ConnectException(
            report.getKey() + " is refused, and can't be written to the dead letter queue", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    reports.clear();
    return true;
  }

  /** Forgets the reports of records that go elsewhere. */
  void forget() {
    reports.clear();
  }

  /** Prints the rest of a burst once a minute has passed. */
  void printIfDue() {
    line.printIfDue();
  }
}
