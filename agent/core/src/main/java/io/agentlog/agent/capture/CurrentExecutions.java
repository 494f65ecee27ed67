package io.agentlog.agent.capture;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The innermost running execution of each thread, as in a thread-local.
 *
 * <pre>
 *  places  [ free | thread 1025: its execution | thread 2: its execution | ... ]  by thread ID, modulo
 *                   ^ thread 1 comes and finds it taken: it takes a thread-local,
 *                     and the place says that there is one more to look for
 * </pre>
 *
 * <p>A thread-local alone would do, but nothing may be left in it on a pooled thread, so that each
 * outermost execution would make an entry and remove it: 32 bytes and a tenth of the whole way; on
 * a new virtual thread 140 bytes, since that has no table yet.
 *
 * <p>Thread-safe: a thread reads and changes what is its own alone.
 */
final class CurrentExecutions {
  /** What runs at once beyond it takes the slower way. */
  private static final int PLACE_COUNT = 1_024;

  private final Place[] places;

  @SuppressWarnings("ThreadLocalUsage") // One a JVM, and a test must not see another's.
  private final ThreadLocal<Execution> others = new ThreadLocal<>();

  /** Of threads that were started within an execution. */
  private final WeakIdentityMap<Execution> inherited = new WeakIdentityMap<>();

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

  /** The calling thread's, else the one within which the thread was started, or null. */
  @Nullable Execution get() {
    Execution own = ofThread();
    return own != null || inherited.isEmpty() ? own : inherited();
  }

  /** The calling thread's own, or null. */
  @Nullable Execution ofThread() {
    Thread thread = Thread.currentThread();
    Place place = placeOf(thread);
    if (place.owner == thread) {
      return place.execution;
    }
    return place.otherCount > 0 && isOther() ? others.get() : null;
  }

  /** A thread that is about to be started works for an execution, as long as that runs. */
  void inherit(Thread thread, Execution execution) {
    inherited.put(thread, execution);
  }

  /** The calling thread works for none of those that it was started within. */
  void disinherit() {
    if (!inherited.isEmpty()) {
      inherited.remove(Thread.currentThread());
    }
  }

  /** Forgets threads that have gone, and executions that have ended: a thread may live for long. */
  void tidy() {
    if (!inherited.isEmpty()) {
      inherited.removeGone();
      inherited.removeValuesIf(Execution::isEnded);
    }
  }

  /** A thread may live longer than the execution that has started it, and serve others. */
  private @Nullable Execution inherited() {
    Thread thread = Thread.currentThread();
    Execution execution = inherited.get(thread);
    if (execution != null && execution.isEnded()) {
      inherited.remove(thread);
      return null;
    }
    return execution;
  }

  /** Makes an execution the calling thread's. */
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
      Place.OTHER_COUNT.incrementAndGet(place); // First: if the next fails, it is only slower.
      others.set(execution);
    }
  }

  /** Leaves nothing on the calling thread. */
  void remove() {
    Thread thread = Thread.currentThread();
    Place place = placeOf(thread);
    if (place.owner == thread) {
      place.execution = null;
      Place.OWNER.lazySet(
          place, null); // Waiting until others see it would cost more than all this.
    } else if (place.otherCount > 0 && isOther()) {
      others.remove();
      Place.OTHER_COUNT.decrementAndGet(place);
    }
  }

  /** True if the calling thread has a thread-local; else it has none afterwards either. */
  private boolean isOther() {
    if (others.get() != null) {
      return true;
    }
    others.remove(); // Asking has left an entry.
    return false;
  }

  private Place placeOf(Thread thread) {
    return places[(int) thread.getId() & (places.length - 1)];
  }

  /** For one thread at a time; alone on its cache line, as neighbours are busy at once. */
  private static final class Place {
    // Not VarHandles: compiled they are the same, but interpreted, as in a JVM that has just
    // started, they go through a dozen calls and cost ten times as much.
    static final AtomicReferenceFieldUpdater<Place, Thread> OWNER =
        AtomicReferenceFieldUpdater.newUpdater(Place.class, Thread.class, "owner");
    static final AtomicIntegerFieldUpdater<Place> OTHER_COUNT =
        AtomicIntegerFieldUpdater.newUpdater(Place.class, "otherCount");

    volatile @Nullable Thread owner;

    /** Of the owner, who alone reads and writes it. */
    @Nullable Execution execution;

    /** Threads that found this place taken, and have a thread-local. */
    volatile int otherCount;

    @SuppressWarnings("UnusedVariable")
    private long padding1, padding2, padding3, padding4, padding5;
  }
}
