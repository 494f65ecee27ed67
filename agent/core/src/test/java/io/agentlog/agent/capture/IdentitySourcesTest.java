package io.agentlog.agent.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.privacy.TraceOptions;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.journal.JournalBatch;
import io.agentlog.agent.journal.JournalReader;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.Event;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.Identifier;
import io.agentlog.event.InstanceFacts;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows 5 to 7 of the table in {@code docs/capture.md}: where correlation and session come from if
 * the call brings none.
 */
class IdentitySourcesTest {
  private static final UUID INSTANCE = new UUID(1, 2);
  private static final String TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String MDC =
      """
      package org.slf4j;
      public class MDC {
        public static java.util.function.Function<String, String> values = key -> "too early";
        public static String get(String key) { return values.apply(key); }
      }
      """;

  /** Plans of the class that is woven. */
  private static final int PLAIN = 0;

  private static final int MESSAGE = 1;

  @TempDir private Path classes;

  private final HeapJournal journal = new HeapJournal(INSTANCE, 8 << 20);
  private final JournalReader reader = journal.openReader("test");
  private final EventDecoder decoder =
      new EventDecoder(new InstanceFacts(INSTANCE, null, null, null, null));
  private final Counters counters = new Counters();
  private final Surroundings surroundings =
      new Surroundings(IdentitySourcesTest::open, new Counters());
  private ClassLoader application;
  private CaptureBridge bridge;

  @BeforeEach
  void start() throws Exception {
    application = FakeLibrary.load(classes, MDC, "package app; public class Service {}");
    bridge = bridge();
  }

  @Test
  void mdcIsTheCorrelationIfTheCallBringsNone() throws Exception {
    initializeMdc(Map.of("correlationId", "t-5")::get);

    Event.Started started = call(null, null);
    assertThat(started.header().correlation().raw()).isEqualTo("t-5");
    assertThat(started.header().session()).isEqualTo(Identifier.of(INSTANCE));
  }

  @Test
  void firstKeyOfTheMdcThatIsNotBlankIsTheCorrelation() throws Exception {
    initializeMdc(
        Map.of("correlation_id", " ", "X-Correlation-ID", "t-3", "x-correlation-id", "t-4")::get);

    assertThat(call(null, null).header().correlation().raw()).isEqualTo("t-3");
  }

  @Test
  void argumentGoesBeforeTheMdc() throws Exception {
    initializeMdc(key -> "t-5");

    assertThat(call("t-3", null).header().correlation().raw()).isEqualTo("t-3");
  }

  @Test
  void mdcIsNeitherReadNorInitializedBeforeTheApplicationHasDoneSo() throws Exception {
    surroundings.note("org/slf4j/MDC", application);

    assertThat(call(null, null).header().correlation().raw()).isNull();
    initializeMdc(key -> "t-5");
    assertThat(call(null, null).header().correlation().raw()).isEqualTo("t-5");
  }

  @Test
  void mdcOfALoaderThatTheClassDoesNotSeeIsNotRead(@TempDir Path others) throws Exception {
    initializeMdc(FakeLibrary.load(others, MDC), key -> "of another application");

    assertThat(call(null, null).header().correlation().raw()).isNull();
  }

  @Test
  void mdcThatThrowsIsAsIfItWereEmpty() throws Exception {
    initializeMdc(
        key -> {
          throw new IllegalStateException(key);
        });

    assertThat(call(null, null).header().correlation().raw()).isNull();
    assertThat(counters.get(Counter.SUPPRESSED)).isZero();
  }

  @Test
  void enclosingExecutionGivesCorrelationAndSessionIfTheCallBringsNone() throws Exception {
    Object around = enter(PLAIN, "t-1", "s-1");
    Event.Started outer = started();
    Event.Started inner = call(null, null);
    bridge.onExit(around, null, null);

    assertThat(inner.header().correlation()).isEqualTo(outer.header().correlation());
    assertThat(inner.header().session()).isEqualTo(outer.header().session());
    assertThat(inner.header().session().raw()).isEqualTo("s-1");
  }

  @Test
  void mdcGoesBeforeTheEnclosingExecution() throws Exception {
    initializeMdc(key -> "t-5");
    Object around = enter(PLAIN, "t-1", "s-1");
    started();
    Event.Started inner = call(null, null);
    bridge.onExit(around, null, null);

    assertThat(inner.header().correlation().raw()).isEqualTo("t-5");
    assertThat(inner.header().session().raw()).isEqualTo("s-1");
  }

  @Test
  void argumentsGoBeforeTheEnclosingExecution() throws Exception {
    Object around = enter(PLAIN, "t-1", "s-1");
    started();
    Event.Started inner = call("t-2", "s-2");
    bridge.onExit(around, null, null);

    assertThat(inner.header().correlation().raw()).isEqualTo("t-2");
    assertThat(inner.header().session().raw()).isEqualTo("s-2");
  }

  @Test
  void correlationIsANewUuidAndSessionTheInstanceIfThereIsNothingElse() throws Exception {
    Event.Started first = call(null, null);
    Event.Started second = call(null, null);

    assertThat(first.header().correlation()).isNotEqualTo(second.header().correlation());
    assertThat(first.header().correlation().raw()).isNull();
    assertThat(first.header().session()).isEqualTo(Identifier.of(INSTANCE));
  }

