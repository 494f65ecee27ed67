package io.agentlog.log;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps warnings of application threads until the agent's own thread prints them, because writing
 * to stderr takes a lock and may wait for a terminal or a pipe.
 *
 * <p>Each key has one line in the life of the JVM, so the number of keys limits the number of
 * lines:
 *
 * <pre>
 *  keys   [ hash table, open addressing; a slot is taken by compare-and-set, for ever ]
 *  lines  [ printed ... | written, not printed ... | free ... ]
 *                       ^ printedCount (one thread)  ^ claimedCount (any thread)
 * </pre>
 *
 * Thread-safe. A caller never waits for a lock or another thread.
 */
public final class DeferredLog {
  /** Most keys; warnings under further keys are only counted. */
  public static final int KEYS_MAX = 1_000;

  private static final int MESSAGE_CHARS_MAX = 1_000;
  private static final int TABLE_LENGTH = 2_048; // A power of two, half empty when full.

  private static final DeferredLog SHARED = new DeferredLog(AgentLog::warn);

  private record Line(String area, String message) {}

  private final AtomicReferenceArray<@Nullable String> keys =
      new AtomicReferenceArray<>(TABLE_LENGTH);
  private final AtomicReferenceArray<@Nullable Line> lines = new AtomicReferenceArray<>(KEYS_MAX);
  private final AtomicInteger claimedCount = new AtomicInteger();
  private final AtomicLong leftOutCount = new AtomicLong();
  private final BiConsumer<String, String> printer;
  private int printedCount; // Guarded by this.
  private boolean leftOutPrinted; // Guarded by this.

  /** A log of its own; {@code printer} takes area and message. */
  DeferredLog(BiConsumer<String, String> printer) {
    this.printer = printer;
  }

  /**
   * Keeps a warning until the next {@link #flush()}, unless the key had one before.
   *
   * @param key identifies the warning, such as a method and its problem
   * @param area as in {@link AgentLog#warn}
   * @param message cut to {@value #MESSAGE_CHARS_MAX} characters
   */
  public static void once(String key, String area, String message) {
    SHARED.keepOnce(key, area, message);
  }

  /** Loads the classes that {@link #once} needs, so that no application thread has to. */
  public static void warmUp() {
    DeferredLog scratch = new DeferredLog((area, message) -> {});
    scratch.keepOnce("key", "area", "message");
    scratch.print();
  }

  /** Prints the kept warnings. For the agent's own thread. */
  public static void flush() {
    SHARED.print();
  }

  void keepOnce(String key, String area, String message) {
    int hash = key.hashCode();
    for (int i = 0; i < TABLE_LENGTH; i++) { // Half of the slots stay free, so this ends soon.
      int slot = (hash ^ hash >>> 16) + i & TABLE_LENGTH - 1;
      String there = keys.get(slot);
      if (there == null) {
        if (claimedCount.get() >= KEYS_MAX) {
          leftOutCount.incrementAndGet();
          return;
        }
        if (keys.compareAndSet(slot, null, key)) {
          keep(area, message);
          return;
        }
        there = keys.get(slot); // Another thread was faster, with the same key or another.
      }
      if (key.equals(there)) {
        return;
      }
    }
    leftOutCount.incrementAndGet();
  }

  private void keep(String area, String message) {
    boolean fits = message.length() <= MESSAGE_CHARS_MAX;
    // Made before the claim: without memory, a claimed place would stay empty and block later
    // lines.
    Line line = new Line(area, fits ? message : message.substring(0, MESSAGE_CHARS_MAX) + "...");
    int index = claimedCount.getAndIncrement();
    if (index >= KEYS_MAX) { // Several threads saw the last free line.
      leftOutCount.incrementAndGet();
      return;
    }
    lines.set(index, line);
  }

  synchronized void print() {
    while (printedCount < KEYS_MAX) {
      Line line = lines.get(printedCount);
      if (line == null) { // Free, or being written: the next flush prints it.
        break;
      }
      lines.set(printedCount++, null);
      printer.accept(line.area(), line.message());
    }
    if (leftOutCount.get() > 0 && !leftOutPrinted) {
      leftOutPrinted = true;
      printer.accept(
          "log",
          "%s different warnings were shown, which is the limit; further ones are only counted"
              .formatted(KEYS_MAX));
    }
  }

  /** Number of warnings beyond the limit. */
  long leftOutCount() {
    return leftOutCount.get();
  }
}
