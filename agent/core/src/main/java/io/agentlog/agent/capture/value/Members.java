package io.agentlog.agent.capture.value;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;

/** Finds members of the application's classes and makes them readable. Thread-safe. */
final class Members {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final MethodType OBJECT_TO_OBJECT =
      MethodType.methodType(Object.class, Object.class);

  private final PackageOpener opener;

  Members(PackageOpener opener) {
    this.opener = opener;
  }

  /** Makes the reader of the member that a path's step names. Never throws. */
  MemberReader byName(Class<?> type, String name) {
    try {
      Member member = find(type, name, true);
      member = member == null ? field(type, name) : member;
      return member == null
          ? MemberReader.unreadable(
              type, "no component, getter or field '%s' on %s".formatted(name, type.getName()))
          : MemberReader.of(type, handle(member, type));
    } catch (Throwable t) { // Reflection loads every type that the class mentions.
      return MemberReader.unreadable(
          type, "'%s' of %s is not accessible: %s".formatted(name, type.getName(), describe(t)));
    }
  }

  /**
   * Makes the reader of the field behind a component or getter that was only guessed by its name.
   * The getter itself is not called, because it may do work, as those of a persistence framework's
   * proxies do. Never throws.
   */
  MemberReader behind(Class<?> type, String name) {
    try {
      Field field = field(type, name);
      Member member = find(type, name, false);
      return field == null || member == null || overrides(member, field)
          ? MemberReader.unreadable(
              type,
              ("'%s' of %s is not read, because its getter may do more than to return a field of"
                      + " this name; name it by a path or an annotation")
                  .formatted(name, type.getName()))
          : MemberReader.of(type, handle(field, type));
    } catch (Throwable t) { // Reflection loads every type that the class mentions.
      return MemberReader.unreadable(
          type, "'%s' of %s is not accessible: %s".formatted(name, type.getName(), describe(t)));
    }
  }

  /** True if a subclass of the field's class has a getter of its own. */
  private static boolean overrides(Member member, Field field) {
    return member.getDeclaringClass() != field.getDeclaringClass();
  }

  /**
   * Finds the member that a name stands for: a record component, a getter, a public field, a public
   * method of that very name, in this order.
   *
   * @param anyMethod true if a method that is neither component nor getter counts
   */
  static @Nullable Member find(Class<?> type, String name, boolean anyMethod) {
    Method method = publicMethod(type, name);
    if (method != null && isComponent(type, name)) {
      return method;
    }
    String capitalized = Character.toUpperCase(name.charAt(0)) + name.substring(1);
    Method getter = publicMethod(type, "get" + capitalized);
    if (getter != null && getter.getDeclaringClass() != Object.class) { // Not getClass().
      return getter;
    }
    Method flag = publicMethod(type, "is" + capitalized);
    if (flag != null
        && (flag.getReturnType() == boolean.class || flag.getReturnType() == Boolean.class)) {
      return flag;
    }
    try {
      Field field = type.getField(name);
      if (!Modifier.isStatic(field.getModifiers())) {
        return field;
      }
    } catch (NoSuchFieldException e) {
      return anyMethod ? method : null;
    }
    return anyMethod ? method : null;
  }

  /**
   * Finds an instance field of any visibility, the nearest first; none of the JDK's own classes.
   */
  static @Nullable Field field(Class<?> type, String name) {
    for (Class<?> each = type; each != null && !Types.isJdk(each); each = each.getSuperclass()) {
      try {
        Field field = each.getDeclaredField(name);
        if (!Modifier.isStatic(field.getModifiers())) {
          return field;
        }
      } catch (NoSuchFieldException e) {
        // A superclass may have it.
      }
    }
    return null;
  }

  /** Returns the type of a member's value. */
  static Class<?> typeOf(Member member) {
    return member instanceof Method method ? method.getReturnType() : ((Field) member).getType();
  }

  /**
   * Makes a member readable, through a public declaration if there is one: a public interface may
   * declare the method of a class that is not public.
   *
   * @param type of the instances; inherits the member
   * @return from Object to Object
   */
  MethodHandle handle(Member member, Class<?> type) throws IllegalAccessException {
    MethodHandle handle = publicHandle(member);
    if (handle == null && member instanceof Method method) {
      handle = inheritedHandle(method, type);
    }
    if (handle == null) {
      AccessibleObject accessible = (AccessibleObject) member;
      if (!accessible.trySetAccessible()) {
        opener.open(member.getDeclaringClass());
        accessible.setAccessible(true);
      }
      handle = unreflect(member);
    }
    return handle.asType(OBJECT_TO_OBJECT);
  }

  /**
   * Describes a throwable. A message may hold values, so only linkage and reflection show theirs.
   */
  static String describe(Throwable thrown) {
    return thrown instanceof LinkageError || thrown instanceof ReflectiveOperationException
        ? thrown.toString()
        : thrown.getClass().getName();
  }

  private static boolean isComponent(Class<?> type, String name) {
    if (!type.isRecord()) {
      return false;
    }
    try {
      return !Modifier.isStatic(type.getDeclaredField(name).getModifiers());
    } catch (NoSuchFieldException e) {
      return false;
    }
  }

  private static @Nullable Method publicMethod(Class<?> type, String name) {
    try {
      Method method = type.getMethod(name);
      return Modifier.isStatic(method.getModifiers()) || method.getReturnType() == void.class
          ? null
          : method;
    } catch (NoSuchMethodException e) {
      return null;
    }
  }

  private static @Nullable MethodHandle publicHandle(Member member) {
    try {
      return unreflect(member);
    } catch (IllegalAccessException e) {
      return null;
    }
  }

  private static @Nullable MethodHandle inheritedHandle(Method method, Class<?> type) {
    if (!Modifier.isPublic(method.getModifiers())) {
      return null;
    }
    Module ours = Members.class.getModule();
    for (Class<?> each : Types.withSupertypes(type)) {
      if (Modifier.isPublic(each.getModifiers())
          && each.getModule().isExported(each.getPackageName(), ours)) {
        Method declared = publicMethod(each, method.getName());
        MethodHandle handle = declared == null ? null : publicHandle(declared);
        if (handle != null) {
          return handle;
        }
      }
    }
    return null;
  }

  private static MethodHandle unreflect(Member member) throws IllegalAccessException {
    return member instanceof Method method
        ? LOOKUP.unreflect(method)
        : LOOKUP.unreflectGetter((Field) member);
  }
}