  @Test
  void uuidIsKeptAndAnyOtherTextIsDerivedFromWithItselfBeside() throws Exception {
    UUID id = UUID.randomUUID();
    Event.Started started = call(id.toString(), "session 7");

    assertThat(started.header().correlation()).isEqualTo(new Identifier(id, null));
    assertThat(started.header().session().id().version()).isEqualTo(5);
    assertThat(started.header().session().raw()).isEqualTo("session 7");
  }

  @Test
  void traceOfAMessageIsThatOfANestedExecutionToo() throws Exception {
    ConsumerRecord<String, String> message = new ConsumerRecord<>("t", 0, 0, "k", "v");
    message
        .headers()
        .add("traceparent", ("00-" + TRACE_ID + "-00f067aa0ba902b7-01").getBytes(UTF_8))
        .add("correlation_id", "t-4".getBytes(UTF_8));
    Object around = bridge.onEnter(getClass(), MESSAGE, null, new Object[] {message});
    Event.Started outer = started();
    Event.Started inner = call(null, null);
    bridge.onExit(around, null, null);

    assertThat(outer.traceId()).isEqualTo(TRACE_ID);
    assertThat(outer.spanId()).isEqualTo("00f067aa0ba902b7");
    assertThat(inner.traceId()).isEqualTo(TRACE_ID);
    assertThat(inner.spanId()).isEqualTo("00f067aa0ba902b7");
    assertThat(inner.header().correlation().raw()).isEqualTo("t-4");
  }

  /** What the call of an execution begins with. */
  private Event.Started call(String correlation, String session) throws Exception {
    Object token = enter(PLAIN, correlation, session);
    Event.Started started = started();
    bridge.onExit(token, null, null);
    events();
    return started;
  }

  private Object enter(int plan, Object... arguments) throws Exception {
    return bridge.onEnter(application.loadClass("app.Service"), plan, null, arguments);
  }

  private Event.Started started() {
    List<Event> events = events();
    assertThat(events).singleElement().isInstanceOf(Event.Started.class);
    return (Event.Started) events.get(0);
  }

  /** Those since the last time. */
  private List<Event> events() {
    JournalBatch batch = reader.read(100, Long.MAX_VALUE);
    List<Event> events = batch.records().stream().map(decoder::decode).toList();
    reader.confirm(batch);
    return events;
  }

  private void initializeMdc(Function<String, String> values) throws Exception {
    initializeMdc(application, values);
  }

  private void initializeMdc(ClassLoader loader, Function<String, String> values) throws Exception {
    surroundings.note("org/slf4j/MDC", loader);
    Class<?> type = Class.forName("org.slf4j.MDC", true, loader);
    type.getField("values").set(null, values);
  }

  private CaptureBridge bridge() throws Exception {
    CaptureLimits limits = new CaptureLimits(1_000, 1_000, 1_000);
    MethodSpec plain =
        spec("(Ljava/lang/String;Ljava/lang/String;)V", "correlationId", "sessionId");
    MethodSpec message = spec("(Lorg/apache/kafka/clients/consumer/ConsumerRecord;)V", "message");
    Map<Class<?>, List<MethodSpec>> specs =
        Map.of(
            application.loadClass("app.Service"), List.of(plain),
            getClass(), List.of(plain, message));
    Capture capture =
        new Capture(
            journal, limits, Privacy.none(), TraceOptions.OFF, surroundings, type -> {}, counters);
    MethodPlans plans =
        new MethodPlans(specs::get, limits, type -> {}, (method, path, reason) -> {});
    return new CaptureBridge(plans, capture, counters);
  }

  private static MethodSpec spec(String descriptor, String... names) {
    List<ParameterSpec> parameters =
        List.of(names).stream().map(name -> new ParameterSpec(name, Set.of(), null)).toList();
    return new MethodSpec(
        "app.Service",
        "run" + names.length,
        descriptor,
        true,
        parameters,
        new ExecutionSpec("agent", "", "", "", "", List.of()),
        null,
        null);
  }

  /** What the agent's instrumentation does; a test has none. */
  private static void open(Class<?> type) {
    try {
      Class<?> unsafeType = Class.forName("sun.misc.Unsafe");
      Field theUnsafe = unsafeType.getDeclaredField("theUnsafe");
      theUnsafe.setAccessible(true);
      Object unsafe = theUnsafe.get(null);
      Field trusted = MethodHandles.Lookup.class.getDeclaredField("IMPL_LOOKUP");
      Object base = unsafeType.getMethod("staticFieldBase", Field.class).invoke(unsafe, trusted);
      long offset =
          (long) unsafeType.getMethod("staticFieldOffset", Field.class).invoke(unsafe, trusted);
      MethodHandles.Lookup lookup =
          (MethodHandles.Lookup)
              unsafeType
                  .getMethod("getObject", Object.class, long.class)
                  .invoke(unsafe, base, offset);
      lookup
          .findVirtual(
              Module.class,
              "implAddOpensToAllUnnamed",
              MethodType.methodType(void.class, String.class))
          .invoke(type.getModule(), type.getPackageName());
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }
}
