package io.agentlog.agent.capture;

import static java.util.Objects.requireNonNull;

import io.agentlog.agent.capture.value.WeakIdentityMap;
import io.agentlog.event.Event;
import io.agentlog.event.EventBuffer;
import io.agentlog.event.Identifier;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One execution in flight, from the entry of its method to its one real end. Thread-safe: stages
 * may come from several threads.
 *
 * <p>The last sequence number, the metadata's version and the end flag share one word. One
 * compare-and-set gives an event its number and the matching map, and no event a number after the
 * end:
 *
 * <pre>
 *   63     62 .. 32           31 .. 0
 *   ended  metadata version   last seq
 * </pre>
 */
class Execution extends Call {
  private static final long ENDED = Long.MIN_VALUE;
  private static final long SEQ_MASK = 0xffff_ffffL;

  /** Result of {@link #nextSeq(ExecutionMetadata, boolean)} if the metadata has changed. */
  static final int STALE = -1;

  /** Current where a thread does the work of an execution that has ended. Has ended itself. */
  static final Execution OVER = new Execution();

  /**
   * Current while the agent reads values of a call. What the application's code does then is
   * neither recorded nor read. Has ended, so that it adopts nothing.
   */
  static final Execution READING = new Execution();

  // Not VarHandles: compiled code costs the same, but interpreted code, as in a JVM that has just
  // started, goes through a dozen calls for a VarHandle and costs five times as much.
  private static final AtomicLongFieldUpdater<Execution> STATE =
      AtomicLongFieldUpdater.newUpdater(Execution.class, "state");
  private static final AtomicReferenceFieldUpdater<Execution, ExecutionMetadata> METADATA =
      AtomicReferenceFieldUpdater.newUpdater(Execution.class, ExecutionMetadata.class, "metadata");

  @SuppressWarnings("rawtypes") // An updater takes a raw class.
  private static final AtomicReferenceFieldUpdater<Execution, WeakIdentityMap> PENDING =
      AtomicReferenceFieldUpdater.newUpdater(Execution.class, WeakIdentityMap.class, "pendingEnds");

  /**
   * The enclosing execution, to which the thread returns, and the ID of the outermost one; null
   * after the end, and if there is none.
   */
  @Nullable ExecutionLink parent;

  /**
   * The journal's stripe. A byte, to share a word with the booleans below: every call makes this
   * object.
   */
  final byte stripe;

  final long idHigh;
  final long idLow;
  final long startedAtMicros;

  /** A {@link UUID}, or the text that was given. */
  final Object correlation;

  /** A {@link UUID}, the text that was given, or null for the instance. */
  final @Nullable Object session;

  /**
   * The prompt, which routing decisions record as their request: a text, or a {@link KeptPrompt} if
   * there is a policy. Null at the end, and if there is none.
   */
  @Nullable Object prompt;

  /** True if the thread had no execution of its own; the parent may be inherited. */
  boolean isOutermostOfThread;

  /** True if the journal did not take the start. */
  boolean isStartLost;

  /** Null until work is handed on. A race is harmless: either link will do. */
  private @Nullable ExecutionLink link;

  /** Computed at first use. A race is harmless: every thread computes the same value. */
  private @Nullable UUID correlationId;

  private volatile long state;

  private volatile ExecutionMetadata metadata = ExecutionMetadata.EMPTY;

  /** Null until a call within it has returned an asynchronous result. */
  private volatile @Nullable WeakIdentityMap<Boolean> pendingEnds;

  Execution(
      MethodPlan plan,
      @Nullable Execution parent,
      @Nullable Object self,
      @Nullable Object @Nullable [] arguments,
      int stripe,
      long idHigh,
      long idLow,
      long startedAtMicros,
      long startNanos,
      Object correlation,
      @Nullable Object session,
      @Nullable Object prompt) {
    super(plan, startNanos, self, arguments);
    this.parent = parent == null ? null : parent.linkOfInner();
    this.stripe = (byte) stripe;
    this.idHigh = idHigh;
    this.idLow = idLow;
    this.startedAtMicros = startedAtMicros;
    this.correlation = correlation;
    this.session = session;
    this.prompt = prompt;
  }

  private Execution() {
    stripe = 0;
    idHigh = 0;
    idLow = 0;
    startedAtMicros = 0;
    correlation = new UUID(0, 0);
    session = null;
    state = ENDED;
  }

  /** Returns the correlation ID as stored. Kept, because a hash costs more than an event. */
  UUID correlationId() {
    UUID known = correlationId;
    if (known == null) {
      known =
          correlation instanceof String text
              ? Identifier.of(EventBuffer.cut(text, EventBuffer.IDENTIFIER_BYTES_MAX)).id()
              : (UUID) correlation;
      correlationId = known;
    }
    return known;
  }

  /** Returns the ID. */
  public UUID id() {
    return new UUID(idHigh, idLow);
  }

  /** Returns the ID of the outermost execution around this one; null if there is none around. */
  @Nullable UUID root() {
    ExecutionLink enclosing = parent;
    return enclosing == null ? null : enclosing.rootOfInner;
  }

