package io.agentlog.insight.page;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the entries of a waterfall stand, in percent of its width. Immutable. */
public final class Waterfall {
  /** Lanes from which on they are drawn lower, so that many fit on a screen. */
  public static final int DENSE_FROM = 40;

  /** Deeper lanes are not indented further. */
  public static final int INDENT_MAX = 8;

  private static final int TICKS = 5;
  private static final long SECOND = 1_000_000L;
  private static final long DAY = 86_400 * SECOND;
  private static final List<Integer> CLOCK_STEPS =
      List.of(
          1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600,
          43_200);

  private static final double NAMED_FROM = 9;
  private static final double DRAWN_FROM = 0.8;

  private final Instant from;
  private final long micros;

  public Waterfall(RequestPage page) {
    Instant first = page.from();
    Instant last = page.to();
    this.from = first == null ? Instant.EPOCH : first;
    this.micros = first == null || last == null ? 1 : Math.max(1, Times.micros(first, last));
  }

  /** A line across the lanes, and its time since the begin. */
  public record Tick(String x, String label, boolean isLast) {}

  /** Returns lines at round times. */
  public List<Tick> ticks() {
    long step = step(micros);
    List<Tick> ticks = new ArrayList<>();
    for (long at = 0; at <= micros; at += step) {
      double x = 100.0 * at / micros;
      ticks.add(new Tick(percent(x), at == 0 ? "0" : label(at), x > 92));
    }
    return ticks;
  }

  /** Returns a round number of microseconds that goes into the whole about five times. */
  static long step(long micros) {
    long rough = Math.max(1, micros / TICKS);
    for (long seconds : CLOCK_STEPS) { // Round on the clock, not in tens.
      if (rough >= SECOND && rough <= seconds * SECOND) {
        return seconds * SECOND;
      }
    }
    if (rough > SECOND) {
      return (rough + DAY - 1) / DAY * DAY;
    }
    long power = 1;
    while (power * 10 <= rough) {
      power *= 10;
    }
    long times = (rough + power - 1) / power;
    return power * (times <= 2 ? times : times <= 5 ? 5 : 10);
  }

  private static String label(long micros) {
    if (micros < 1_000) {
      return micros + " µs";
    }
    if (micros < 1_000_000) {
      return trimmed(micros / 1e3) + " ms";
    }
    return micros < 60_000_000L
        ? trimmed(micros / 1e6) + " s"
        : Format.age(Duration.ofSeconds(micros / 1_000_000))
            .replace(" 0 s", "")
            .replace(" 0 min", "");
  }

  private static String trimmed(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Format.decimals(number, 1);
  }

  /** Returns the place of a time. */
  public String x(@Nullable Instant time) {
    return percent(place(time));
  }

  /** Returns the width of a span, which may be too narrow to be seen. */
  public String width(Instant begin, @Nullable Instant end) {
    return percent(Math.max(0, place(end) - place(begin)));
  }

  /** Returns the place of an execution's end, which is the right side while it runs. */
  public String end(RequestPage.Lane lane) {
    return percent(endPlace(lane));
  }

  /** Returns the width of an execution. */
  public String width(RequestPage.Lane lane) {
    return percent(Math.max(0, endPlace(lane) - place(lane.startedAt())));
  }

  private double endPlace(RequestPage.Lane lane) {
    return lane.completedAt() == null && lane.isRunning()
        ? 100
        : place(lane.completedAt() == null ? lane.startedAt() : lane.completedAt());
  }

  /** Returns whether a stage is wide enough to be seen; the table has all. */
  public boolean isDrawn(RequestPage.Stage stage) {
    return place(stage.to()) - place(stage.from()) >= DRAWN_FROM;
  }

  /** Returns whether a stage is wide enough to hold its name. */
  public boolean isNamed(RequestPage.Stage stage) {
    return stage.name() != null && place(stage.to()) - place(stage.from()) >= NAMED_FROM;
  }

  /** Returns the time since the begin, for people. */
  public String offset(@Nullable Instant time) {
    if (time == null) {
      return "–";
    }
    long at = Times.micros(from, time);
    return at == 0 ? "0" : "+" + Format.micros(at);
  }

  /** Returns the length of a span, for people. */
  public String between(Instant begin, Instant end) {
    return Format.micros(Times.micros(begin, end));
  }

  /** Returns the length of the whole, for people. */
  public String length() {
    return Format.micros(micros);
  }

  private double place(@Nullable Instant time) {
    return time == null ? 0 : Math.min(100, Math.max(0, 100.0 * Times.micros(from, time) / micros));
  }

  private static String percent(double number) {
    return Format.decimals(number, 3) + "%";
  }
}
