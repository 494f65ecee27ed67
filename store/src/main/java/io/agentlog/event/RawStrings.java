package io.agentlog.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the byte array inside a string, so that the caller neither transcodes nor allocates:
 * encoding 1 KiB to UTF-8 costs ten times the copy. Needs {@code java.lang} open to this class's
 * module, which the agent arranges. Otherwise, and on a VM with different strings, a slower way
 * gives the same bytes.
 */
final class RawStrings {
  /** True if the UTF-16 bytes of this VM's strings have the high byte first. */
  static final boolean BIG_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;

  private static final @Nullable VarHandle VALUE;
  private static final @Nullable VarHandle CODER;
  private static final byte LATIN1 = 0;
  private static final byte UTF16 = 1;

  static {
    VarHandle value = null;
    VarHandle coder = null;
    try {
      MethodHandles.Lookup lookup =
          MethodHandles.privateLookupIn(String.class, MethodHandles.lookup());
      value = lookup.findVarHandle(String.class, "value", byte[].class);
      coder = lookup.findVarHandle(String.class, "coder", byte.class);
      if (!looksAsExpected(value, coder)) {
        value = null;
        coder = null;
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      value = null; // The slower way gives the same bytes.
      coder = null;
    }
    VALUE = value;
    CODER = coder;
  }

  private RawStrings() {}

  /**
   * The string's bytes: one for each char in Latin-1, otherwise two in native order. Never write to
   * the array.
   */
  static byte[] bytes(String text) {
    if (VALUE != null) {
      return (byte[]) VALUE.get(text);
    }
    return isLatin1(text) ? text.getBytes(StandardCharsets.ISO_8859_1) : utf16(text);
  }

  /** Encodes char by char, because a charset would silently replace a lone surrogate. */
  private static byte[] utf16(String text) {
    byte[] bytes = new byte[text.length() * 2];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asCharBuffer().put(text);
    return bytes;
  }

  /** True if {@link #bytes} has one byte a character. */
  static boolean isLatin1(String text) {
    if (CODER != null) {
      return (byte) CODER.get(text) == LATIN1;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xff) {
        return false;
      }
    }
    return true;
  }

  private static boolean looksAsExpected(VarHandle value, VarHandle coder) {
    String latin = "agent\u00e9";
    String wide = "agent\u4e2d\ud83d";
    byte[] wideBytes =
        BIG_ENDIAN
            ? new byte[] {0, 'a', 0, 'g', 0, 'e', 0, 'n', 0, 't', 0x4e, 0x2d, (byte) 0xd8, 0x3d}
            : new byte[] {'a', 0, 'g', 0, 'e', 0, 'n', 0, 't', 0, 0x2d, 0x4e, 0x3d, (byte) 0xd8};
    return (byte) coder.get(latin) == LATIN1
        && Arrays.equals((byte[]) value.get(latin), latin.getBytes(StandardCharsets.ISO_8859_1))
        && (byte) coder.get(wide) == UTF16
        && Arrays.equals((byte[]) value.get(wide), wideBytes);
  }
}
