package io.agentlog.insight.pattern;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where an execution first differs from a declaration. */
public sealed interface Deviation {
  /** Stages that {@link #text()} names; of more it gives the number. */
  int NAMED_MAX = 4;

  /** Returns how it differs: {@code unexpected}, {@code stopped} or {@code slow}. */
  String kind();

  /** Returns one sentence without the period. */
  String text();

  /**
   * Another stage than the declaration has there.
   *
   * @param after the stage before; null at the beginning
   * @param expected stages that the declaration has there
   * @param mayEnd whether the execution might have ended there
   */
  record Unexpected(@Nullable String after, List<String> expected, boolean mayEnd, String was)
      implements Deviation {
    @Override
    public String kind() {
      return "unexpected";
    }

    @Override
    public String text() {
      return place(after) + " expected " + listed(expected, mayEnd) + ", was `" + was + "`";
    }
  }

  /**
   * The execution ended before the declaration.
   *
   * @param after the last stage; null if there was none
   * @param expected stages that the declaration has next
   */
  record Stopped(@Nullable String after, List<String> expected) implements Deviation {
    @Override
    public String kind() {
      return "stopped";
    }

    @Override
    public String text() {
      return place(after) + " expected " + listed(expected, false) + ", but it ended";
    }
  }

  /**
   * A limit of time was exceeded.
   *
   * @param from a stage
   * @param to the same for the stage's own duration
   */
  record Slow(String from, String to, Duration took, Duration max) implements Deviation {
    @Override
    public String kind() {
      return "slow";
    }

    @Override
    public String text() {
      String what = from.equals(to) ? "`" + from + "`" : "from `" + from + "` to `" + to + "`";
      return what + " took " + seconds(took) + ", at most " + seconds(max) + " was allowed";
    }

    private static String seconds(Duration duration) {
      return String.format(Locale.ROOT, "%.3f s", duration.toNanos() / 1e9);
    }
  }

  private static String place(@Nullable String after) {
    return after == null ? "at the beginning" : "after `" + after + "`";
  }

  private static String listed(List<String> expected, boolean mayEnd) {
    String names =
        expected.stream()
            .limit(NAMED_MAX)
            .map(name -> "`" + name + "`")
            .collect(Collectors.joining(" or "));
    if (expected.size() > NAMED_MAX) {
      names += " or one of " + (expected.size() - NAMED_MAX) + " others";
    }
    return expected.isEmpty() ? "the end" : mayEnd ? names + " or the end" : names;
  }
}
