package io.agentlog.agent.capture.value;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A member of an application's class that bears an annotation of agentlog.
 *
 * @param mark simple name of the annotation
 * @param metadataKey of {@code @Metadata}, else null
 */
record MarkedMember(String mark, @Nullable String metadataKey, Member member) {
  private static final String ANNOTATIONS = "io.agentlog.annotations.";
  private static final String METADATA = "Metadata";

  /**
   * Finds the marked members of a class and its supertypes, the nearest first, methods before
   * fields. Never throws: reports and leaves out what can't be read.
   */
  static List<MarkedMember> of(Class<?> type, Members members, Consumer<String> problems) {
    List<MarkedMember> found = new ArrayList<>();
    if (type.isPrimitive() || type.isArray() || Types.isJdk(type)) {
      return found;
    }
    try {
      for (Class<?> each : Types.withSupertypes(type)) {
        if (!Types.isJdk(each)) {
          addMethods(each, members, found, problems);
          addFields(each, members, found, problems);
        }
      }
    } catch (Throwable t) {
      problems.accept(unreadable(type, t));
    }
    return found;
  }

  private static void addMethods(
      Class<?> type, Members members, List<MarkedMember> found, Consumer<String> problems) {
    try {
      Method[] methods = type.getDeclaredMethods();
      Arrays.sort(methods, Comparator.comparing(Method::getName)); // The JVM's order varies.
      for (Method method : methods) {
        if (!method.isSynthetic()) { // A bridge repeats the annotations of its target.
          add(method, method, members, found, problems);
        }
      }
    } catch (Throwable t) { // A type that a method mentions may be missing.
      problems.accept(unreadable(type, t));
    }
  }

  private static void addFields(
      Class<?> type, Members members, List<MarkedMember> found, Consumer<String> problems) {
    try {
      for (Field field : type.getDeclaredFields()) {
        // A component's annotation is on its field, and on its accessor if that is generated.
        Member member = type.isRecord() && !isStatic(field) ? accessor(type, field) : field;
        add(field, member, members, found, problems);
      }
    } catch (Throwable t) {
      problems.accept(unreadable(type, t));
    }
  }

  private static void add(
      AnnotatedElement element,
      Member member,
      Members members,
      List<MarkedMember> found,
      Consumer<String> problems)
      throws Throwable {
    for (Annotation annotation : element.getDeclaredAnnotations()) {
      Class<? extends Annotation> annotationType = annotation.annotationType();
      String name = annotationType.getName();
      if (!name.startsWith(ANNOTATIONS) || !isValueMark(name.substring(ANNOTATIONS.length()))) {
        continue;
      }
      String mark = name.substring(ANNOTATIONS.length());
      if (isReadable(member)) {
        found.add(
            new MarkedMember(
                mark, mark.equals(METADATA) ? keyOf(annotation, members) : null, member));
      } else {
        problems.accept(
            ("@%s on %s.%s is ignored; move it to an instance field or to an instance method"
                    + " without parameters that returns a value")
                .formatted(mark, member.getDeclaringClass().getName(), member.getName()));
      }
    }
  }

  /** True for annotations that mark values, not methods to weave. */
  private static boolean isValueMark(String mark) {
    return switch (mark) {
      case "Prompt",
          "Instructions",
          "CorrelationId",
          "SessionId",
          "ProjectPath",
          "ProjectName",
          "QualityScore",
          METADATA ->
          true;
      default -> false;
    };
  }

  private static boolean isReadable(Member member) {
    return !isStatic(member)
        && !(member instanceof Method method
            && (method.getParameterCount() > 0 || method.getReturnType() == void.class));
  }

  private static boolean isStatic(Member member) {
    return Modifier.isStatic(member.getModifiers());
  }

  private static Member accessor(Class<?> type, Field field) throws NoSuchMethodException {
    return type.getDeclaredMethod(field.getName());
  }

  private static String keyOf(Annotation annotation, Members members) throws Throwable {
    Class<? extends Annotation> type = annotation.annotationType();
    return (String)
        (Object) members.handle(type.getMethod("value"), type).invokeExact((Object) annotation);
  }

  private static String unreadable(Class<?> type, Throwable thrown) {
    return "annotations of %s could not be read: %s"
        .formatted(type.getName(), Members.describe(thrown));
  }
}
