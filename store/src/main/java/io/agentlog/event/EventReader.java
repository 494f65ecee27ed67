package io.agentlog.event;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one encoded event in order. An unreadable field throws an {@link
 * IllegalArgumentException} or an {@link IndexOutOfBoundsException}. Lengths are checked before any
 * allocation.
 */
final class EventReader {
  private final byte[] bytes;
  private final boolean bigEndian;
  private int offset = Wire.HEADER_LENGTH;
  private int cleanedCount;

  EventReader(byte[] bytes) {
    if (bytes.length < Wire.HEADER_LENGTH || !isKnown(bytes[Wire.FORMAT_OFFSET])) {
      throw new IllegalArgumentException(
          "not an event of format %s or %s, %s bytes"
              .formatted(Wire.FORMAT, Wire.FORMAT_OF_USAGE, bytes.length));
    }
    this.bytes = bytes;
    this.bigEndian = (bytes[Wire.FLAGS_OFFSET] & Wire.FLAG_BIG_ENDIAN) != 0;
  }

  private static boolean isKnown(byte format) {
    return format == Wire.FORMAT || format == Wire.FORMAT_OF_USAGE;
  }

  /** True if the event has the fields of the format with usage. */
  boolean hasUsage() {
    return bytes[Wire.FORMAT_OFFSET] == Wire.FORMAT_OF_USAGE;
  }

  int type() {
    return bytes[Wire.TYPE_OFFSET];
  }

  int spare() {
    return bytes[Wire.SPARE_OFFSET];
  }

  int seq() {
    return (int) Wire.INT_LE.get(bytes, Wire.SEQ_OFFSET);
  }

  UUID executionId() {
    return new UUID(
        (long) Wire.LONG_LE.get(bytes, Wire.ID_HIGH_OFFSET),
        (long) Wire.LONG_LE.get(bytes, Wire.ID_LOW_OFFSET));
  }

  long startedAtMicros() {
    return (long) Wire.LONG_LE.get(bytes, Wire.STARTED_AT_OFFSET);
  }

  long elapsedNanos() {
    return (long) Wire.LONG_LE.get(bytes, Wire.ELAPSED_OFFSET);
  }

  int byteValue() {
    return bytes[offset++] & 0xff;
  }

  int intValue() {
    int value = (int) Wire.INT_LE.get(bytes, offset);
    offset += 4;
    return value;
  }

  double doubleValue() {
    return Double.longBitsToDouble(longValue());
  }

  /** Reads and cleans a text, and flags a cut or a cleaning under the field's name. */
  @Nullable String text(String field, Map<String, @Nullable Object> flags) {
    return text(byteValue(), field, flags);
  }

  @Nullable Identifier identifier(String field, Map<String, @Nullable Object> flags) {
    int tag = byteValue();
    if (tag == Wire.UUID_BYTES) {
      return Identifier.of(new UUID(longValue(), longValue()));
    }
    String text = text(tag, field, flags);
    return text == null ? null : Identifier.of(text);
  }

  /** Code points of the text that comes next, before it is cleaned; 0 if it is absent. */
  int codePointsOfNextText() {
    int start = offset;
    String raw = rawText(byteValue());
    offset = start;
    return raw == null ? 0 : raw.codePointCount(0, raw.length());
  }

  /** Reads a metadata object; a key whose value had to be cleaned gets a flag beside it. */
  Map<String, @Nullable Object> map() {
    int tag = byteValue();
    if (tag == Wire.ABSENT) {
      return Map.of();
    }
    if (tag != Wire.MAP) {
      throw new IllegalArgumentException("metadata is not a map");
    }
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int remaining = count(); remaining > 0; remaining--) {
      cleanedCount = 0;
      String key = String.valueOf(cleanText(byteValue()));
      map.put(key, value(1));
      if (cleanedCount > 0) {
        map.put(key + "_sanitized", true);
      }
    }
    return Collections.unmodifiableMap(map);
  }

  @Nullable Object value() {
    return value(0);
  }

  void requireEnd() {
    if (offset != bytes.length) {
      throw new IllegalArgumentException((bytes.length - offset) + " bytes after the last field");
    }
  }

  private @Nullable Object value(int depth) {
    if (depth > Wire.DEPTH_MAX) {
      throw new IllegalArgumentException("a value nested deeper than " + Wire.DEPTH_MAX);
    }
    int tag = byteValue();
    return switch (tag) {
      case Wire.ABSENT -> null;
      case Wire.TRUE -> true;
      case Wire.FALSE -> false;
      case Wire.LONG -> longValue();
      case Wire.DOUBLE -> doubleValue();
      case Wire.DECIMAL -> new BigDecimal(String.valueOf(rawText(byteValue())));
      case Wire.LIST -> list(count(), depth);
      case Wire.MAP -> map(count(), depth);
      default -> cleanText(tag);
    };
  }

  private @Nullable String cleanText(int tag) {
    String text = rawText(tag);
    if (text == null) {
      return null;
    }
    String clean = CleanText.of(text);
    if (!clean.equals(text)) {
      cleanedCount++;
    }
    return clean;
  }

  private List<@Nullable Object> list(int count, int depth) {
    List<@Nullable Object> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(value(depth + 1));
    }
    return Collections.unmodifiableList(list);
  }

  private Map<String, @Nullable Object> map(int count, int depth) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      map.put(String.valueOf(cleanText(byteValue())), value(depth + 1));
    }
    return Collections.unmodifiableMap(map);
  }

  /** The count of elements. Each takes a byte at least, so a count above the rest is damage. */
  private int count() {
    int count = intValue();
    if (count < 0 || count > bytes.length - offset) {
      throw new IllegalArgumentException(
          "a count of " + count + " exceeds the bytes that are left");
    }
    return count;
  }

  private @Nullable String text(int tag, String field, Map<String, @Nullable Object> flags) {
    String raw = rawText(tag);
    if (raw == null) {
      return null;
    }
    if ((tag & 0x80) != 0) {
      flags.put(field + "_truncated", true);
    }
    String clean = CleanText.of(raw);
    if (!clean.equals(raw)) {
      flags.put(field + "_sanitized", true);
    }
    return clean;
  }

  private @Nullable String rawText(int tag) {
    int kind = tag & 0x7f;
    if (kind == Wire.ABSENT) {
      return null;
    }
    if (kind != Wire.LATIN1 && kind != Wire.UTF16) {
      throw new IllegalArgumentException("unknown tag " + tag);
    }
    int length = intValue();
    if (length < 0 || length > bytes.length - offset || (kind == Wire.UTF16 && length % 2 != 0)) {
      throw new IllegalArgumentException("a text of " + length + " bytes where fewer are left");
    }
    String text = kind == Wire.LATIN1 ? latin1(length) : utf16(length);
    offset += length;
    return text;
  }

  private String latin1(int length) {
    return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
  }

  /** Decodes char by char, because a charset would silently replace lone surrogates. */
  private String utf16(int length) {
    char[] chars = new char[length / 2];
    for (int i = 0; i < chars.length; i++) {
      int first = bytes[offset + 2 * i] & 0xff;
      int second = bytes[offset + 2 * i + 1] & 0xff;
      chars[i] = (char) (bigEndian ? (first << 8) | second : (second << 8) | first);
    }
    return new String(chars);
  }

  long longValue() {
    long value = (long) Wire.LONG_LE.get(bytes, offset);
    offset += 8;
    return value;
  }
}
