package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.framework.HookSpec;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells whether a class file declares a method of one of several hooks, by its name and descriptor.
 * Uses no library and takes a few microseconds, because most classes of an application that has a
 * framework are asked. Immutable, thread-safe.
 */
final class DeclaredSignatures {
  private static final int POOL_COUNT_OFFSET = 8;
  private static final int POOL_OFFSET = POOL_COUNT_OFFSET + 2;

  /** Bytes of a field or method before its attributes, and of an attribute before its content. */
  private static final int MEMBER_BYTES = 6;

  private static final int ATTRIBUTE_BYTES = 6;

  private final List<HookSpec> hooks;
  private final Map<Integer, Set<String>> namesByLength = new HashMap<>();

  DeclaredSignatures(List<HookSpec> hooks) {
    this.hooks = List.copyOf(hooks);
    for (HookSpec hook : hooks) {
      namesByLength
          .computeIfAbsent(hook.method().length(), length -> new HashSet<>())
          .add(hook.method());
    }
  }

  /** Returns false for a damaged file too. */
  boolean isIn(byte[] file) {
    try {
      return !hooks.isEmpty() && find(file);
    } catch (IndexOutOfBoundsException e) {
      return false; // Truncated; the JVM will report that.
    }
  }

  private boolean find(byte[] file) {
    int[] offsets = new int[u2(file, POOL_COUNT_OFFSET)];
    boolean isNamed = false;
    int offset = POOL_OFFSET;
    for (int i = 1; i < offsets.length; i++) {
      offsets[i] = offset;
      switch (file[offset]) {
        case 1 -> { // Utf8
          isNamed |= isName(file, offset);
          offset += 3 + u2(file, offset + 1);
        }
        case 3, 4, 9, 10, 11, 12, 17, 18 -> offset += 5;
        case 5, 6 -> { // Long and Double take two entries.
          offset += 9;
          i++;
        }
        case 7, 8, 16, 19, 20 -> offset += 3;
        case 15 -> offset += 4;
        default -> {
          return false; // A tag of a newer format.
        }
      }
    }
    return isNamed && isDeclared(file, offsets, offset);
  }

  private boolean isName(byte[] file, int utf8) {
    int length = u2(file, utf8 + 1);
    Set<String> names = namesByLength.get(length);
    return names != null && names.contains(text(file, utf8));
  }

  private boolean isDeclared(byte[] file, int[] offsets, int poolEnd) {
    int offset = poolEnd + 6; // Access, class, superclass.
    offset += 2 + 2 * u2(file, offset); // Interfaces.
    int fields = u2(file, offset);
    offset += 2;
    for (int i = 0; i < fields; i++) {
      offset = end(file, offset);
    }
    int methods = u2(file, offset);
    offset += 2;
    for (int i = 0; i < methods; i++) {
      int name = offsets[u2(file, offset + 2)];
      if (isName(file, name)) {
        String text = text(file, name);
        String descriptor = text(file, offsets[u2(file, offset + 4)]);
        for (HookSpec hook : hooks) {
          if (hook.isMethod(text, descriptor)) {
            return true;
          }
        }
      }
      offset = end(file, offset);
    }
    return false;
  }

  /** Returns where a field or method ends. */
  private static int end(byte[] file, int member) {
    int attributes = u2(file, member + MEMBER_BYTES);
    int offset = member + MEMBER_BYTES + 2;
    for (int i = 0; i < attributes; i++) {
      offset += ATTRIBUTE_BYTES + (u2(file, offset + 2) << 16 | u2(file, offset + 4));
    }
    return offset;
  }

  /** Names and descriptors of hooks are ASCII, so another text may be read wrongly. */
  private static String text(byte[] file, int utf8) {
    return new String(file, utf8 + 3, u2(file, utf8 + 1), StandardCharsets.ISO_8859_1);
  }

  private static int u2(byte[] file, int offset) {
    return ((file[offset] & 0xff) << 8) | (file[offset + 1] & 0xff);
  }
}
