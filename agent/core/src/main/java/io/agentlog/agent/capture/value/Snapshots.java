package io.agentlog.agent.capture.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Copies values of the application at the moment of capture, so that its later changes don't show.
 * Thread-safe.
 *
 * <p>A snapshot is a JSON value that nobody can change: null, String, Long, Double (finite),
 * Boolean, BigInteger or BigDecimal (of modest size), List, or Map with String keys in the order of
 * the original.
 *
 * <p>What is copied: strings, numbers, booleans, characters, UUIDs, enum constants (their names),
 * {@code java.time} and {@code java.util.Date} (ISO 8601), the content of an Optional; arrays, the
 * JDK's own collections and maps, and records of any class, as far as they contain these. Anything
 * else becomes its class name: its {@code toString()}, getters and iterators are not called,
 * because they may load, wait or change something.
 */
public final class Snapshots {
  private final SnapshotLimits limits;
  private final UnaryOperator<String> redaction;
  private final ClassValue<RecordShape> shapes;

  public Snapshots(SnapshotLimits limits, PackageOpener opener) {
    this(limits, opener, text -> text);
  }

  /**
   * @param redaction removes secrets from each text before the text is cut; never throws
   */
  public Snapshots(SnapshotLimits limits, PackageOpener opener, UnaryOperator<String> redaction) {
    this.limits = limits;
    this.redaction = redaction;
    Members members = new Members(opener);
    this.shapes =
        new ClassValue<>() {
          @Override
          protected RecordShape computeValue(Class<?> type) {
            return RecordShape.of(type, members);
          }
        };
  }

  /**
   * An incomplete snapshot: a string was cut, or values were left out.
   *
   * @param value the snapshot itself
   */
  public record Cut(@Nullable Object value) {}

  /** Returns the snapshot itself, whether or not a {@link Cut} wraps it. */
  public static @Nullable Object unwrapped(@Nullable Object taken) {
    return taken instanceof Cut cut ? cut.value() : taken;
  }

  /**
   * Copies a value, on the calling thread. Never throws. A string that fits, a boolean, a {@code
   * Long} and a {@code Double} are returned as they are.
   *
   * @return a snapshot, or a {@link Cut} around one
   */
  public @Nullable Object take(@Nullable Object value) {
    if (value instanceof String given) {
      String text = redaction.apply(given);
      int end = Texts.cutPosition(text, limits.valueMaxBytes());
      return end == text.length() ? text : new Cut(text.substring(0, end));
    }
    if (value == null || value instanceof Boolean || value instanceof Long) {
      return value;
    }
    if (value instanceof Integer number) {
      return (long) number;
    }
    try {
      SnapshotCopy copy = new SnapshotCopy(limits.valueMaxBytes(), shapes, redaction);
      Object copied = copy.of(value, 1);
      return copy.isCut() ? new Cut(copied) : copied;
    } catch (Throwable t) { // StackOverflowError, where the application's own stack is nearly full.
      return SnapshotCopy.UNREADABLE;
    }
  }

  /**
   * Estimates the bytes of a snapshot in the journal: its texts as the JVM stores them, and a
   * little for each value.
   *
   * @param snapshot made by {@link #take}, not a {@link Cut}
   */
  public static long sizeBytes(@Nullable Object snapshot) {
    if (snapshot instanceof String text) {
      return VALUE_OVERHEAD_BYTES + Texts.sizeBytes(text);
    }
    if (snapshot == null || snapshot instanceof Boolean) {
      return 1;
    }
    if (snapshot instanceof BigInteger number) {
      return VALUE_OVERHEAD_BYTES + digits(number);
    }
    if (snapshot instanceof BigDecimal number) {
      return VALUE_OVERHEAD_BYTES + digits(number.unscaledValue()) + Math.abs(number.scale());
    }
    long size = VALUE_OVERHEAD_BYTES;
    if (snapshot instanceof Collection<?> list) {
      for (Object each : list) {
        size += sizeBytes(each);
      }
    } else if (snapshot instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> each : map.entrySet()) {
        size += sizeBytes(each.getKey()) + sizeBytes(each.getValue());
      }
    } else {
      size += Long.BYTES;
    }
    return size;
  }

  /** Bytes for type and length of a value. */
  private static final int VALUE_OVERHEAD_BYTES = 5;

  private static long digits(BigInteger number) {
    return number.bitLength() / 3 + 2L; // A digit takes over three bits; 2 for sign and point.
  }
}
