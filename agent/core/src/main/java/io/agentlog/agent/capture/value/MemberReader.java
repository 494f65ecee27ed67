package io.agentlog.agent.capture.value;

import java.lang.invoke.MethodHandle;
import java.lang.ref.WeakReference;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one member is read from instances of one class, or why it can't be. Immutable, and safe to
 * hand to other threads by a data race.
 *
 * <p>Refers to its class and to nothing else of the application, so the class itself may keep it.
 */
final class MemberReader {
  private final Class<?> type;
  private final boolean map;
  private final @Nullable MethodHandle handle;
  private final @Nullable String problem;

  /**
   * To this; handed out where a strong reference would keep a class alive. A part of the reader so
   * that a call site that sees many classes allocates nothing.
   */
  final WeakReference<MemberReader> weak = new WeakReference<>(this);

  private MemberReader(Class<?> type, @Nullable MethodHandle handle, @Nullable String problem) {
    this.type = type;
    this.map = Map.class.isAssignableFrom(type);
    this.handle = handle;
    this.problem = problem;
  }

  /**
   * A member that can be read.
   *
   * @param handle from Object to Object
   */
  static MemberReader of(Class<?> type, MethodHandle handle) {
    return new MemberReader(type, handle, null);
  }

  /** A member that can't be read. */
  static MemberReader unreadable(Class<?> type, String problem) {
    return new MemberReader(type, null, problem);
  }

  /** The class has no such member, and need not have one. */
  static MemberReader absent(Class<?> type) {
    return new MemberReader(type, null, null);
  }

  Class<?> type() {
    return type;
  }

  /** True if instances are maps; asked here since {@code instanceof} an interface is slow. */
  boolean isMap() {
    return map;
  }

  boolean isReadable() {
    return handle != null;
  }

  /** False if there is no such member and that is no failure. */
  boolean mayReadOrFail() {
    return handle != null || problem != null;
  }

  /** The value of a member that is readable. */
  @Nullable Object read(Object target) throws Throwable {
    if (handle == null) {
      throw new IllegalStateException("asked to read what is not readable: " + problem);
    }
    return (Object) handle.invokeExact(target);
  }

  /** The member's value; null, and a report if there is a problem, where it can't be read. */
  @Nullable Object read(Object target, FailureOnce failure) throws Throwable {
    if (handle != null) {
      return (Object) handle.invokeExact(target);
    }
    if (problem != null) {
      failure.report(problem);
    }
    return null;
  }
}
