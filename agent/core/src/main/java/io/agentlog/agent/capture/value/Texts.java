package io.agentlog.agent.capture.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Texts of values, and where they are cut. Bytes are counted as the JVM stores a string: one for
 * each char while all are Latin-1, else two.
 */
public final class Texts {
  private Texts() {}

  /**
   * Where a text is to be cut so that the part before has at most {@code maxBytes}; its length if
   * it fits as it is. Never between the halves of a surrogate pair.
   *
   * @param maxBytes not negative
   */
  public static int cutPosition(String text, int maxBytes) {
    int length = text.length();
    if (length <= maxBytes / 2) {
      return length; // Fits in either form: the common case is not looked through.
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

  /** The text cut to at most {@code maxBytes}; the same instance if it fits as it is. */
  public static String cut(String text, int maxBytes) {
    int position = cutPosition(text, maxBytes);
    return position == text.length() ? text : text.substring(0, position);
  }

  /** Bytes of the text as the JVM stores it. */
  public static long sizeBytes(String text) {
    int length = text.length();
    return latin1Length(text, length) == length ? length : 2L * length;
  }

  /**
   * The text of a value that may be an identifier or a prompt: a string, a {@link CharSequence} of
   * the JDK, a UUID, a number of {@code java.lang} or {@code java.math}, a character or an enum
   * constant (its name). Null for everything else: no {@code toString()} of unknown objects. Never
   * throws.
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
    if (value instanceof UUID
        || value instanceof Character
        || value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte
        || value instanceof Double
        || value instanceof Float
        || (value instanceof CharSequence && Types.isJdk(value.getClass()))
        || (value instanceof BigInteger integer && isModest(integer))
        || (value instanceof BigDecimal decimal && isModest(decimal))) {
      try {
        return value.toString();
      } catch (Throwable t) { // A CharBuffer or StringBuilder that another thread changes.
        return null;
      }
    }
    return null;
  }

  /** True if writing the number out is cheap, and PostgreSQL takes it. */
  static boolean isModest(BigInteger number) {
    return number.getClass() == BigInteger.class && number.bitLength() <= 1024;
  }

  /** True if writing the number out is cheap, and PostgreSQL takes it. */
  static boolean isModest(BigDecimal number) {
    return number.getClass() == BigDecimal.class
        && Math.abs((long) number.scale()) <= 300
        && isModest(number.unscaledValue());
  }

  /** How many chars from the start are Latin-1, looking no further than {@code end}. */
  private static int latin1Length(String text, int end) {
    int position = 0;
    while (position < end && text.charAt(position) <= 0xff) {
      position++;
    }
    return position;
  }
}
