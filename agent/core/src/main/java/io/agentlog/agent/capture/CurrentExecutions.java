package io.agentlog.agent.capture;

import io.agentlog.agent.capture.value.WeakIdentityMap;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * Holds the innermost running execution of each thread, like a thread-local.
 *
 * <pre>
 *  places  [ free | thread 1025: its execution | thread 2: its execution | ... ]  by thread ID, modulo
 *                   ^ thread 1 finds its place taken: it uses a thread-local,
 *                     and the place counts one more such thread
 * </pre>
 *
 * <p>A thread-local alone would work, but nothing may stay in it on a pooled thread. Each outermost
 * execution would add an entry and remove it, for 32 bytes and a tenth of the call's whole cost; on
 * a new virtual thread for 140 bytes, because its table does not exist yet.
 *
 * <p>Thread-safe: each thread reads and changes only its own execution.
 */
final class CurrentExecutions {
  /** Places; threads with an execution beyond this count use the slower thread-local. */
  private static final int PLACE_COUNT = 1_024;

  private final Place[] places;

  @SuppressWarnings("ThreadLocalUsage") // One per JVM; not static, so that tests don't share it.
  private final ThreadLocal<Execution> others = new ThreadLocal<>();

  /** The execution that each thread was started in. */
  private final WeakIdentityMap<ExecutionLink> inherited = new WeakIdentityMap<>();

  CurrentExecutions() {
    this(PLACE_COUNT);
  }

  /**
   * @param placeCount a power of two
   */
  CurrentExecutions(int placeCount) {
    places = new Place[placeCount];
    for (int i = 0; i < placeCount; i++) {
      places[i] = new Place();
    }
  }

  /** Returns the calling thread's execution, else the one the thread was started in, or null. */
  @Nullable Execution get() {
    Execution own = ofThread();
    return own != null || inherited.isEmpty() ? own : inherited();
  }

  /** Returns the calling thread's own execution, or null. */
  @Nullable Execution ofThread() {
    Thread thread = Thread.currentThread();
    Place place = placeOf(thread);
    if (place.owner == thread) {
      return place.execution;
    }
    return place.otherCount > 0 && isOther() ? others.get() : null;
  }

  /** Returns what {@link #get} does, unless that execution has ended. */
  @Nullable Execution running() {
    Execution execution = get();
    return execution == null || execution.isEnded() ? null : execution;
  }

  /** Makes a thread that is about to start work for an execution, while the execution runs. */
  void inherit(Thread thread, ExecutionLink execution) {
    inherited.put(thread, execution);
  }

  /** Detaches the calling thread from the execution it was started in. */
  void disinherit() {
    if (!inherited.isEmpty()) {
      inherited.remove(Thread.currentThread());
    }
  }

  /** Detaches a thread that could not be started. */
  void disinherit(Thread thread) {
    inherited.remove(thread);
  }

  /** Forgets collected threads. */
  void tidy() {
    inherited.removeGone();
  }

  /** Returns the execution the thread was started in, unless the thread has outlived it. */
  private @Nullable Execution inherited() {
    Thread thread = Thread.currentThread();
    Place place = placeOf(thread);
    if (place.heirless == thread.getId()) {
      return null;
    }
    ExecutionLink link = inherited.get(thread);
    Execution execution = link == null ? null : link.running();
    if (execution == null) {
      place.heirless = thread.getId(); // A thread inherits before it starts, and never again.
      if (link != null) {
        inherited.remove(thread);
      }
    }
    return execution;
  }

  /** Makes an execution current on the calling thread. */
  void set(Execution execution) {
    Thread thread = Thread.currentThread();
    Place place = placeOf(thread);
    if (place.owner == thread) {
      place.execution = execution;
    } else if (place.otherCount > 0 && isOther()) {
      others.set(execution);
    } else if (place.owner == null && Place.OWNER.compareAndSet(place, null, thread)) {
      place.execution = execution;
    } else {
      // First: if the next line fails, lookups are only slower.
      Place.OTHER_COUNT.incrementAndGet(place);
      others.set(execution);
    }
  }

  /** Removes the calling thread's execution. */
  void remove() {
    Thread thread = Thread.currentThread();
    Place place = placeOf(thread);
    if (place.owner == thread) {
      place.execution = null;
      // Not a volatile write: waiting until others see it would cost more than all the rest.
      Place.OWNER.lazySet(place, null);
    } else if (place.otherCount > 0 && isOther()) {
      others.remove();
      Place.OTHER_COUNT.decrementAndGet(place);
    }
  }

  /** Returns true if the calling thread has a thread-local entry; never leaves an empty one. */
  private boolean isOther() {
    if (others.get() != null) {
      return true;
    }
    others.remove(); // get() has made an empty entry.
    return false;
  }

  private Place placeOf(Thread thread) {
    return places[(int) thread.getId() & (places.length - 1)];
  }

  /** A place for one thread at a time, alone on its cache line: neighbours are busy as well. */
  private static final class Place {
    // Not VarHandles: compiled code costs the same, but interpreted code, as in a JVM that has just
    // started, goes through a dozen calls for a VarHandle and costs ten times as much.
    static final AtomicReferenceFieldUpdater<Place, Thread> OWNER =
        AtomicReferenceFieldUpdater.newUpdater(Place.class, Thread.class, "owner");
    static final AtomicIntegerFieldUpdater<Place> OTHER_COUNT =
        AtomicIntegerFieldUpdater.newUpdater(Place.class, "otherCount");

    volatile @Nullable Thread owner;

    /** The owner's execution; only the owner reads and writes it. */
    @Nullable Execution execution;

    /** Count of threads that found this place taken and use a thread-local. */
    volatile int otherCount;

    /** ID of a thread that inherits nothing, which spares a lookup. A race costs a lookup. */
    long heirless;

    @SuppressWarnings("UnusedVariable")
    private long padding1, padding2, padding3, padding4;
  }
}
