package io.agentlog.event;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one event at a time, in an array that is reused for the next event. {@link
 * EventEncoder} puts the fields. Not thread-safe. Never throws for a value, except {@link
 * OutOfMemoryError}.
 */
public final class EventBuffer {
  /**
   * Most bytes of an identifier that is a text. Not an option, because the identifier's version-5
   * UUID depends on it.
   */
  public static final int IDENTIFIER_BYTES_MAX = 8 * 1024;

  private static final byte[] NOTHING = {};
  private static final byte STARTED_CODE = (byte) EventType.STARTED.code();
  private static final byte COMPLETED_CODE = (byte) EventType.COMPLETED.code();
  private static final int LENGTH_INITIAL = 1024;

  /** An array that grew beyond this length is dropped when the next event begins. */
  private static final int LENGTH_KEPT_MAX = 64 * 1024;

  private byte[] head = new byte[LENGTH_INITIAL];
  private int headLength;
  private byte[] tail = NOTHING;
  private int tailLength;
  private int cutCount;

  /** Bytes of the head that are the same for all events of an execution; 0 if unknown. */
  private int commonLength;

  private int commonCutCount;
  private long commonIdHigh;
  private long commonIdLow;

  /** Begins an event; overwrites the event before. */
  EventBuffer begin(
      EventType type, long idHigh, long idLow, int seq, long startedAtMicros, long elapsedNanos) {
    if (head.length > LENGTH_KEPT_MAX) {
      head = new byte[LENGTH_INITIAL];
    }
    headLength = Wire.HEADER_LENGTH;
    tail = NOTHING;
    tailLength = 0;
    cutCount = 0;
    commonLength = 0;
    commonIdHigh = idHigh;
    commonIdLow = idLow;
    head[Wire.FORMAT_OFFSET] = Wire.FORMAT;
    head[Wire.TYPE_OFFSET] = (byte) type.code();
    head[Wire.FLAGS_OFFSET] = RawStrings.BIG_ENDIAN ? Wire.FLAG_BIG_ENDIAN : 0;
    head[Wire.SPARE_OFFSET] = 0;
    Wire.INT_LE.set(head, Wire.SEQ_OFFSET, seq);
    Wire.LONG_LE.set(head, Wire.ID_HIGH_OFFSET, idHigh);
    Wire.LONG_LE.set(head, Wire.ID_LOW_OFFSET, idLow);
    Wire.LONG_LE.set(head, Wire.STARTED_AT_OFFSET, startedAtMicros);
    Wire.LONG_LE.set(head, Wire.ELAPSED_OFFSET, elapsedNanos);
    return this;
  }

  /**
   * Ends the fields that all events of an execution begin with. If the execution's next event uses
   * this buffer, {@link #beginNext} reuses them.
   */
  EventBuffer endCommon() {
    commonLength = headLength;
    commonCutCount = cutCount;
    return this;
  }

  /**
   * Begins an event that reuses the common fields of the same execution's last event.
   *
   * @return false, and begins nothing, if the buffer holds another execution's fields
   */
  boolean beginNext(EventType type, long idHigh, long idLow, int seq, long elapsedNanos) {
    if (commonLength == 0 || commonIdLow != idLow || commonIdHigh != idHigh) {
      return false;
    }
    headLength = commonLength;
    head[Wire.FORMAT_OFFSET] = Wire.FORMAT;
    tail = NOTHING;
    tailLength = 0;
    cutCount = commonCutCount;
    head[Wire.TYPE_OFFSET] = (byte) type.code();
    head[Wire.SPARE_OFFSET] = 0;
    Wire.INT_LE.set(head, Wire.SEQ_OFFSET, seq);
    Wire.LONG_LE.set(head, Wire.ELAPSED_OFFSET, elapsedNanos);
    return true;
  }

  /** Marks the event as one with fields that older agents do not know. */
  EventBuffer withUsage() {
    head[Wire.FORMAT_OFFSET] = Wire.FORMAT_OF_USAGE;
    return this;
  }

