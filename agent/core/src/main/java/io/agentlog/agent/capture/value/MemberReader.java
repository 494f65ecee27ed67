package io.agentlog.agent.capture.value;

import java.lang.invoke.MethodHandle;
import java.lang.ref.WeakReference;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one member from instances of one class, or knows why that is impossible. Immutable, and
 * safe to publish by a data race.
 *
 * <p>Refers to its class and to nothing else of the application, so the class itself may hold it.
 */
final class MemberReader {
  private final Class<?> type;
  private final boolean map;
  private final @Nullable MethodHandle handle;
  private final @Nullable String problem;

  /**
   * Weak reference to this reader, for holders that must not keep the class alive. Made once, so
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
   * Makes the reader of a readable member.
   *
   * @param handle from Object to Object
   */
  static MemberReader of(Class<?> type, MethodHandle handle) {
    return new MemberReader(type, handle, null);
  }

  /** Makes the reader of a member that can't be read. */
  static MemberReader unreadable(Class<?> type, String problem) {
    return new MemberReader(type, null, problem);
  }

  /** Makes the reader for a class without the member, if that is no failure. */
  static MemberReader absent(Class<?> type) {
    return new MemberReader(type, null, null);
  }

  Class<?> type() {
    return type;
  }

  /** True if instances are maps. Stored, because {@code instanceof} an interface is slow. */
  boolean isMap() {
    return map;
  }

  boolean isReadable() {
    return handle != null;
  }

  /** False if the member is absent and that is no failure. */
  boolean mayReadOrFail() {
    return handle != null || problem != null;
  }

  /** Reads a readable member. */
  @Nullable Object read(Object target) throws Throwable {
    if (handle == null) {
      throw new IllegalStateException("read of an unreadable member: " + problem);
    }
    return (Object) handle.invokeExact(target);
  }

  /** Reads the member. If it can't be read, reports any problem and returns null. */
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
