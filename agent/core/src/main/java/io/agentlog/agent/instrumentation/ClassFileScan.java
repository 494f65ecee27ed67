package io.agentlog.agent.instrumentation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The facts that decide whether a class is looked at more closely, read from its constant pool:
 * does it name one of our method annotations, what are its supertypes, which interfaces do its
 * lambdas implement, and was it compiled from source code? Uses no library and takes a few
 * microseconds, because every class of the application is scanned.
 *
 * @param isAnnotated true if the pool holds a descriptor of one of our method annotations
 * @param isAbstract true for an abstract class or interface
 * @param superName internal name of the superclass; null for {@code java.lang.Object} and modules
 * @param interfaceNames internal names
 * @param lambdaTypes internal names of the types outside {@code java} that its dynamic calls make
 * @param hasSource true if it names a source file or lines; frameworks that generate classes write
 *     neither, and some shrinkers remove both
 */
record ClassFileScan(
    boolean isAnnotated,
    boolean isAbstract,
    @Nullable String superName,
    List<String> interfaceNames,
    List<String> lambdaTypes,
    boolean hasSource) {
  /** Makes the facts of a compiled class without lambdas. */
  ClassFileScan(
      boolean isAnnotated,
      boolean isAbstract,
      @Nullable String superName,
      List<String> interfaceNames) {
    this(isAnnotated, isAbstract, superName, interfaceNames, List.of(), true);
  }

  private static final int MAGIC = 0xcafebabe;
  private static final int ACC_ABSTRACT = 0x0400; // Byte Buddy is not loaded only for a constant.

  /** Character that a decoder puts in place of a byte that is not ASCII. */
  private static final char NOT_ASCII = '\ufffd';

  /** Bytes of the file's head at which the length of the constant pool and the pool begin. */
  private static final int POOL_COUNT_OFFSET = 8;

  private static final int POOL_OFFSET = POOL_COUNT_OFFSET + 2;

  private static final byte[] EXECUTION = bytes("Lio/agentlog/annotations/AgentExecution;");
  private static final byte[] STAGE = bytes("Lio/agentlog/annotations/ProgressStage;");
  private static final byte[] DECISION = bytes("Lio/agentlog/annotations/RoutingDecision;");
  private static final byte[] INTELLIGENCE = bytes("Lio/agentlog/annotations/IntelligenceUsed;");
  private static final byte[] SOURCE_FILE = bytes("SourceFile");
  private static final byte[] LINES = bytes("LineNumberTable");
  private static final byte[] CGLIB_SOURCE = bytes("<generated>");
  private static final String JDK_TYPES = "java/";

  /** Reads a class file; returns null if its format is unknown or damaged. */
  static @Nullable ClassFileScan of(byte[] file) {
    try {
      return u4(file, 0) == MAGIC ? scan(file) : null;
    } catch (IndexOutOfBoundsException e) {
      return null; // Truncated; the JVM will report that.
    }
  }

  private static @Nullable ClassFileScan scan(byte[] file) {
    int count = u2(file, POOL_COUNT_OFFSET);
    int[] offsets = new int[count];
    boolean annotated = false;
    boolean source = false;
    boolean generated = false;
    List<String> lambdaTypes = List.of();
    int firstDynamic = 0;
    int offset = POOL_OFFSET;
    for (int i = 1; i < count; i++) {
      offsets[i] = offset;
      int tag = file[offset];
      switch (tag) {
        case 1 -> { // Utf8
          int length = u2(file, offset + 1);
          annotated |= isOurs(file, offset + 3, length);
          source |= isSource(file, offset + 3, length);
          generated |= equal(file, offset + 3, length, CGLIB_SOURCE);
          offset += 3 + length;
        }
        case 3, 4, 9, 10, 11, 12, 17 -> offset += 5; // Numbers, members, dynamic constants.
        case 18 -> { // InvokeDynamic
          firstDynamic = firstDynamic == 0 ? i : firstDynamic;
          offset += 5;
        }
        case 5, 6 -> { // Long and Double take two entries.
          offset += 9;
          i++;
        }
        case 7, 8, 16, 19, 20 -> offset += 3; // One reference: classes, strings, modules.
        case 15 -> offset += 4; // MethodHandle
        default -> {
          return null; // A tag of a newer format.
        }
      }
    }
    if (firstDynamic > 0) {
      lambdaTypes = lambdaTypes(file, offsets, firstDynamic);
    }
    int superIndex = u2(file, offset + 4);
    int interfaceCount = u2(file, offset + 6);
    List<String> interfaces = new ArrayList<>(interfaceCount);
    for (int i = 0; i < interfaceCount; i++) {
      interfaces.add(className(file, offsets, u2(file, offset + 8 + 2 * i)));
    }
    String superName = superIndex == 0 ? null : className(file, offsets, superIndex);
    boolean isAbstract = (u2(file, offset) & ACC_ABSTRACT) != 0;
    return new ClassFileScan(
        annotated, isAbstract, superName, interfaces, lambdaTypes, source && !generated);
  }

  /** Returns the internal names of the supertypes, the superclass first. */
  List<String> supertypes() {
    if (superName == null) {
      return interfaceNames;
    }
    List<String> supertypes = new ArrayList<>(1 + interfaceNames.size());
    supertypes.add(superName);
    supertypes.addAll(interfaceNames);
    return supertypes;
  }

  /** Returns the result types of dynamic calls; those of the JDK can't be annotated. */
  private static List<String> lambdaTypes(byte[] file, int[] offsets, int first) {
    List<String> types = List.of();
    for (int i = first; i < offsets.length; i++) {
      if (offsets[i] == 0 || file[offsets[i]] != 18) {
        continue; // The second entry of a Long or Double has no offset.
      }
      int nameAndType = offsets[u2(file, offsets[i] + 3)];
      String descriptor = utf8(file, offsets[u2(file, nameAndType + 3)]);
      int result = descriptor.lastIndexOf(')') + 1;
      if (descriptor.startsWith("L", result) && !descriptor.startsWith(JDK_TYPES, result + 1)) {
        String type = descriptor.substring(result + 1, descriptor.length() - 1);
        types = types.isEmpty() ? new ArrayList<>() : types;
        if (!types.contains(type)) {
          types.add(type);
        }
      }
    }
    return types;
  }

  private static boolean isSource(byte[] file, int offset, int length) {
    return equal(file, offset, length, SOURCE_FILE) || equal(file, offset, length, LINES);
  }

  private static boolean isOurs(byte[] file, int offset, int length) {
    return equal(file, offset, length, EXECUTION)
        || equal(file, offset, length, STAGE)
        || equal(file, offset, length, DECISION)
        || equal(file, offset, length, INTELLIGENCE);
  }

  /** Uses the JDK's comparison: a loop written here would be compiled at every start. */
  private static boolean equal(byte[] file, int offset, int length, byte[] expected) {
    return length == expected.length
        && Arrays.equals(file, offset, offset + length, expected, 0, length);
  }

  /** Nearly all names are ASCII; others are decoded from modified UTF-8. */
  private static String className(byte[] file, int[] offsets, int classIndex) {
    return utf8(file, offsets[u2(file, offsets[classIndex] + 1)]);
  }

  private static String utf8(byte[] file, int utf8) {
    int length = u2(file, utf8 + 1);
    String latin = new String(file, utf8 + 3, length, StandardCharsets.US_ASCII);
    return latin.indexOf(NOT_ASCII) < 0 ? latin : modifiedUtf8(file, utf8 + 3, utf8 + 3 + length);
  }

  private static String modifiedUtf8(byte[] file, int start, int end) {
    StringBuilder name = new StringBuilder(end - start);
    for (int i = start; i < end; i++) {
      int b = file[i] & 0xff;
      if (b < 0x80) {
        name.append((char) b);
      } else if (b < 0xe0) {
        name.append((char) (((b & 0x1f) << 6) | (file[++i] & 0x3f)));
      } else {
        name.append(
            (char) (((b & 0x0f) << 12) | ((file[i + 1] & 0x3f) << 6) | (file[i + 2] & 0x3f)));
        i += 2;
      }
    }
    return name.toString();
  }

  private static int u2(byte[] file, int offset) {
    return ((file[offset] & 0xff) << 8) | (file[offset + 1] & 0xff);
  }

  private static int u4(byte[] file, int offset) {
    return (u2(file, offset) << 16) | u2(file, offset + 2);
  }

  private static byte[] bytes(String ascii) {
    byte[] bytes = new byte[ascii.length()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ascii.charAt(i);
    }
    return bytes;
  }
}
