package io.agentlog.agent.capture;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.ModelRequest;
import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.capture.framework.RunStart;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.Event;
import io.agentlog.event.Status;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of frameworks are executions, whose start waits for the prompt. */
class FrameworkRunsTest {
  private final FrameworkFixture f = new FrameworkFixture();

  @Test
  void runIsAnExecutionWithWhatTheFrameworkTells() {
    Run run =
        f.frameworks.begin(
            new RunStart(
                Event.Kind.CHAT_CLIENT,
                "assistant",
                "ticket-7",
                42,
                Map.of("framework", Map.of("name", "fake", "version", "1.0"))));
    assertThat(f.frameworks.current()).isSameAs(run);
    assertThat(f.events()).isEmpty();
    run.start("what is new?", null, Map.of("memory", true));
    run.end(null, Map.of("suspended", true));

    Event.Started started = f.event(Event.Started.class, "assistant");
    assertThat(started.kind()).isEqualTo(Event.Kind.CHAT_CLIENT);
    assertThat(started.prompt()).isEqualTo("what is new?");
    assertThat(started.header().executionId()).isEqualTo(run.id());
    assertThat(started.header().correlation().raw()).isEqualTo("ticket-7");
    assertThat(started.header().session().raw()).isEqualTo("42");
    assertThat(started.parentExecutionId()).isNull();
    assertThat(started.rootExecutionId()).isNull();
    assertThat(started.metadata())
        .containsEntry("framework", Map.of("name", "fake", "version", "1.0"))
        .containsEntry("memory", true);
    Event.Completed completed = f.event(Event.Completed.class, "assistant");
    assertThat(completed.status()).isEqualTo(Status.SUCCESS);
    assertThat(completed.metadata()).containsEntry("suspended", true);
    assertThat(completed.totals()).isNull();
    assertThat(f.bridge.onExecutionId()).isNull();
    assertThat(f.frameworks.current()).isNull();
  }

  @Test
  void firstThingThatHappensRecordsTheStartBeforeItself() {
    Run run = f.begin("early");
    f.frameworks.stage("guardrail:Polite", Map.of("result", "success"));
    run.start("too late", null, Map.of("late", 1));
    run.end(null, Map.of());

    List<Event> events = f.events();
    assertThat(events)
        .extracting(Event::type)
        .extracting(Enum::name)
        .containsExactly("STARTED", "PROGRESS", "COMPLETED");
    assertThat(events).extracting(event -> event.header().seq()).containsExactly(1, 2, 3);
    assertThat(((Event.Started) events.get(0)).prompt()).isNull();
    assertThat(((Event.Completed) events.get(2)).metadata()).containsEntry("late", 1L);
    assertThat(f.counters.get(Counter.EXECUTIONS_STARTED)).isEqualTo(1);
  }

  @Test
  void endWithoutAStartRecordsBoth() {
    f.begin("broken").end(new IllegalStateException("no template"), Map.of());
    Event.Completed completed = f.event(Event.Completed.class, "broken");
    assertThat(completed.status()).isEqualTo(Status.FAILED);
    assertThat(completed.errorMessage()).isEqualTo("no template");
    assertThat(f.event(Event.Started.class, "broken").header().seq()).isEqualTo(1);
  }

  @Test
  void streamThatNobodyStartsLeavesNoTrace() {
    Run run = f.begin("stream");
    run.leaveBegun();
    assertThat(f.bridge.onExecutionId()).isNull();
    assertThat(f.frameworks.beginElsewhere(FrameworkFixture.start("other"))).isNotNull();
    assertThat(f.bridge.onExecutionId()).isNull();
    assertThat(f.events()).isEmpty();
  }

  @Test
  void runsNestWithParentCorrelationAndRoot() {
    Object method = f.enterMethod();
    UUID root = f.bridge.onExecutionId();
    Run client = f.begin("client"); // Not started: its start comes with the inner one's.
    Run service = f.begin("service");
    service.start("p", null, Map.of());
    Object inner = f.enterMethod();
    UUID innerId = f.bridge.onExecutionId();
    f.callModel("m", 1, 1);
    f.bridge.onExit(inner, null, null);
    service.end(null, Map.of());
    assertThat(f.bridge.onExecutionId()).isEqualTo(client.id());
    client.end(null, Map.of());
    assertThat(f.bridge.onExecutionId()).isEqualTo(root);
    f.bridge.onExit(method, null, null);

    List<Event.Started> started = f.events(Event.Started.class);
    assertThat(started)
        .extracting(each -> each.header().executionId())
        .containsExactly(root, client.id(), service.id(), innerId);
    assertThat(started)
        .extracting(Event.Started::parentExecutionId)
        .containsExactly(null, root, client.id(), service.id());
    assertThat(started)
        .extracting(Event.Started::rootExecutionId)
        .containsExactly(null, root, root, root);
    assertThat(started)
        .extracting(each -> each.header().correlation())
        .containsOnly(started.get(0).header().correlation());
    assertThat(f.events(Event.ModelCall.class).get(0).rootExecutionId()).isEqualTo(root);
    assertThat(f.bridge.onExecutionId()).isNull();
  }

  @Test
  void parentAndRootOfAStreamStayKnownAfterTheParentsEnd() {
    Object method = f.enterMethod();
    UUID root = f.bridge.onExecutionId();
    Run stream = f.frameworks.beginElsewhere(FrameworkFixture.start("stream"));
    f.bridge.onExit(method, null, null);
    stream.start("p", null, Map.of());
    stream.end(null, Map.of());
    Event.Started started = f.event(Event.Started.class, "stream");
    assertThat(started.parentExecutionId()).isEqualTo(root);
    assertThat(started.rootExecutionId()).isEqualTo(root);
  }

