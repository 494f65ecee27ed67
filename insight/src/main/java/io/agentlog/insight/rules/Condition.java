package io.agentlog.insight.rules;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** When a rule raises an alert. Shares and quantiles are from 0 to 1. */
public sealed interface Condition {
  /** Rows that are counted. */
  enum Unit {
    EXECUTION,
    /** Executions without a parent, so one for each request. */
    REQUEST
  }

  /** Returns the name of the kind in a rules file. */
  String kind();

  /** A condition on the figures of windows of time, tested against chance. */
  sealed interface Windowed extends Condition {
    /** Returns the lengths of the windows, each of them tested on its own. */
    List<Duration> windows();

    /** Returns what the windows are compared with; null if only with a limit. */
    @Nullable Baseline baseline();

    /** Returns the number of executions below which a window says nothing. */
    int minCount();
  }

  /**
   * Too many executions fail.
   *
   * @param max the share that is allowed; with a baseline, below which no alert is raised
   */
  record FailureRate(
      List<Duration> windows,
      @Nullable Baseline baseline,
      int minCount,
      @Nullable Double max,
      Unit unit)
      implements Windowed {
    @Override
    public String kind() {
      return "failure-rate";
    }
  }

  /**
   * The slow executions have become slower.
   *
   * @param quantile from which on an execution counts as slow
   * @param max duration that the quantile may have; null for what the baseline has
   * @param minRatio how many times the baseline's quantile it has to be
   * @param minIncrease how much more than the baseline's quantile it has to be
   */
  record Latency(
      List<Duration> windows,
      @Nullable Baseline baseline,
      int minCount,
      double quantile,
      @Nullable Duration max,
      double minRatio,
      Duration minIncrease)
      implements Windowed {
    @Override
    public String kind() {
      return "latency";
    }
  }

  /**
   * The application's quality scores have fallen.
   *
   * @param minEffect Cliff's delta, as a positive number, that the fall has to have
   */
  record Quality(
      List<Duration> windows, @Nullable Baseline baseline, int minCount, double minEffect)
      implements Windowed {
    @Override
    public String kind() {
      return "quality";
    }
  }

  /** Too many executions have not the stages that their agent's pattern declares. */
  record PatternViolations(
      List<Duration> windows, @Nullable Baseline baseline, int minCount, @Nullable Double max)
      implements Windowed {
    @Override
    public String kind() {
      return "pattern";
    }
  }

  /** Nothing started in a window in which something always did. */
  record NoTraffic(List<Duration> windows, @Nullable Baseline baseline) implements Windowed {
    @Override
    public int minCount() {
      return 0;
    }

    @Override
    public String kind() {
      return "no-traffic";
    }
  }

  /** An execution is in progress for too long, or its instance is gone. */
  record Stuck(Duration after) implements Condition {
    @Override
    public String kind() {
      return "stuck";
    }
  }

  /** Executions were ended by another instance, because theirs was gone. */
  record Abandoned(Duration window, int minCount) implements Condition {
    @Override
    public String kind() {
      return "abandoned";
    }
  }

  /** An instance lost events, or one of its sinks is down for that long. */
  record Dropped(Duration after) implements Condition {
    @Override
    public String kind() {
      return "dropped";
    }
  }

  /** One execution passed the same stage that often within the window. */
  record StageLoop(Duration window, int times) implements Condition {
    @Override
    public String kind() {
      return "stage-loop";
    }
  }

  /** Errors that were not seen for that long came at least that often. */
  record NewError(Duration window, Duration unseen, int minCount) implements Condition {
    @Override
    public String kind() {
      return "new-error";
    }
  }

  /** Something is the matter with the alerts themselves; no rules file has it. */
  record OfAlerts(String kind) implements Condition {
    /** Looks could see nothing for some time. */
    public static final String BLIND = "blind";

    /** The rules file has mistakes, so the last one without is in use. */
    public static final String INVALID = "rules-invalid";

    /** Names of the rules that have it, which are those of their kinds. */
    public static final List<String> NAMES = List.of(BLIND, INVALID);
  }
}