  /** Returns the kind of call that is recorded. */
  Event.Kind kind() {
    return Event.Kind.METHOD;
  }

  /** Records the start if that was left for later. Each event's number is taken after this. */
  void ensureStarted() {}

  /** Returns each {@link OpenEnd} inside it. */
  WeakIdentityMap<Boolean> pendingEnds() {
    WeakIdentityMap<Boolean> known = pendingEnds;
    if (known == null) {
      PENDING.compareAndSet(this, null, new WeakIdentityMap<Boolean>());
      known = requireNonNull(pendingEnds);
    }
    return known;
  }

  /**
   * Before the end: ends the calls inside it whose results are complete but not yet reported, and
   * the calls of models that go on.
   *
   * @param thrown what ends this execution, or null
   */
  void settlePending(@Nullable Throwable thrown) {
    WeakIdentityMap<Boolean> open = pendingEnds;
    if (open != null) {
      open.forEachKey(end -> ((OpenEnd) end).settle(thrown));
    }
  }

  /** Returns what other objects may hold of this execution. */
  ExecutionLink link() {
    ExecutionLink known = link;
    if (known == null) {
      known = new ExecutionLink(this, false);
      link = known;
    }
    return known;
  }

  /** Returns what an execution inside it holds as its parent. */
  private ExecutionLink linkOfInner() {
    ExecutionLink known = link();
    if (known.rootOfInner == null) { // A race is harmless: both find the same ID.
      UUID root = root();
      known.rootOfInner = root == null ? id() : root;
    }
    return known;
  }

  /** Returns the enclosing execution while it runs. */
  @Nullable Execution runningParent() {
    ExecutionLink enclosing = parent;
    return enclosing == null ? null : enclosing.running();
  }

  /** After the end: leaves only numbers to those who still hold this execution. */
  void forget() {
    prompt = null;
    metadata = ExecutionMetadata.EMPTY;
  }

  /** Returns what a thread that goes back to this execution works for. */
  static Execution runningOrOver(@Nullable Execution execution) {
    return execution == null || (execution.isEnded() && execution != READING) ? OVER : execution;
  }

  /** True once nothing more is recorded. */
  public boolean isEnded() {
    return state < 0;
  }

  /** Takes the first sequence number, for a start that was left for later; false if it is taken. */
  boolean takeFirstSeq() {
    while (true) {
      long current = state;
      if (current < 0 || (current & SEQ_MASK) != 0) {
        return false;
      }
      if (STATE.compareAndSet(this, current, current + 1)) {
        return true;
      }
    }
  }

  /** True once a sequence number was taken. */
  boolean hasEvents() {
    return (state & SEQ_MASK) != 0;
  }

  /** Takes the next sequence number, from 1; 0 after the end. */
  int nextSeq() {
    ensureStarted();
    while (true) {
      long current = state;
      if (current < 0) {
        return 0;
      }
      if (STATE.compareAndSet(this, current, current + 1)) {
        return (int) (current + 1);
      }
    }
  }

  /** Returns the current metadata; {@code nextSeq} checks that it is still current. */
  ExecutionMetadata metadata() {
    return metadata;
  }

  /**
   * Takes the next sequence number for an event that carries this metadata, so that number and map
   * match.
   *
   * @param taken from {@link #metadata()}
   * @param end true if nothing is to be recorded after this
   * @return from 1; 0 after the end; {@link #STALE} if the metadata is not the latest
   */
  int nextSeq(ExecutionMetadata taken, boolean end) {
    ensureStarted();
    while (true) {
      long current = state;
      if (current < 0) {
        return 0;
      }
      if (taken.version() == versionOf(current)) {
        long next = (current + 1) | (end ? ENDED : 0);
        if (STATE.compareAndSet(this, current, next)) {
          return (int) (next & SEQ_MASK);
        }
      } else if (taken.version() == metadata.version()) {
        publish(current, taken);
      } else {
        return STALE;
      }
    }
  }

  /**
   * Changes the metadata.
   *
   * @param change returns its argument if there is nothing to change, else a version one higher
   * @return false after the end
   */
  boolean changeMetadata(UnaryOperator<ExecutionMetadata> change) {
    while (true) {
      long current = state;
      if (current < 0) {
        return false;
      }
      ExecutionMetadata taken = metadata;
      if (taken.version() != versionOf(current)) {
        publish(current, taken);
        continue;
      }
      ExecutionMetadata changed = change.apply(taken);
      if (changed.version() == taken.version()) {
        return true;
      }
      if (METADATA.compareAndSet(this, taken, changed)) {
        publish(state, changed);
        long after = state;
        // If the end came in between, no event carries the change.
        return after >= 0 || versionOf(after) == changed.version();
      }
    }
  }

  /** Completes another thread's half-done change: copies the metadata's version into the state. */
  private void publish(long current, ExecutionMetadata written) {
    if (current >= 0 && versionOf(current) == written.version() - 1) {
      STATE.compareAndSet(this, current, (long) written.version() << 32 | (current & SEQ_MASK));
    }
  }

  private static int versionOf(long state) {
    return (int) (state >>> 32) & 0x7fff_ffff;
  }
}
