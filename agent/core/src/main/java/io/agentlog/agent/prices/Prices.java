package io.agentlog.agent.prices;

import static java.util.Objects.requireNonNull;

import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import io.agentlog.threads.DutyThread;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Prices from the user's file, read at the start and again when it changes. The thread of its own
 * reads it, because a file may be on a disk that answers late. Thread-safe.
 *
 * <pre>
 *  no prices --file read--> prices --file changed and read--> new prices
 *                             \\--file broken, or gone--> the same prices
 * </pre>
 */
public final class Prices implements Pricing, DutyThread.Duty {
  /** Time between two looks at the file. */
  static final Duration LOOK_INTERVAL = Duration.ofSeconds(10);

  /** Most models without a price that get a line; the calls of all are counted. */
  static final int UNPRICED_TOLD_MAX = 50;

  /** Longest wait for the first prices. */
  private static final Duration FIRST_READ_MAX = Duration.ofSeconds(2);

  private final @Nullable String file;
  private final Counters counters;
  private final Duration lookInterval;
  private final DutyThread thread = new DutyThread("agentlog-prices", this);
  private final CountDownLatch looked = new CountDownLatch(1);
  private final Set<String> told = ConcurrentHashMap.newKeySet();
  private volatile @Nullable PriceList list;
  private volatile boolean isMissed;
  private boolean isMissedTold; // Of the agent's own thread.
  private @Nullable FileMark seen; // Of this thread alone, as the next one.
  private @Nullable String problem;

  /**
   * Prices of a file, which {@link #start} begins to read.
   *
   * @param file as the user has named it; null if there is none
   */
  public Prices(@Nullable String file, Counters counters) {
    this(file, counters, LOOK_INTERVAL);
  }

  Prices(@Nullable String file, Counters counters, Duration lookInterval) {
    this.file = file;
    this.counters = counters;
    this.lookInterval = lookInterval;
  }

  /** Begins to read the file, if there is one. Never waits. */
  public void start() {
    if (file != null) {
      thread.start();
    }
  }

  /** Waits until the file was read, or turned out to be unusable; at most some seconds. */
  public void awaitFirst() {
    try {
      if (file != null && !looked.await(FIRST_READ_MAX.toNanos(), TimeUnit.NANOSECONDS)) {
        AgentLog.warn("prices", file + " is read slowly: the first calls may have no cost");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the reading. Never waits. */
  public void stop() {
    thread.requestStop();
  }

  @Override
  public @Nullable Price of(
      @Nullable String provider, @Nullable String responseModel, @Nullable String requestModel) {
    if (file == null) {
      isMissed = true;
      return null;
    }
    PriceList now = list;
    Price price = now == null ? null : now.of(provider, responseModel, requestModel);
    if (price == null) {
      counters.increment(Counter.UNPRICED);
      if (now != null) {
        tell(now, provider, responseModel == null ? requestModel : responseModel);
      }
    }
    return price;
  }

  private void tell(PriceList prices, @Nullable String provider, @Nullable String model) {
    String name =
        model == null
            ? "a model without a name"
            : "model '"
                + LeftOut.shown(model)
                + "'"
                + (provider == null ? "" : " of " + LeftOut.shown(provider));
    if (told.size() < UNPRICED_TOLD_MAX && told.add(name)) {
      DeferredLog.once(
          "price of " + name,
          "prices",
          "%s has no price in %s, version %s: its calls have no cost. See docs/frameworks.md#prices"
              .formatted(name, file, prices.version()));
    }
  }

  /** Says once that a file is missing, if prices were asked for. For the agent's own thread. */
  public void tellIfMissed() {
    if (isMissed && !isMissedTold) {
      isMissedTold = true;
      AgentLog.info(
          "prices",
          "models report tokens, and without prices no cost is recorded. The option prices names a"
              + " file with them. See docs/frameworks.md#prices");
    }
  }

  /** Looks at the file, and reads it if it has changed since. */
  @Override
  public int doWork() {
    try {
      return readIfChanged(requireNonNull(file, "the thread runs only where there is a file"));
    } finally {
      looked.countDown();
    }
  }

  private int readIfChanged(String name) {
    try {
      Path file = Path.of(name);
      FileMark now = FileMark.of(file);
      if (now.equals(seen)) {
        return 0;
      }
      byte[] bytes = PriceReader.bytes(file);
      seen = now; // Taken before: what is written meanwhile changes it again.
      use(PriceReader.read(bytes));
      return 1;
    } catch (IOException e) { // It is tried again, because no mark tells that it may be read now.
      report(PriceReader.reason(e));
    } catch (UnusablePricesException e) {
      report(String.valueOf(e.getMessage()));
    } catch (InvalidPathException e) {
      report("no file can have this name");
    }
    return 0;
  }

  private void use(PriceReader.Read read) {
    PriceList before = list;
    PriceList after = read.prices();
    list = after;
    problem = null;
    AgentLog.info(
        "prices",
        "%s models from %s, version %s, %s%s"
            .formatted(
                after.size(), file, after.version(), after.currency(), isSame(before, after)));
    if (read.leftOut() != null) {
      AgentLog.warn("prices", "%s: without a price: %s".formatted(file, read.leftOut()));
    }
  }

  private static String isSame(@Nullable PriceList before, PriceList after) {
    return before != null && before.version().equals(after.version())
        ? " as before: give changed prices a version of their own, to tell later which were used"
        : "";
  }

  private void report(String reason) {
    if (!reason.equals(problem)) {
      problem = reason;
      PriceList now = list;
      AgentLog.warn(
          "prices",
          "%s can't be used: %s. %s, and the file is read again when it changes. See docs/frameworks.md#prices"
              .formatted(
                  file,
                  reason,
                  now == null
                      ? "Calls of models have no cost"
                      : "The prices of version %s stay in use".formatted(now.version())));
    }
  }

  @Override
  public long idleNanos(int done) {
    return lookInterval.toNanos();
  }

  @Override
  public void failed(Throwable thrown) {
    counters.increment(Counter.SUPPRESSED);
    report(AgentLog.describe(thrown));
  }
}
