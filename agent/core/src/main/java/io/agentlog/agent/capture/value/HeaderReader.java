package io.agentlog.agent.capture.value;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a header of a Kafka record or a servlet request, through the application's own classes.
 * {@link HeaderNames} has the names. Bound to the declared type of a parameter. Immutable,
 * thread-safe.
 */
final class HeaderReader {
  private static final String RECORD = "org.apache.kafka.clients.consumer.ConsumerRecord";

  /** Pairs of a type that a method may declare and the subtype that has headers. */
  private static final List<List<String>> REQUESTS =
      List.of(
          List.of("jakarta.servlet.ServletRequest", "jakarta.servlet.http.HttpServletRequest"),
          List.of("javax.servlet.ServletRequest", "javax.servlet.http.HttpServletRequest"));

  private static final MethodHandles.Lookup LOOKUP = MethodHandles.publicLookup();
  private static final MethodType BY_NAME =
      MethodType.methodType(Object.class, Object.class, String.class);

  /** Longest header that is read, in bytes or chars; the wanted ones are shorter. */
  private static final int LENGTH_MAX = 8 * 1024;

  private final Class<?> type;
  private final MethodHandle header;

  /**
   * @param header takes a message and a name; gives a {@code String}, a {@code byte[]} or null
   */
  private HeaderReader(Class<?> type, MethodHandle header) {
    this.type = type;
    this.header = header;
  }

  /**
   * Finds the headers of a parameter's type; null if it has none.
   *
   * @throws ReflectiveOperationException if the type is of an unknown version
   */
  static @Nullable HeaderReader of(Class<?> declared) throws ReflectiveOperationException {
    for (Class<?> each : Types.withSupertypes(declared)) {
      String name = each.getName();
      if (name.equals(RECORD)) {
        return ofRecord(each);
      }
      for (List<String> request : REQUESTS) {
        if (name.equals(request.get(0))) {
          return ofRequest(Class.forName(request.get(1), false, each.getClassLoader()));
        }
      }
    }
    return null;
  }

  private static HeaderReader ofRecord(Class<?> type) throws ReflectiveOperationException {
    MethodHandle headers = LOOKUP.unreflect(type.getMethod("headers"));
    Class<?> all = headers.type().returnType();
    MethodHandle last = LOOKUP.unreflect(all.getMethod("lastHeader", String.class));
    MethodHandle value = LOOKUP.unreflect(last.type().returnType().getMethod("value"));
    MethodHandle valueOrNull =
        MethodHandles.guardWithTest(
            isNull(last.type().returnType()),
            MethodHandles.dropArguments(
                MethodHandles.constant(byte[].class, null), 0, last.type().returnType()),
            value);
    MethodHandle header =
        MethodHandles.filterReturnValue(
            MethodHandles.filterArguments(last, 0, headers), valueOrNull);
    return new HeaderReader(type, header.asType(BY_NAME));
  }

  private static MethodHandle isNull(Class<?> type) throws ReflectiveOperationException {
    return LOOKUP
        .findStatic(
            java.util.Objects.class, "isNull", MethodType.methodType(boolean.class, Object.class))
        .asType(MethodType.methodType(boolean.class, type));
  }

  private static HeaderReader ofRequest(Class<?> type) throws ReflectiveOperationException {
    return new HeaderReader(
        type, LOOKUP.unreflect(type.getMethod("getHeader", String.class)).asType(BY_NAME));
  }

  /** Reads a header; null if there is none. Throws what the application's class throws. */
  @Nullable String read(Object message, String name) throws Throwable {
    if (!type.isInstance(message)) {
      return null; // A servlet request without HTTP.
    }
    Object value = (Object) header.invokeExact(message, name);
    if (value instanceof byte[] bytes) {
      return bytes.length > LENGTH_MAX ? null : new String(bytes, StandardCharsets.UTF_8);
    }
    return value instanceof String text && text.length() <= LENGTH_MAX ? text : null;
  }
}
