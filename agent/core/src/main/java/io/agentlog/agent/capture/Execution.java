package io.agentlog.agent.capture;

import static java.util.Objects.requireNonNull;

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
 * <p>Its sequence, the version of its metadata and whether it has ended share one word, so that an
 * event gets a number and the map that belongs to it by one compare-and-set, and nothing is
 * recorded after the end:
 *
 * <pre>
 *   63     62 .. 32           31 .. 0
 *   ended  metadata version   last seq
 * </pre>
 */
final class Execution extends Call {
  private static final long ENDED = Long.MIN_VALUE;
  private static final long SEQ_MASK = 0xffff_ffffL;

  /** What {@link #nextSeq(ExecutionMetadata, boolean)} returns when there is other metadata. */
  static final int STALE = -1;

  // Not VarHandles: compiled they are the same, but interpreted, as in a JVM that has just
  // started, they go through a dozen calls and cost five times as much.
  private static final AtomicLongFieldUpdater<Execution> STATE =
      AtomicLongFieldUpdater.newUpdater(Execution.class, "state");
  private static final AtomicReferenceFieldUpdater<Execution, ExecutionMetadata> METADATA =
      AtomicReferenceFieldUpdater.newUpdater(Execution.class, ExecutionMetadata.class, "metadata");

  @SuppressWarnings("rawtypes") // An updater knows classes alone.
  private static final AtomicReferenceFieldUpdater<Execution, WeakIdentityMap> PENDING =
      AtomicReferenceFieldUpdater.newUpdater(Execution.class, WeakIdentityMap.class, "pendingEnds");

  final @Nullable Execution parent;

  /**
   * A byte, so that it shares a word with the booleans below: each call makes one of these objects.
   */
  final byte stripe;

  final long idHigh;
  final long idLow;
  final long startedAtMicros;

  /** A {@link UUID}, or the text that was given. */
  final Object correlation;

  /** A {@link UUID}, the text that was given, or null for the instance. */
  final @Nullable Object session;

  /** What routing decisions inside it name as the request; null if there is none. */
  final @Nullable String prompt;

  /** The execution around it is not the thread's own: it came with the thread. */
  boolean isOutermostOfThread;

  /** The journal did not take its start. */
  boolean isStartLost;

  /** What a policy left of the prompt; null if there is no policy, or no prompt. */
  final @Nullable KeptPrompt keptPrompt;

  private @Nullable UUID correlationId; // Of several threads each finds the same.

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
      @Nullable String prompt,
      @Nullable KeptPrompt keptPrompt) {
    super(plan, startNanos, self, arguments);
    this.parent = parent;
    this.stripe = (byte) stripe;
    this.idHigh = idHigh;
    this.idLow = idLow;
    this.startedAtMicros = startedAtMicros;
    this.correlation = correlation;
    this.session = session;
    this.prompt = prompt;
    this.keptPrompt = keptPrompt;
  }

  /** The correlation ID as it is stored. Derived once, since a hash costs more than an event. */
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

  UUID id() {
    return new UUID(idHigh, idLow);
  }

  /** The {@link PendingEnd}s of calls within it whose results are not complete; of any thread. */
  WeakIdentityMap<Boolean> pendingEnds() {
    WeakIdentityMap<Boolean> known = pendingEnds;
    if (known == null) {
      PENDING.compareAndSet(this, null, new WeakIdentityMap<Boolean>());
      known = requireNonNull(pendingEnds);
    }
    return known;
  }

  /** Before the end: what is complete within it is reported, though nobody has told it yet. */
  void settlePending() {
    WeakIdentityMap<Boolean> open = pendingEnds;
    if (open != null) {
      open.forEachKey(end -> ((PendingEnd) end).settle());
    }
  }

  /** True once nothing more is recorded. */
  boolean isEnded() {
    return state < 0;
  }

  /** The next number of the sequence; 0 after the end. */
  int nextSeq() {
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

  /** As it is now; what belongs to the next number unless that is {@link #STALE}. */
  ExecutionMetadata metadata() {
    return metadata;
  }

  /**
   * The next number of the sequence, which is to go with this metadata: an event is recorded with
   * the map as it was when its number was taken.
   *
   * @param taken from {@link #metadata()}
   * @param end true if nothing is to be recorded after this
   * @return from 1; 0 after the end; {@link #STALE} if the metadata is not the latest
   */
  int nextSeq(ExecutionMetadata taken, boolean end) {
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
        // The end may have come in between, and then nobody will ever see the change.
        return after >= 0 || versionOf(after) == changed.version();
      }
    }
  }

  /** Makes a version count that is written but not yet numbered; whoever meets it helps. */
  private void publish(long current, ExecutionMetadata written) {
    if (current >= 0 && versionOf(current) == written.version() - 1) {
      STATE.compareAndSet(this, current, (long) written.version() << 32 | (current & SEQ_MASK));
    }
  }

  private static int versionOf(long state) {
    return (int) (state >>> 32) & 0x7fff_ffff;
  }
}
