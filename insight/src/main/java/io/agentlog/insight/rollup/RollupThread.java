package io.agentlog.insight.rollup;

import io.agentlog.config.Config;
import io.agentlog.insight.rules.Rules;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.threads.DutyThread;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the dashboard's tables while the program runs: a thread for the trends, one for what takes
 * longer, one for scores. After a failure each waits, longer each time up to a minute, and then
 * makes up for it.
 *
 * <p>Thread-safe.
 */
public final class RollupThread implements AutoCloseable {
  private static final String AREA = "rollup";
  private static final Duration RETRY_MIN = Duration.ofSeconds(1);
  private static final Duration RETRY_MAX = Duration.ofSeconds(60);

  /** After a part of the history, a thread rests so many times as long as the part took. */
  private static final int REST = 3;

  private static final int SLOW_REST = 20;
  private static final Duration SLOW_PERIOD = Duration.ofSeconds(30);
  private static final Duration END_MAX = Duration.ofSeconds(5);

  private final Rollup rollup;
  private final SlowTables slow;
  private final ScoreTables scores;
  private final DutyThread trendsThread;
  private final DutyThread slowThread;
  private final DutyThread scoresThread;
  private final @Nullable Judging judging;
  private final @Nullable DutyThread judgeThread;
  private volatile Status status = new Status(null, 0, null, null);
  private volatile @Nullable String slowProblem;
  private volatile @Nullable String scoresProblem;

  /**
   * Does no I/O. The user needs to read the agent's tables and to write the dashboard's.
   *
   * @param rules gives the patterns and scores that hold now
   * @param asksJudges whether executions may be chosen for judges, which are sent prompts
   */
  public RollupThread(Config config, Supplier<Rules> rules, boolean asksJudges) {
    rollup = new Rollup(config);
    slow = new SlowTables(config);
    scores = new ScoreTables(config, rules, asksJudges);
    scoresThread = new DutyThread("agentlog-insight-scores", new Scores());
    judging = asksJudges ? new Judging(config, rules) : null;
    judgeThread =
        judging == null ? null : new DutyThread("agentlog-insight-judge", new Judges(judging));
    trendsThread = new DutyThread("agentlog-insight-rollup", new Trends());
    slowThread = new DutyThread("agentlog-insight-slow", new Slow());
  }

  private record Status(
      @Nullable Duration age,
      long nanos,
      @Nullable Duration historyLeft,
      @Nullable String problem) {}

  public void start() {
    trendsThread.start();
    slowThread.start();
    scoresThread.start();
    if (judgeThread != null) {
      judgeThread.start();
    }
  }

  /** Returns how old the figures of the trends are; null before they were computed. */
  public @Nullable Duration age() {
    Status last = status;
    return last.age == null
        ? null
        : last.age.plus(Duration.ofNanos(System.nanoTime() - last.nanos));
  }

  /**
   * Returns how long ago the newest part of the history ended that is still to be computed; null if
   * the history is complete.
   */
  public @Nullable Duration historyAge() {
    return status.historyLeft;
  }

  /** Returns why the tables can't be kept, and what to do; null if all is well. */
  public @Nullable String problem() {
    String trends = status.problem;
    return trends != null ? trends : slowProblem != null ? slowProblem : scoresProblem;
  }

  /** Returns how many executions no judge gave a score for; null if none are asked. */
  public @Nullable Long judgeFailures() {
    return judging == null ? null : judging.failures();
  }

  /** Ends the threads after what they are doing, and waits some seconds for that. */
  @Override
  public void close() {
    trendsThread.requestStop();
    slowThread.requestStop();
    scoresThread.requestStop();
    if (judgeThread != null) {
      judgeThread.requestStop();
    }
    try {
      boolean trendsEnded = trendsThread.awaitEnd(END_MAX.toNanos());
      boolean scoresEnded = scoresThread.awaitEnd(END_MAX.toNanos());
      if (slowThread.awaitEnd(END_MAX.toNanos()) && trendsEnded && scoresEnded) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    AgentLog.debug(AREA, "a thread is still at work; its transaction is rolled back");
  }

  private static long millis(Duration duration) {
    return TimeUnit.MILLISECONDS.toNanos(Math.max(20, duration.toMillis()));
  }

  /** A duty that waits longer after each failure. */
  private abstract static class Retrying implements DutyThread.Duty {
    private Duration retry = RETRY_MIN;
    private @Nullable String logged;
    private long idleNanos;

    abstract Duration work() throws SinkUnavailableException;

    abstract void report(@Nullable String problem);

    @Override
    public int doWork() throws SinkUnavailableException {
      idleNanos = millis(work());
      if (logged != null) {
        AgentLog.info(AREA, "the dashboard's tables are kept again");
      }
      logged = null;
      retry = RETRY_MIN;
      report(null);
      return 1;
    }

    @Override
    public long idleNanos(int done) {
      return idleNanos;
    }

    @Override
    public void failed(Throwable thrown) {
      idleNanos = millis(retry);
      String text =
          thrown instanceof SinkUnavailableException
              ? String.valueOf(thrown.getMessage())
              : AgentLog.describe(thrown);
      report(text);
      if (!text.equals(logged)) {
        AgentLog.warn(AREA, text);
      }
      logged = text;
      Duration next = retry.multipliedBy(2);
      retry = next.compareTo(RETRY_MAX) < 0 ? next : RETRY_MAX;
    }
  }

  private final class Trends extends Retrying {
    @Override
    Duration work() throws SinkUnavailableException {
      Rollup.Tick tick = rollup.tick();
      if (tick.figuresAge() == null) {
        return RETRY_MIN; // Another program is at work.
      }
      status = new Status(tick.figuresAge(), System.nanoTime(), tick.historyLeft(), null);
      if (tick.historyLeft() == null) {
        return tick.period().minus(tick.figuresAge());
      }
      return tick.mayRest() ? tick.historyTime().multipliedBy(REST) : Duration.ZERO;
    }

    @Override
    void report(@Nullable String problem) {
      Status last = status;
      status = new Status(last.age, last.nanos, last.historyLeft, problem);
    }

    @Override
    public void onEnd() {
      rollup.close();
    }
  }

  private final class Slow extends Retrying {
    @Override
    Duration work() throws SinkUnavailableException {
      Duration took = slow.step();
      return took.isZero() ? SLOW_PERIOD : took.multipliedBy(SLOW_REST);
    }

    @Override
    void report(@Nullable String problem) {
      slowProblem = problem;
    }

    @Override
    public void onEnd() {
      slow.close();
    }
  }

  private final class Scores extends Retrying {
    @Override
    Duration work() throws SinkUnavailableException {
      Duration took = scores.step();
      return took.isZero() ? Cadence.PERIOD : took.multipliedBy(REST);
    }

    @Override
    void report(@Nullable String problem) {
      scoresProblem = problem;
    }

    @Override
    public void onEnd() {
      scores.close();
    }
  }

  private static final class Judges extends Retrying {
    private final Judging asked;

    Judges(Judging judging) {
      asked = judging;
    }

    @Override
    Duration work() throws SinkUnavailableException {
      try {
        return asked.step() == 0 ? Cadence.PERIOD : Duration.ZERO;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Cadence.PERIOD;
      }
    }

    @Override
    void report(@Nullable String problem) {
      // The thread of the scores has the same problem, and reports it.
    }

    @Override
    public void onEnd() {
      asked.close();
    }
  }
}
