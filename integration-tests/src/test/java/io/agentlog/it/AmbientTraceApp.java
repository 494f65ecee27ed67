package io.agentlog.it;

import com.sun.net.httpserver.HttpServer;
import io.agentlog.annotations.AgentExecution;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * An application with a tracer; see {@link TraceIT}. Says before each execution which trace and
 * span are to be recorded. Tracers are called by reflection, because each run has another one.
 */
public final class AmbientTraceApp {
  private static final String NONE = "null null";

  private AmbientTraceApp() {}

  @AgentExecution("outer")
  static void outer(Runnable work) {
    work.run();
  }

  @AgentExecution("inner")
  static void inner() {}

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "opentelemetry" -> openTelemetry();
      case "server" -> server(arguments.length > 1);
      case "datadog" -> datadog();
      case "brave" -> brave();
      case "mdc" -> mdc();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    System.out.println("done");
  }

  private static void record(String ids) {
    System.out.println("expect " + ids);
    outer(() -> {});
  }

  @SuppressWarnings("try") // It only has to be open.
  private static void openTelemetry() throws Exception {
    ClassLoader loader = AmbientTraceApp.class.getClassLoader();
    Class.forName("io.opentelemetry.context.LazyStorage", false, loader);
    Class<?> span = Class.forName("io.opentelemetry.api.trace.Span", false, loader);
    record(NONE); // Nobody has used the context yet.
    AtomicInteger attached = new AtomicInteger();
    Class<?> storage = Class.forName("io.opentelemetry.context.ContextStorage");
    call(
        storage,
        null,
        "addWrapper",
        (Function<Object, Object>)
            real ->
                Proxy.newProxyInstance(
                    loader,
                    new Class<?>[] {storage},
                    (proxy, method, values) -> {
                      if (method.getName().equals("attach")) {
                        attached.incrementAndGet();
                      }
                      return invoke(method, real, values);
                    }));
    String trace = "0af7651916cd43dd8448eb211c80319c";
    String id = "b7ad6b7169203331";
    try (AutoCloseable scope = makeCurrent(span, trace, id)) {
      String ids = trace + " " + id;
      Stream.of(1, 2, 3).forEach(i -> System.out.println("expect " + ids));
      outer(
          () -> {
            inner();
            Thread thread = new Thread(AmbientTraceApp::inner); // Without a span of its own.
            thread.start();
            join(thread);
          });
      String other = "00f067aa0ba902b7";
      System.out.println("expect " + ids);
      System.out.println("expect " + trace + " " + other);
      outer(
          () -> {
            try (AutoCloseable within = makeCurrent(span, trace, other)) {
              inner();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
    }
    record(NONE);
    System.out.println("wrapper was called " + attached.get());
  }

  private static AutoCloseable makeCurrent(Class<?> span, String trace, String id)
      throws Exception {
    String api = "io.opentelemetry.api.trace.";
    Object flags = call(Class.forName(api + "TraceFlags"), null, "getSampled");
    Object state = call(Class.forName(api + "TraceState"), null, "getDefault");
    Object context =
        call(Class.forName(api + "SpanContext"), null, "create", trace, id, flags, state);
    Object wrapped = call(span, null, "wrap", context);
    return (AutoCloseable) call(span, wrapped, "makeCurrent");
  }

  /** Serves one request, whose span OpenTelemetry's agent makes. */
  private static void server(boolean hasApi) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          if (hasApi) {
            System.out.println("expect " + idsByTheApi());
          }
          outer(AmbientTraceApp::inner);
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    // By hand, because the agent's instrumented clients send a trace of their own.
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port(server))) {
      String request =
          "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\ntraceparent: "
              + SurroundingsApp.TRACE_PARENT
              + "\r\n\r\n";
      client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      System.out.println(answer.lines().findFirst().orElse(""));
    }
    server.stop(0);
  }

  private static int port(HttpServer server) {
    return server.getAddress().getPort();
  }

  private static String idsByTheApi() {
    try {
      Class<?> span = Class.forName("io.opentelemetry.api.trace.Span");
      Object context = call(span, call(span, null, "current"), "getSpanContext");
      Class<?> type = Class.forName("io.opentelemetry.api.trace.SpanContext");
      return call(type, context, "getTraceId") + " " + call(type, context, "getSpanId");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void datadog() throws Exception {
    String[] ids = {"0", "0"};
    Class<?> tracer = Class.forName("datadog.trace.api.Tracer");
    record(NONE); // Its global tracer is not initialised.
    Object registered =
        Proxy.newProxyInstance(
            AmbientTraceApp.class.getClassLoader(),
            new Class<?>[] {tracer},
            (proxy, method, values) ->
                switch (method.getName()) {
                  case "getTraceId" -> ids[0];
                  case "getSpanId" -> {
                    if (ids[1].isEmpty()) {
                      throw new IllegalStateException("on purpose");
                    }
                    yield ids[1];
                  }
                  default -> false;
                });
    call(Class.forName("datadog.trace.api.GlobalTracer"), null, "forceRegister", registered);
    record(NONE);
    ids[0] = "18446744073709551615";
    ids[1] = "255";
    record("0000000000000000ffffffffffffffff 00000000000000ff");
    ids[0] = "6502cf0400000000075bcd15075bcd15";
    record("6502cf0400000000075bcd15075bcd15 00000000000000ff");
    ids[1] = "";
    record(NONE);
    record(NONE);
  }

  private static void brave() throws Exception {
    Class<?> tracing = Class.forName("brave.Tracing");
    Object builder = call(tracing, null, "newBuilder");
    Object open = call(builder.getClass(), builder, "build");
    record(NONE);
    Object tracer = call(tracing, open, "tracer");
    Object span = call(tracer.getClass(), tracer, "startScopedSpan", "work");
    Class<?> scoped = Class.forName("brave.ScopedSpan");
    Object context = call(scoped, span, "context");
    String trace = (String) call(context.getClass(), context, "traceIdString");
    String id = (String) call(context.getClass(), context, "spanIdString");
    record("0".repeat(32 - trace.length()) + trace + " " + id);
    call(scoped, span, "finish");
    record(NONE);
  }

  private static void mdc() throws Exception {
    record(NONE);
    Class<?> mdc = Class.forName("org.slf4j.MDC");
    put(mdc, "trace_id", "0af7651916cd43dd8448eb211c80319c", "span_id", "b7ad6b7169203331");
    record("0af7651916cd43dd8448eb211c80319c b7ad6b7169203331");
    put(mdc, "traceId", "8448EB211C80319C", "spanId", "7ad6b7169203331");
    record("00000000000000008448eb211c80319c 07ad6b7169203331");
    put(mdc, "dd.trace_id", "255", "dd.span_id", "16");
    record("000000000000000000000000000000ff 0000000000000010");
    put(mdc, "trace_id", "nonsense", "span_id", "b7ad6b7169203331");
    record(NONE);
    put(mdc, "trace_id", "0".repeat(32), "span_id", "0".repeat(16));
    record(NONE);
  }

  private static void put(Class<?> mdc, String... entries) throws Exception {
    call(mdc, null, "clear");
    call(mdc, null, "put", entries[0], entries[1]);
    call(mdc, null, "put", entries[2], entries[3]);
  }

  /** Calls the public method of a type that has this name and takes these values. */
  private static Object call(Class<?> type, Object self, String name, Object... values)
      throws Exception {
    for (Method method : type.getMethods()) {
      if (method.getName().equals(name) && takes(method, values)) {
        method.setAccessible(true);
        return method.invoke(self, values);
      }
    }
    throw new NoSuchMethodException(type + "#" + name);
  }

  private static boolean takes(Method method, Object... values) {
    Class<?>[] types = method.getParameterTypes();
    if (types.length != values.length) {
      return false;
    }
    for (int i = 0; i < types.length; i++) {
      if (!types[i].isInstance(values[i])) {
        return false;
      }
    }
    return true;
  }

  private static Object invoke(Method method, Object self, Object... values) throws Throwable {
    try {
      method.setAccessible(true);
      return method.invoke(self, values);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
