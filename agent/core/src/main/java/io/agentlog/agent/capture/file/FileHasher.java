package io.agentlog.agent.capture.file;

import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.FileOperationType;
import io.agentlog.log.DeferredLog;
import io.agentlog.threads.DutyThread;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hashes what file operations leave behind, on a thread of its own.
 *
 * <pre>
 *  offer -&gt; queue -&gt; pending, in order of the offers -&gt; hashed and told
 *                        | just changed                    ^
 *                        +-&gt; waits for {@link #SETTLE_NANOS} -+
 * </pre>
 *
 * <p><b>No hash is wrong.</b> A hash belongs to a state of the file: size, time of the last change,
 * key. It is told only if the file has the state of the operation's end before and after it is
 * read. The clock of a file system ticks, every few milliseconds on Linux, so a second change
 * within the tick of the first may leave the same state. Therefore a file that was just changed is
 * read only after the tick is surely over; if an operation has changed it meanwhile and left the
 * same state, the hash of the first is not told. The content before an operation is told from an
 * earlier hash, if the file had the very state of that hash when the operation began.
 *
 * <p>Not told apart: what another process, or a mapping of the file, writes without changing size,
 * time and key.
 *
 * <p><b>Threads:</b> any thread offers, and never waits for the thread that hashes; a file system
 * that hangs holds that thread alone, which does not keep the JVM from ending. <b>Memory:</b> holds
 * requests, at most {@link #REQUESTS_MAX}, and {@link KnownHashes}.
 */
public final class FileHasher implements HashQueue {
  /** Requests that wait, the one in work included; further ones are refused and counted. */
  public static final int REQUESTS_MAX = 1_024;

  /** Most bytes read a second, so that the disk stays the application's. */
  public static final long BYTES_PER_SECOND_MAX = 50_000_000;

  /** Longest wait at the end of the JVM for what is queued. */
  public static final long END_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Two ticks of the slowest usual clock of a file system, 100 a second. */
  static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** The same if the time is a whole second: then it may be all that the file system knows. */
  static final long SETTLE_SECONDS_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long HANGS_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Requests taken from the queue in one turn. */
  private static final int TAKEN_MAX = REQUESTS_MAX;

  /** Most files that are remembered as about to change while others wait. */
  private static final int CHANGES_MAX = 4 * REQUESTS_MAX;

  private record Waiting(HashRequest request, long offeredNanos, long dueNanos) {}

  /**
   * A file that was about to be changed.
   *
   * @param state of the file then
   * @param isFresh true if the change may leave the time of the file as it was
   */
  private record Change(FileState state, long nanos, boolean isFresh) {}

  private final HashResult result;
  private final Counters counters;
  private final Consumer<Throwable> failed;
  private final DutyThread thread;
  private final ContentHash content;
  private final KnownHashes known = new KnownHashes();
  private final ConcurrentLinkedQueue<Waiting> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();
  private final ConcurrentLinkedDeque<Change> changes = new ConcurrentLinkedDeque<>();
  private final AtomicInteger changeCount = new AtomicInteger();

  /** Leaves what was offered before without a hash: a change of it may not be remembered. */
  private volatile long doubtfulNanos = System.nanoTime();

  /** Belongs to the thread alone, as {@link #known} does. */
  private final ArrayDeque<Waiting> pending = new ArrayDeque<>();

  private volatile boolean ended;
  private volatile boolean isAtWork;

  /**
   * Makes the thread without starting it.
   *
   * @param bytesMax a larger file is not hashed
   * @param failed takes what a turn threw; may throw itself
   */
  public FileHasher(
      HashResult result, long bytesMax, Counters counters, Consumer<Throwable> failed) {
    this(result, bytesMax, BYTES_PER_SECOND_MAX, counters, failed);
  }

  FileHasher(
      HashResult result,
      long bytesMax,
      long bytesPerSecond,
      Counters counters,
      Consumer<Throwable> failed) {
    this.result = result;
    this.counters = counters;
    this.failed = failed;
    this.content = new ContentHash(bytesMax, new Pace(bytesPerSecond));
    this.thread = new DutyThread("agentlog-files", new Hashing());
  }

  @Override
  public boolean offer(HashRequest request) {
    if (ended) {
      return false;
    }
    if (count.incrementAndGet() > REQUESTS_MAX) {
      count.decrementAndGet();
      counters.increment(Counter.FILES_NOT_HASHED);
      return false;
    }
    long now = System.nanoTime();
    queue.add(new Waiting(request, now, now + settleNanos(request)));
    thread.wakeUp();
    return true;
  }

  @Override
  public void changes(FileState before) {
    if (count.get() == 0 || !before.isRegular()) {
      return;
    }
    long now = System.nanoTime();
    if (changeCount.incrementAndGet() > CHANGES_MAX) {
      changeCount.decrementAndGet();
      doubtfulNanos = now;
      return;
    }
    changes.add(new Change(before, now, isFresh(before)));
  }

  private static long settleNanos(FileState state) {
    return state.modifiedMicros() % MICROS_PER_SECOND == 0 ? SETTLE_SECONDS_NANOS : SETTLE_NANOS;
  }

  private static boolean isFresh(FileState state) {
    long ageMicros =
        TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()) - state.modifiedMicros();
    return ageMicros <= TimeUnit.NANOSECONDS.toMicros(settleNanos(state));
  }

  /** Returns how long to wait until no change can leave the same state; 0 if that is so. */
  private static long settleNanos(HashRequest request) {
    FileState state = request.atEnd();
    if (state == null) {
      return 0;
    }
    long settle = settleNanos(state);
    boolean isWhole = settle == SETTLE_SECONDS_NANOS;
    // The clock of a remote file system is not ours, so a change is new whatever its time says.
    if (!isWhole && request.changes()) {
      return settle;
    }
    return isFresh(state) ? settle : 0;
  }

  /**
   * Starts the thread. A thread of the agent must call it, before the first offer: a thread that
   * the application's thread starts belongs to its execution, which would record what is read here.
   */
  public void start() {
    thread.start();
  }

  /** Reports a file system that hangs, once. A thread of the agent calls it regularly. */
  public void reportIfHung() {
    if (isAtWork && System.nanoTime() - content.progressNanos() > HANGS_NANOS) {
      DeferredLog.once(
          "files hang",
          "files",
          "a file that is to be hashed has given nothing for %s s: its file system does not answer. Executions go on, without hashes of files until it does. See docs/trace.md#hashes"
              .formatted(TimeUnit.NANOSECONDS.toSeconds(HANGS_NANOS)));
    }
  }

  /**
   * Hashes what is queued, at most for the given time, and ends. What is left then is not hashed.
   *
   * @return false if something is left
   */
  public boolean stop(long waitNanos) throws InterruptedException {
    long deadline = System.nanoTime() + Math.min(waitNanos, END_WAIT_NANOS);
    while (count.get() > 0 && System.nanoTime() - deadline < 0) {
      TimeUnit.NANOSECONDS.sleep(POLL_NANOS);
    }
    ended = true;
    thread.requestStop();
    thread.awaitEnd(Math.max(1, deadline - System.nanoTime()));
    boolean isDone = count.get() <= 0;
    queue.clear();
    return isDone;
  }

  /** Requests that are not answered yet. */
  int waitingCount() {
    return count.get();
  }

  /** True while a file is read. */
  boolean isAtWork() {
    return isAtWork;
  }

  private int takeQueued() {
    int taken = 0;
    for (Waiting next = queue.peek(); next != null && taken < TAKEN_MAX; next = queue.peek()) {
      pending.add(next);
      queue.poll();
      taken++;
    }
    return taken;
  }

  /** Answers each request that is due, unless an earlier one of the same file is not. */
  private int answerDue() {
    Set<Path> notDue = new HashSet<>();
    for (Iterator<Waiting> all = pending.iterator(); all.hasNext(); ) {
      Waiting next = all.next();
      Path path = next.request.path();
      if (notDue.contains(path) || next.dueNanos - System.nanoTime() > 0) {
        notDue.add(path);
      } else {
        all.remove();
        answer(next);
        return 1; // Meanwhile others may have come.
      }
    }
    return 0;
  }

  private void answer(Waiting next) {
    HashRequest request = next.request;
    isAtWork = true;
    try {
      if (request.operation() == FileOperationType.DELETE) {
        String before = known.find(request.path(), request.atBegin());
        known.forget(request.path());
        FileState atBegin = request.atBegin();
        tell(request, atBegin == null ? -1 : atBegin.sizeBytes(), before, null, Map.of());
      } else {
        hash(next);
      }
    } finally {
      isAtWork = false;
      count.decrementAndGet();
    }
  }

  private void hash(Waiting next) {
    HashRequest request = next.request;
    Path path = request.path();
    FileState atEnd = request.atEnd();
    String before = request.changes() ? known.find(path, request.atBegin()) : null;
    String after = request.changes() ? null : known.find(path, atEnd);
    ContentHash.Missing missing = null;
    if (after == null) {
      if (request.changes()) {
        known.forget(path); // Whatever happens next.
      }
      ContentHash.Outcome outcome = content.of(path, atEnd);
      after = outcome.sha256();
      missing = outcome.missing();
    }
    takeQueued();
    if (after != null && atEnd != null && isChangedInSameTick(next)) {
      after = null;
      missing = ContentHash.Missing.CHANGED;
    }
    if (after != null && atEnd != null) {
      known.put(path, atEnd, after);
    }
    long size = after == null || atEnd == null ? -1 : atEnd.sizeBytes();
    tell(request, size, before, after, missing == null ? Map.of() : missing(missing));
  }

  private static Map<String, @Nullable Object> missing(ContentHash.Missing missing) {
    return Map.of("hash_missing", missing.text);
  }

  /** True if a later operation may have changed the content without changing the state. */
  private boolean isChangedInSameTick(Waiting next) {
    HashRequest request = next.request;
    FileState state = request.atEnd();
    if (state == null || next.offeredNanos - doubtfulNanos < 0) {
      return true;
    }
    for (Waiting later : pending) {
      if (later.request.changes() && isSame(request, later.request)) {
        return true;
      }
    }
    for (Change change : changes) {
      long laterNanos = change.nanos - next.offeredNanos;
      if (laterNanos > 0
          && change.state.equals(state)
          && (change.isFresh || (request.changes() && laterNanos <= settleNanos(state)))) {
        return true;
      }
    }
    return false;
  }

  /** True if both left the same state of one file; a file may have several names. */
  private static boolean isSame(HashRequest request, HashRequest later) {
    FileState state = request.atEnd();
    return state != null
        && state.equals(later.atEnd())
        && (state.key() != null || later.path().equals(request.path()));
  }

  /** Forgets changes before all that waits. */
  private void forgetChanges() {
    long oldest = System.nanoTime();
    if (count.get() > 0) {
      Waiting first = pending.peek();
      if (first == null) {
        return; // Others are about to be taken.
      }
      oldest = first.offeredNanos;
    }
    for (Change next = changes.peek(); next != null; next = changes.peek()) {
      if (next.nanos - oldest >= 0) {
        return;
      }
      changes.poll();
      changeCount.decrementAndGet();
    }
  }

  private void tell(
      HashRequest request,
      long sizeBytes,
      @Nullable String before,
      @Nullable String after,
      Map<String, @Nullable Object> metadata) {
    if (before != null || after != null || !metadata.isEmpty()) {
      result.hashed(request.origin(), request.operationId(), sizeBytes, before, after, metadata);
    }
  }

  private final class Hashing implements DutyThread.Duty {
    @Override
    public void onStart() {
      content.warmUp();
    }

    @Override
    public int doWork() {
      int done = takeQueued() + answerDue();
      forgetChanges();
      return done;
    }

    @Override
    public long idleNanos(int done) {
      return done > 0 ? 0 : pending.isEmpty() ? IDLE_NANOS : POLL_NANOS;
    }

    @Override
    public void failed(Throwable thrown) {
      failed.accept(thrown);
    }

    @Override
    public void onEnd() {
      pending.clear();
      known.clear();
    }
  }
}
