package io.agentlog.insight.page;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The JVMs that record, and what the agent of each says of itself.
 *
 * @param service the only service that is shown; null for all
 * @param services with JVMs that live, by name
 * @param gone JVMs that ended or were not heard of for over a minute, the latest first
 * @param more there are more JVMs than are listed
 * @param note what is missing on the page, and what to do; null if nothing is
 */
public record InstancesPage(
    View view,
    @Nullable String service,
    List<LivePage.Figure> figures,
    List<Service> services,
    List<Instance> gone,
    boolean more,
    @Nullable String note) {

  /** A service and its JVMs that live. */
  public record Service(String name, List<Instance> instances) {}

  /** An older report of a JVM that lives was not replaced although it should have been. */
  private static final Duration REPORT_AGE_MAX = Duration.ofSeconds(150);

  /** The state of a JVM's lease. */
  public enum State {
    /** Its lease runs. */
    ALIVE,
    /**
     * Its lease has no end, because it writes to Kafka alone, but it was not heard of for long: its
     * connector is away, or nobody judges JVMs. Whether it lives is not known.
     */
    SILENT,
    /** Its lease has run out, less than a minute ago. */
    LATE,
    /** Its lease has run out, so other JVMs end its executions. */
    LOST,
    /** It has shut down. */
    ENDED
  }

  /**
   * A JVM.
   *
   * @param since start of the unbroken run of renewals; null if unknown
   * @param heardAt the last moment at which it was known to live; null if unknown
   * @param at the time of the database when it was read
   * @param running executions in progress, counted in the table
   * @param runningMore more executions are in progress than were counted
   * @param report what its agent says of itself; null if it says nothing
   */
  public record Instance(
      UUID id,
      String service,
      State state,
      @Nullable Instant since,
      @Nullable Instant heardAt,
      Instant at,
      long running,
      boolean runningMore,
      @Nullable Report report) {
    /** Returns how long ago it was heard of, for people. */
    public String silence() {
      return age(heardAt, at);
    }

    /** Returns how long it is known to have lived without a gap, for people. */
    public String life() {
      return age(since, heardAt);
    }

    private static String age(@Nullable Instant from, @Nullable Instant to) {
      return from == null || to == null
          ? "an unknown time"
          : Format.age(Duration.between(from, to));
    }

    /** Returns whether its report should have been replaced by now. */
    public boolean hasOldReport() {
      Instant reported = report == null ? null : report.at();
      return reported != null
          && heardAt != null
          && Duration.between(reported, heardAt).compareTo(REPORT_AGE_MAX) > 0;
    }
  }

  /**
   * The report of a JVM's agent about itself. Counts are since the JVM's start, and null if the
   * agent does not know them.
   *
   * @param at when it was written
   * @param dropped events that were not recorded, by cause, without those of 0
   * @param droppedTotal the sum of all causes
   * @param suppressed errors of agentlog that the application did not see
   * @param journalBytes of the journal's files
   * @param journalBytesMax that they may have
   */
  public record Report(
      @Nullable Instant at,
      @Nullable String version,
      @Nullable String host,
      @Nullable Long pid,
      @Nullable Long executions,
      @Nullable Long recorded,
      Map<String, Long> dropped,
      @Nullable Long droppedTotal,
      @Nullable Long suppressed,
      @Nullable Long journalBytes,
      @Nullable Long journalBytesMax,
      List<Sink> sinks) {
    /**
     * Returns whether the journal has more than half of its space; then events may be dropped soon.
     */
    public boolean journalFills() {
      return journalBytes != null && journalBytesMax != null && journalBytes > journalBytesMax / 2;
    }

    /** Returns the number of lines that its sinks take in a table, at least 1. */
    public int lineCount() {
      return Math.max(1, sinks.size() + (int) sinks.stream().filter(Sink::saysMore).count());
    }

    /** Returns the events that wait for all sinks; null if one does not say. */
    public @Nullable Long pendingTotal() {
      return sum(sinks, Sink::pending);
    }

    /** Returns the events that were refused and set aside; null if a sink does not say. */
    public @Nullable Long parkedTotal() {
      return sum(sinks, Sink::parked);
    }

    private static @Nullable Long sum(List<Sink> sinks, Function<Sink, @Nullable Long> count) {
      long sum = 0;
      for (Sink sink : sinks) {
        Long known = count.apply(sink);
        if (known == null) {
          return null;
        }
        sum += known;
      }
      return sum;
    }
  }

  /**
   * A sink of a JVM.
   *
   * @param down whether its last attempt failed; null if unknown
   * @param lagMillis age of the oldest event that waits; 0 if none does
   * @param undecodable events that could not be read and are lost
   * @param lastError null if there was none
   * @param errorHidden the last error may quote an event, and texts are not shown
   */
  public record Sink(
      String name,
      @Nullable String target,
      @Nullable Boolean down,
      @Nullable Long delivered,
      @Nullable Long pending,
      @Nullable Long lagMillis,
      @Nullable Long parked,
      @Nullable Long undecodable,
      @Nullable Long failures,
      @Nullable String lastError,
      boolean errorHidden) {
    public boolean isDown() {
      return Boolean.TRUE.equals(down);
    }

    /** Returns whether it has an error to tell. */
    public boolean saysMore() {
      return lastError != null || errorHidden;
    }
  }
}
