package io.agentlog.agent.capture.value;

import io.agentlog.agent.capture.spec.MethodSpec;
import java.lang.invoke.MethodType;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The parameter types and the result type of a method's descriptor. Each is loaded on demand, so
 * that a missing type does not affect the others. Never asks the woven class for its methods,
 * because that would load every type that it mentions. Not thread-safe.
 */
final class DeclaredTypes {
  private final MethodSpec spec;
  private final @Nullable ClassLoader loader;
  private final Members members;
  private final BiConsumer<String, String> failed;
  private final List<String> descriptors;
  private final Map<Integer, @Nullable Class<?>> loaded = new HashMap<>();
  private final Map<Integer, List<MarkedMember>> marked = new HashMap<>();

  /**
   * @param failed takes the parameter's name and the reason
   */
  DeclaredTypes(
      MethodSpec spec, Class<?> type, Members members, BiConsumer<String, String> failed) {
    this.spec = spec;
    this.loader = type.getClassLoader();
    this.members = members;
    this.failed = failed;
    this.descriptors = split(spec.descriptor());
  }

  /** Returns the members of a parameter's type that bear an annotation of agentlog. */
  List<MarkedMember> markedMembers(int index) {
    List<MarkedMember> known = marked.get(index);
    if (known == null) {
      Class<?> type = parameter(index);
      known =
          type == null
              ? List.of()
              : MarkedMember.of(type, members, problem -> failed.accept(name(index), problem));
      marked.put(index, known);
    }
    return known;
  }

  /**
   * Finds the component, getter or public field of that name in a parameter's type, if it may hold
   * a text. Other methods don't count, because the name is only a guess: {@code prompt()} of a chat
   * client is no accessor.
   */
  @Nullable Member namedMember(int index, String name) {
    Class<?> type = parameter(index);
    if (type == null || type.isPrimitive() || type.isArray() || Types.isJdk(type)) {
      return null;
    }
    try {
      Member member = Members.find(type, name, false);
      return member != null && mayHoldText(Members.typeOf(member)) ? member : null;
    } catch (Throwable t) {
      failed.accept(
          name(index),
          "members of %s could not be read: %s".formatted(type.getName(), Members.describe(t)));
      return null;
    }
  }

  /** Returns the headers of a parameter that is a message or request, else null. */
  @Nullable HeaderReader headers(int index) {
    Class<?> type = parameter(index);
    if (type == null || type.isPrimitive() || type.isArray() || Types.isJdk(type)) {
      return null;
    }
    try {
      return HeaderReader.of(type);
    } catch (Throwable t) { // An unknown version of the library, or half of it is missing.
      failed.accept(
          name(index),
          "headers of %s can't be read: %s".formatted(type.getName(), Members.describe(t)));
      return null;
    }
  }

  /** True if the parameter's type may hold a text, or is not known. */
  boolean mayHoldText(int index) {
    Class<?> type = parameter(index);
    return type == null || mayHoldText(type);
  }

  /** False if no result can have a member marked {@code @QualityScore}. */
  boolean resultMayBeMarked() {
    String descriptor = spec.descriptor().substring(spec.descriptor().indexOf(')') + 1);
    if (!descriptor.startsWith("L")) {
      return false; // void, a primitive or an array.
    }
    Class<?> type = load(descriptor, "result");
    return type == null
        || type == Optional.class // Its content is read.
        || CompletionStage.class.isAssignableFrom(type) // Its later value is read.
        || !Modifier.isFinal(type.getModifiers())
        || qualityReader(type, members).mayReadOrFail();
  }

  /** Makes the reader of the class's member that is marked {@code @QualityScore}. */
  static MemberReader qualityReader(Class<?> type, Members members) {
    List<String> problems = new ArrayList<>();
    for (MarkedMember each : MarkedMember.of(type, members, problems::add)) {
      if (each.mark().equals("QualityScore")) {
        try {
          return MemberReader.of(type, members.handle(each.member(), type));
        } catch (Throwable t) {
          problems.add(
              "'%s' of %s is not accessible: %s"
                  .formatted(each.member().getName(), type.getName(), Members.describe(t)));
        }
      }
    }
    return problems.isEmpty()
        ? MemberReader.absent(type)
        : MemberReader.unreadable(type, problems.get(0));
  }

  private @Nullable Class<?> parameter(int index) {
    if (index >= descriptors.size() || spec.parameters().get(index).isCaptured()) {
      return null; // The specification may disagree with the descriptor: only names count.
    }
    if (!loaded.containsKey(index)) {
      loaded.put(index, load(descriptors.get(index), name(index)));
    }
    return loaded.get(index);
  }

  private @Nullable Class<?> load(String descriptor, String path) {
    try {
      return MethodType.fromMethodDescriptorString("()" + descriptor, loader).returnType();
    } catch (Throwable t) { // TypeNotPresentException, or any error of the application's loader.
      failed.accept(
          path, "its type %s could not be loaded: %s".formatted(descriptor, Members.describe(t)));
      return null;
    }
  }

  private String name(int index) {
    return spec.parameters().get(index).name();
  }

  private static boolean mayHoldText(Class<?> type) {
    return type.isAssignableFrom(String.class)
        || type.isAssignableFrom(UUID.class)
        || CharSequence.class.isAssignableFrom(type)
        || Number.class.isAssignableFrom(type)
        || (type.isPrimitive() && type != boolean.class)
        || type == Character.class
        || Enum.class.isAssignableFrom(type)
        || type == Optional.class
        || type == OptionalInt.class
        || type == OptionalLong.class;
  }

  /** Splits a method's descriptor into those of its parameters. */
  private static List<String> split(String descriptor) {
    List<String> parts = new ArrayList<>();
    int start = 1;
    while (start < descriptor.length() && descriptor.charAt(start) != ')') {
      int end = start;
      while (end < descriptor.length() - 1 && descriptor.charAt(end) == '[') {
        end++;
      }
      if (descriptor.charAt(end) == 'L') {
        end = descriptor.indexOf(';', end);
        if (end < 0) {
          return parts; // Malformed: the JVM would not have loaded the class file.
        }
      }
      parts.add(descriptor.substring(start, end + 1));
      start = end + 1;
    }
    return parts;
  }
}