  /** True for an event with fields that older agents do not know. */
  public boolean hasUsage() {
    return head[Wire.FORMAT_OFFSET] == Wire.FORMAT_OF_USAGE;
  }

  /** Sets the header's spare byte. */
  EventBuffer setSpare(int value) {
    head[Wire.SPARE_OFFSET] = (byte) value;
    return this;
  }

  /** Appends a byte. */
  EventBuffer putByte(int value) {
    ensure(1);
    head[headLength++] = (byte) value;
    return this;
  }

  /** Appends an int. */
  EventBuffer putInt(int value) {
    ensure(4);
    Wire.INT_LE.set(head, headLength, value);
    headLength += 4;
    return this;
  }

  /** Appends a double; NaN stands for null. */
  EventBuffer putDouble(double value) {
    return putLong(Double.doubleToRawLongBits(value));
  }

  /** Appends an absent text or identifier. */
  EventBuffer putAbsent() {
    return putByte(Wire.ABSENT);
  }

  /** Appends the bytes that {@link #encodedText} returned. */
  EventBuffer putEncoded(byte[] encoded) {
    ensure(encoded.length);
    System.arraycopy(encoded, 0, head, headLength, encoded.length);
    headLength += encoded.length;
    return this;
  }

  /** Encodes a text that many events carry, as {@link #putText} does. A cut is not counted. */
  public static byte[] encodedText(String text, int bytesMax) {
    EventBuffer buffer = new EventBuffer();
    buffer.putText(text, bytesMax);
    return Arrays.copyOf(buffer.head, buffer.headLength);
  }

  /** Appends a text, cut to a limit. */
  EventBuffer putText(@Nullable String text, int bytesMax) {
    if (text == null) {
      return putByte(Wire.ABSENT);
    }
    byte[] bytes = RawStrings.bytes(text);
    int length = putTextHeader(text, bytes, bytesMax);
    ensure(length);
    System.arraycopy(bytes, 0, head, headLength, length);
    headLength += length;
    return this;
  }

  /** Appends the last text of an event without copying it. No field may be put afterwards. */
  EventBuffer putLastText(@Nullable String text, int bytesMax) {
    if (text == null) {
      return putByte(Wire.ABSENT);
    }
    tail = RawStrings.bytes(text);
    tailLength = putTextHeader(text, tail, bytesMax);
    return this;
  }

  /**
   * Appends an identifier.
   *
   * @param identifier a {@link UUID}, a {@link String}, or null for absent
   */
  EventBuffer putIdentifier(@Nullable Object identifier) {
    if (identifier == null) {
      return putAbsent();
    }
    if (identifier instanceof UUID id) {
      return putUuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }
    return putText((String) identifier, IDENTIFIER_BYTES_MAX);
  }

  /** Appends an identifier that is a UUID. */
  EventBuffer putUuid(long high, long low) {
    ensure(17);
    head[headLength] = Wire.UUID_BYTES;
    Wire.LONG_LE.set(head, headLength + 1, high);
    Wire.LONG_LE.set(head, headLength + 9, low);
    headLength += 17;
    return this;
  }

  /**
   * Appends a JSON value: null, {@link String}, {@link Boolean}, {@link Number}, {@link List}, or
   * {@link Map} with strings as keys. Any other value, and a value nested too deep, becomes null.
   */
  EventBuffer putValue(@Nullable Object value) {
    putValue(value, 0);
    return this;
  }

  /**
   * True for a start or an end. A nearly full journal keeps them longest, because the other events
   * mean nothing without them.
   */
  public boolean isEssential() {
    byte type = head[Wire.TYPE_OFFSET];
    return type == STARTED_CODE || type == COMPLETED_CODE;
  }

  /** Appends metadata: JSON values by key; null counts as empty. */
  EventBuffer putMap(@Nullable Map<String, @Nullable Object> metadata) {
    if (metadata == null || metadata.isEmpty()) {
      return putAbsent();
    }
    return putValue(metadata);
  }

  /** The event's bytes before {@link #tail()}; only the first {@link #headLength()} count. */
  public byte[] head() {
    return head;
  }

  /** How many bytes of {@link #head()} count. */
  public int headLength() {
    return headLength;
  }