  @Test
  void callbacksOfAStreamWorkForItsRunOnAnyThread() throws Exception {
    Run run = f.begun("stream");
    run.leaveBegun();
    onThread(
        () -> {
          Object entered = run.enter();
          f.frameworks.stage("token", Map.of());
          run.leave(entered);
          assertThat(f.bridge.onExecutionId()).isNull();
        });
    onThread(() -> run.end(null, Map.of()));
    assertThat(f.event(Event.Progress.class, "stream").stage()).isEqualTo("token");
    assertThat(f.event(Event.Completed.class, "stream").status()).isEqualTo(Status.SUCCESS);
    assertThat(f.bridge.onExecutionId()).isNull();
  }

  /** The last token may come before the method that has begun the stream returns. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endOnAnotherThreadLeavesTheBeginnersThreadToItself(boolean isNested) throws Exception {
    Object method = isNested ? f.enterMethod() : null;
    UUID around = f.bridge.onExecutionId();
    Run run = f.begun("stream");
    onThread(() -> run.end(null, Map.of()));
    assertThat(run.isEnded()).isTrue();
    assertThat(f.frameworks.current()).isNull();
    run.leaveBegun();
    assertThat(f.bridge.onExecutionId()).isEqualTo(around);
    if (method != null) {
      f.bridge.onExit(method, null, null);
    }
  }

  /** A model may answer before the method returns that has begun the stream. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endInACallbackOnTheBeginnersThreadLeavesItToItself(boolean isNested) {
    Object method = isNested ? f.enterMethod() : null;
    UUID around = f.bridge.onExecutionId();
    Run run = f.begun("stream");
    Object started = run.enter();
    Object calledBack = run.enter();
    run.end(null, Map.of());
    run.leave(calledBack);
    run.leave(started);
    run.leaveBegun();
    assertThat(f.bridge.onExecutionId()).isEqualTo(around);
    f.frameworks.stage("later", Map.of());
    assertThat(f.counters.get(Counter.AFTER_END)).isZero();
    if (method != null) {
      f.bridge.onExit(method, null, null);
    }
  }

  @Test
  void modelWithoutAnyNameIsNamedAfterItsClass() {
    Run run = f.begun("plain");
    Object anonymous = new Object() {};
    ModelCall call =
        requireNonNull(
            f.frameworks.model(new ModelRequest("langchain4j", null, null, false, anonymous)));
    call.end(null, null);
    run.end(null, Map.of());
    assertThat(f.event(Event.Progress.class, "plain").stage())
        .isEqualTo("model:FrameworkRunsTest$1");
  }

  @Test
  void firstEndCounts() {
    Run run = f.begun("stream");
    run.cancel();
    run.end(null, Map.of());
    run.cancel();
    assertThat(f.event(Event.Completed.class, "stream").status()).isEqualTo(Status.CANCELLED);
    assertThat(f.counters.get(Counter.AFTER_END)).isZero();
  }

  @Test
  void racingEndsAreOne() throws Exception {
    for (int i = 0; i < 200; i++) {
      Run run = f.begun("race" + i);
      run.leaveBegun();
      CountDownLatch both = new CountDownLatch(2);
      Thread other =
          new Thread(
              () -> {
                meet(both);
                run.cancel();
              });
      other.start();
      meet(both);
      run.end(null, Map.of());
      other.join();
      f.event(Event.Completed.class, "race" + i);
    }
  }

  @Test
  void whatHappensAfterTheEndIsCounted() {
    Run run = f.begun("ended");
    Object entered = run.enter();
    run.end(null, Map.of());
    f.frameworks.stage("late", Map.of());
    run.leave(entered);
    assertThat(f.stages()).isEmpty();
    assertThat(f.bridge.onExecutionId()).isNull();
  }

  @Test
  void outsideAnExecutionNothingIsRecordedButCounted() {
    f.frameworks.stage("stage", Map.of());
    assertThat(f.frameworks.tool("tool", null, null)).isNull();
    assertThat(f.frameworks.model(FrameworkFixture.request("m", this))).isNull();
    assertThat(f.counters.get(Counter.OUTSIDE_EXECUTION)).isEqualTo(3);
    assertThat(f.events()).isEmpty();
  }

  @Test
  void endedRunHoldsNothingOfTheApplication() throws Exception {
    Object model = new Object();
    WeakReference<Object> held = new WeakReference<>(model);
    StringBuilder thrown = new StringBuilder("why");
    WeakReference<Object> heldByEnd = new WeakReference<>(thrown);
    Run run = runWith(model, new Carrier(thrown));
    model = null;
    thrown = null;
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (!held.refersTo(null) || !heldByEnd.refersTo(null)) {
      System.gc();
      Thread.sleep(10);
      assertThat(System.nanoTime()).as("still held").isLessThan(deadline);
    }
    assertThat(run.isEnded()).isTrue();
  }

  private static final class Carrier extends RuntimeException {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("UnusedVariable") // It is held, and that is the question.
    final transient Object cargo;

    Carrier(Object cargo) {
      super("failed");
      this.cargo = cargo;
    }
  }

  private Run runWith(Object model, Carrier thrown) {
    Run run = f.begun("holder");
    f.frameworks.model(FrameworkFixture.request("m", model)).end(null, thrown);
    f.frameworks.model(FrameworkFixture.request("m", model)).leave(); // Never ends itself.
    run.end(thrown, Map.of());
    return run;
  }

  private static void meet(CountDownLatch both) {
    both.countDown();
    try {
      both.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void onThread(Runnable work) throws InterruptedException {
    Throwable[] failure = {null};
    Thread thread = new Thread(work);
    thread.setUncaughtExceptionHandler((failed, thrown) -> failure[0] = thrown);
    thread.start();
    thread.join();
    assertThat(failure[0]).isNull();
  }
}
