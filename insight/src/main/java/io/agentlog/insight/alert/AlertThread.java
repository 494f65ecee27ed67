package io.agentlog.insight.alert;

import io.agentlog.config.Config;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.RulesWatch;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.threads.DutyThread;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Watches while the program runs: a thread that looks at the rules, and one that delivers what
 * there is to tell. The rules file is read again before each look.
 *
 * <p>Thread-safe.
 */
public final class AlertThread implements AutoCloseable {
  private static final String AREA = "alerts";
  private static final Duration END_MAX = Duration.ofSeconds(6);

  private final RulesWatch watch;
  private final FigureLooks looks;
  private final AlertTimes times;
  private final Ticker ticker;
  private final Delivery delivery;
  private final OutageNotice notice;
  private final DutyThread lookThread;
  private final DutyThread deliveryThread;
  private volatile Rules rules;
  private volatile Status status = new Status(0, 0, null, System.nanoTime(), null);

  /**
   * Does no I/O. The user of the settings needs to read the agent's tables and to write the
   * dashboard's.
   *
   * @param looks closed with this object
   * @param watch rules, of which those of a first look are in use
   * @param url before the addresses of pages in messages, without a slash at its end
   */
  public AlertThread(
      Config config, RulesWatch watch, FigureLooks looks, AlertTimes times, String url) {
    this.watch = watch;
    this.looks = looks;
    this.times = times;
    this.rules = watch.rules();
    Sender sender = new Sender(times.answerMax());
    this.ticker = new Ticker(config, looks, times, url);
    this.delivery = new Delivery(config, times, sender);
    this.notice = new OutageNotice(times, sender, url);
    this.lookThread = new DutyThread("agentlog-insight-alerts", new Looking());
    this.deliveryThread = new DutyThread("agentlog-insight-delivery", new Delivering());
  }

  private record Status(
      long firing, long waiting, @Nullable Duration age, long nanos, @Nullable String problem) {}

  public void start() {
    lookThread.start();
    deliveryThread.start();
  }

  /** Returns the rules of the last file without a mistake. */
  public Rules rules() {
    return rules;
  }

  /** Returns how many alerts fire or recover, at the last tick of any program. */
  public long firing() {
    return status.firing;
  }

  /** Returns how many messages have not been taken yet. */
  public long waiting() {
    return status.waiting;
  }

  /** Returns how long ago the rules were looked at, by any program; null if they never were. */
  public @Nullable Duration age() {
    Status last = status;
    return last.age == null
        ? null
        : last.age.plus(Duration.ofNanos(System.nanoTime() - last.nanos));
  }

  /** Returns whether no program has looked for some time, or since this one started. */
  public boolean isBehind() {
    Status last = status;
    Duration since = Duration.ofNanos(System.nanoTime() - last.nanos);
    return (last.age == null ? since : last.age.plus(since)).compareTo(times.gap()) > 0;
  }

  /** Returns why rules can't be looked at, and what to do; null if all is well. */
  public @Nullable String problem() {
    return status.problem;
  }

  /** Returns how many messages this program's channels took, repetitions included. */
  public long deliveredCount() {
    return delivery.deliveredCount();
  }

  /** Returns how often a channel did not take a message of this program. */
  public long failureCount() {
    return delivery.failureCount();
  }

  /** Returns how many messages this program has given up. */
  public long undeliverableCount() {
    return delivery.undeliverableCount();
  }

  /** Ends the threads after what they are doing, and waits some seconds for that. */
  @Override
  public void close() {
    lookThread.requestStop();
    deliveryThread.requestStop();
    try {
      boolean looksEnded = lookThread.awaitEnd(END_MAX.toNanos());
      if (deliveryThread.awaitEnd(END_MAX.toNanos()) && looksEnded) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    AgentLog.debug(AREA, "a thread is still at work; what it does is done again");
  }

  private final class Looking implements DutyThread.Duty {
    private List<String> mistakes = List.of();
    private @Nullable String logged;
    private long idleNanos;

    @Override
    public int doWork() throws SinkUnavailableException {
      readRules();
      Ticker.Outcome tick = ticker.tick(rules, mistakes, notice.outage());
      if (tick.looked() || notice.outage() == null) {
        notice.over();
      }
      if (tick.number() > 0) {
        notice.contact(tick.number());
      }
      note(tick);
      if (tick.looked()) {
        deliveryThread.wakeUp();
      }
      idleNanos = tick.next().toNanos();
      return 1;
    }

    private void readRules() {
      RulesWatch.Change change = watch.look();
      mistakes = watch.problems();
      if (change.rulesChanged()) {
        AgentLog.info(AREA, "the rules file has changed and is in use");
      }
      rules = watch.rules();
      if (change.problemsChanged()) {
        mistakes.forEach(mistake -> AgentLog.warn(AREA, mistake));
        AgentLog.info(
            AREA,
            mistakes.isEmpty()
                ? "the rules file has no mistakes any more"
                : "the rules before these mistakes stay in use");
      }
    }

    private void note(Ticker.Outcome tick) {
      log(tick.problem());
      Ticker.Counts counts = tick.counts();
      Status last = status;
      status =
          counts == null
              ? new Status(last.firing, last.waiting, last.age, last.nanos, tick.problem())
              : new Status(
                  counts.firing(),
                  counts.waiting(),
                  counts.age(),
                  counts.age() == null ? last.nanos : System.nanoTime(),
                  tick.problem());
    }

    /** Logs a problem once. */
    private void log(@Nullable String problem) {
      if (problem == null && logged != null) {
        AgentLog.info(AREA, "all rules can be looked at again");
      } else if (problem != null && !problem.equals(logged)) {
        AgentLog.warn(AREA, problem + ". Alerts stay as they are until then");
      }
      logged = problem;
    }

    @Override
    public long idleNanos(int done) {
      return idleNanos;
    }

    @Override
    public void failed(Throwable thrown) {
      idleNanos = times.tick().toNanos();
      String problem = describe(thrown);
      log(problem);
      Status last = status;
      status = new Status(last.firing, last.waiting, last.age, last.nanos, problem);
      try {
        notice.failed(rules, problem);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void onEnd() {
      looks.close();
      ticker.close();
    }
  }

  private static String describe(Throwable thrown) {
    return thrown instanceof SinkUnavailableException
        ? String.valueOf(thrown.getMessage())
        : AgentLog.describe(thrown);
  }

  private final class Delivering implements DutyThread.Duty {
    private @Nullable String logged;

    @Override
    public int doWork() throws Exception {
      int done = delivery.step(rules);
      logged = null;
      return done;
    }

    @Override
    public long idleNanos(int done) {
      return done > 0 ? 0 : times.poll().toNanos();
    }

    @Override
    public void failed(Throwable thrown) {
      String problem = describe(thrown);
      if (!problem.equals(logged) && !problem.equals(status.problem)) {
        AgentLog.warn(AREA, "messages wait: " + problem);
      }
      logged = problem;
    }

    @Override
    public void onEnd() {
      delivery.close();
    }
  }
}