  /** The bytes that follow the head: a string's own array, so never write to it. */
  public byte[] tail() {
    return tail;
  }

  /** How many bytes of {@link #tail()} count; may be 0. */
  public int tailLength() {
    return tailLength;
  }

  /** How many texts of this event were cut. */
  public int cutCount() {
    return cutCount;
  }

  /** Releases the application's string. */
  public void end() {
    tail = NOTHING;
    tailLength = 0;
  }

  /** True if a text has more bytes than the limit, so that it will be cut. */
  public static boolean isCut(@Nullable String text, int bytesMax) {
    return text != null
        && text.length() > bytesMax / 2
        && (long) text.length() * (RawStrings.isLatin1(text) ? 1 : 2) > bytesMax;
  }

  /** The text cut to the limit; the same object if it fits. */
  public static String cut(String text, int bytesMax) {
    return isCut(text, bytesMax)
        ? text.substring(0, keptChars(text, RawStrings.isLatin1(text), bytesMax))
        : text;
  }

  /** Returns how many chars of a too long text are kept; never splits a surrogate pair. */
  private static int keptChars(String text, boolean latin1, int bytesMax) {
    int chars = latin1 ? bytesMax : bytesMax / 2;
    return chars > 0 && Character.isHighSurrogate(text.charAt(chars - 1)) ? chars - 1 : chars;
  }

  private void putValue(@Nullable Object value, int depth) {
    if (value instanceof String text) {
      putText(text, Integer.MAX_VALUE);
    } else if (value instanceof Boolean flag) {
      putByte(flag ? Wire.TRUE : Wire.FALSE);
    } else if (value instanceof Double || value instanceof Float) {
      putByte(Wire.DOUBLE).putDouble(((Number) value).doubleValue());
    } else if (value instanceof BigDecimal || value instanceof BigInteger) {
      putByte(Wire.DECIMAL).putText(value.toString(), Integer.MAX_VALUE);
    } else if (value instanceof Number number) {
      putByte(Wire.LONG).putLong(number.longValue());
    } else if (value instanceof List<?> list && depth < Wire.DEPTH_MAX) {
      putByte(Wire.LIST).putInt(list.size());
      for (Object element : list) {
        putValue(element, depth + 1);
      }
    } else if (value instanceof Map<?, ?> map && depth < Wire.DEPTH_MAX) {
      putByte(Wire.MAP).putInt(map.size());
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        putText(String.valueOf(entry.getKey()), Integer.MAX_VALUE);
        putValue(entry.getValue(), depth + 1);
      }
    } else {
      putByte(Wire.ABSENT);
    }
  }

  /** Writes tag and length of a text; returns how many of its bytes are kept. */
  private int putTextHeader(String text, byte[] bytes, int bytesMax) {
    boolean latin1 = RawStrings.isLatin1(text);
    int length = bytes.length;
    int tag = latin1 ? Wire.LATIN1 : Wire.UTF16;
    if (length > bytesMax) {
      length = keptChars(text, latin1, bytesMax) * (latin1 ? 1 : 2);
      tag |= Wire.CUT;
      cutCount++;
    }
    putByte(tag).putInt(length);
    return length;
  }

  /** Appends a number that is not negative, or that there is none. */
  EventBuffer putKnown(@Nullable Long value) {
    return putLong(value == null ? Wire.NOT_KNOWN : value);
  }

  /** Appends counts of tokens. */
  EventBuffer putTokens(TokenCounts tokens) {
    return putKnown(tokens.input())
        .putKnown(tokens.output())
        .putKnown(tokens.cacheRead())
        .putKnown(tokens.cacheWrite())
        .putKnown(tokens.reasoning());
  }

  /** Appends a long. */
  EventBuffer putLong(long value) {
    ensure(8);
    Wire.LONG_LE.set(head, headLength, value);
    headLength += 8;
    return this;
  }

  private void ensure(int length) {
    if (head.length - headLength < length) {
      head = Arrays.copyOf(head, Math.max(head.length * 2, headLength + length));
    }
  }
}
