package io.agentlog.agent.capture.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Turns values into texts and cuts texts. Bytes are counted as the JVM stores a string: one per
 * char if all chars are Latin-1, else two.
 */
public final class Texts {
  /** Longest integer that is written out, in bits. */
  private static final int NUMBER_BITS_MAX = 1024;

  /** Largest scale, up or down, of a decimal that is written out. */
  private static final int NUMBER_SCALE_MAX = 300;

  /**
   * Longest text that is copied from a builder or buffer, in chars: twice the largest limit of an
   * event. A secret across the end of the copy is beyond what is kept.
   */
  static final int COPIED_CHARS_MAX = 1 << 20;

  private Texts() {}

  /**
   * Returns the position to cut a text at, so that the part before it has at most {@code maxBytes};
   * the text's length if all of it fits. Never splits a surrogate pair.
   *
   * @param maxBytes not negative
   */
  public static int cutPosition(String text, int maxBytes) {
    int length = text.length();
    if (length <= maxBytes / 2) {
      return length; // Fits in either encoding: the common case needs no scan.
    }
    int end = Math.min(length, maxBytes);
    int latin1 = latin1Length(text, end);
    int position = latin1 == end ? end : Math.max(latin1, Math.min(length, maxBytes / 2));
    boolean insidePair =
        position > 0
            && position < length
            && Character.isHighSurrogate(text.charAt(position - 1))
            && Character.isLowSurrogate(text.charAt(position));
    return insidePair ? position - 1 : position;
  }

  /** Cuts a text to at most {@code maxBytes}; returns the same instance if it fits. */
  public static String cut(String text, int maxBytes) {
    int position = cutPosition(text, maxBytes);
    return position == text.length() ? text : text.substring(0, position);
  }

  /** Returns the bytes of a text as the JVM stores it. */
  public static long sizeBytes(String text) {
    int length = text.length();
    return latin1Length(text, length) == length ? length : 2L * length;
  }

  /**
   * Returns the text of a value that may be an identifier or a prompt: a string, a {@link
   * CharSequence} of the JDK, a UUID, a number of {@code java.lang} or {@code java.math}, a
   * character or an enum constant (its name). Null for everything else: no {@code toString()} of
   * unknown objects. Never throws.
   */
  public static @Nullable String textOf(@Nullable Object value) {
    if (value instanceof String text) {
      return text;
    }
    if (value == null) {
      return null;
    }
    if (value instanceof Enum<?> constant) {
      return constant.name();
    }
    if (value instanceof CharSequence sequence) {
      return Types.isJdk(value.getClass()) ? copyOf(sequence) : null;
    }
    if (value instanceof UUID
        || value instanceof Character
        || value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte
        || value instanceof Double
        || value instanceof Float
        || (value instanceof BigInteger integer && isModest(integer))
        || (value instanceof BigDecimal decimal && isModest(decimal))) {
      return value.toString();
    }
    return null;
  }

  /**
   * Copies the beginning of a builder or buffer of the JDK; null if another thread changes it. The
   * whole could be larger than the free part of the heap.
   */
  static @Nullable String copyOf(CharSequence text) {
    try {
      return text.length() <= COPIED_CHARS_MAX
          ? text.toString()
          : text.subSequence(0, COPIED_CHARS_MAX).toString();
    } catch (Throwable t) {
      return null;
    }
  }

  /** Returns the code points of a value whose text is given; the value may be longer. */
  public static int codePointCount(Object value, String text) {
    try {
      if (value instanceof CharSequence whole && whole.length() > text.length()) {
        return Character.codePointCount(whole, 0, whole.length());
      }
    } catch (Throwable t) { // Another thread has made it shorter.
      return text.codePointCount(0, text.length());
    }
    return text.codePointCount(0, text.length());
  }

  /** True if writing the number out is cheap, and PostgreSQL takes it. */
  static boolean isModest(BigInteger number) {
    return number.getClass() == BigInteger.class && number.bitLength() <= NUMBER_BITS_MAX;
  }

  /** True if writing the number out is cheap, and PostgreSQL takes it. */
  static boolean isModest(BigDecimal number) {
    return number.getClass() == BigDecimal.class
        && Math.abs((long) number.scale()) <= NUMBER_SCALE_MAX
        && isModest(number.unscaledValue());
  }

  /** Counts the leading Latin-1 chars, up to {@code end}. */
  private static int latin1Length(String text, int end) {
    int position = 0;
    while (position < end && text.charAt(position) <= 0xff) {
      position++;
    }
    return position;
  }
}
