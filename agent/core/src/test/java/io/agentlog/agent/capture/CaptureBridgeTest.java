package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.journal.JournalReader;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.Event;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.InstanceFacts;
import io.agentlog.event.Status;
import io.agentlog.log.CapturedLog;
import io.agentlog.log.DeferredLog;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Calls of woven code become events and leave nothing on the thread. */
class CaptureBridgeTest {
  private static final UUID INSTANCE = new UUID(1, 2);
  private static final int EXECUTION = 0;
  private static final int STAGE = 1;

  private final HeapJournal journal = new HeapJournal(INSTANCE, 8 << 20);
  private final JournalReader reader = journal.openReader("test");
  private final EventDecoder decoder =
      new EventDecoder(new InstanceFacts(INSTANCE, null, null, null, null));
  private final Counters counters = new Counters();
  private final CaptureBridge bridge = bridge(new CaptureLimits(1_000, 500, 1_000));

  @Test
  void callBecomesItsEventsInOrderAndLeavesNothingOnTheThread() {
    Object token = enter(EXECUTION, "find the bug", "ticket-7");
    assertThat(enter(STAGE)).isNull(); // Reported at entry: nothing to do at exit.
    bridge.onMetadata("model", "m1");
    bridge.onProgress("half", 50);
    bridge.onExit(token, "ok", null);

    List<Event> events = events();
    assertThat(events).extracting(event -> event.header().seq()).containsExactly(1, 2, 3, 4);
    Event.Started started = (Event.Started) events.get(0);
    assertThat(started.prompt()).isEqualTo("find the bug");
    assertThat(started.header().correlation().raw()).isEqualTo("ticket-7");
    assertThat(((Event.Progress) events.get(1)).stage()).isEqualTo("stage");
    assertThat(((Event.Progress) events.get(2)).metadata()).containsEntry("model", "m1");
    Event.Completed completed = (Event.Completed) events.get(3);
    assertThat(completed.status()).isEqualTo(Status.SUCCESS);
    assertThat(completed.metadata()).containsEntry("model", "m1");
    assertThat(bridge.onExecutionId()).isNull();
  }

  @Test
  void stageOutsideAnExecutionIsCountedAndNotRecorded() {
    assertThat(enter(STAGE)).isNull();
    assertThat(events()).isEmpty();
    assertThat(counters.get(Counter.OUTSIDE_EXECUTION)).isEqualTo(1);
  }

  @Test
  void recursionOfTenThousandEndsEachExecutionAndTheThreadIsClean() { // Fault 67.
    Object[] tokens = new Object[10_000];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = enter(EXECUTION, "p", null);
    }
    for (int i = tokens.length - 1; i >= 0; i--) {
      bridge.onExit(tokens[i], null, null);
    }
    assertThat(bridge.onExecutionId()).isNull();
    List<Event> events = events();
    assertThat(events).hasSize(2 * tokens.length);
    assertThat(((Event.Started) events.get(1)).parentExecutionId())
        .isEqualTo(events.get(0).header().executionId());
    assertThat(events.get(1).header().correlation())
        .isEqualTo(events.get(0).header().correlation());
  }

  /** An agent with a method like that of the agent that calls it. */
  static class Expert {}

  @Test
  void executionsOfOneSignatureWithinEachOtherAreBothRecorded() {
    MethodSpec inner = spec(Expert.class.getName(), false, "expert");
    Map<Class<?>, List<MethodSpec>> specs =
        Map.of(
            getClass(),
            List.of(spec(getClass().getName(), true, "desk")),
            Expert.class,
            List.of(inner));
    CaptureLimits limits = new CaptureLimits(1_000, 500, 1_000);
    CaptureBridge both =
        new CaptureBridge(
            new MethodPlans(specs::get, limits, type -> {}, (method, path, reason) -> {}),
            new Capture(journal, limits, type -> {}, counters),
            counters);
    Object desk = both.onEnter(getClass(), 0, null, new Object[] {"q"});
    Object expert = both.onEnter(Expert.class, 0, new Expert(), new Object[] {"q"});

    assertThat(expert).isNotNull();
    both.onExit(expert, null, null);
    both.onExit(desk, null, null);
    assertThat(events()).hasSize(4);
  }

  private static MethodSpec spec(String type, boolean isStatic, String agent) {
    return new MethodSpec(
        type,
        "answer",
        "(Ljava/lang/String;)V",
        isStatic,
        List.of(new ParameterSpec("prompt", Set.of(), null)),
        new ExecutionSpec(agent, "", "", "", "", List.of()),
        null,
        null);
  }

  /** Calls the bridge as woven code does. */
  static class Step {
    final CaptureBridge to;

    Step(CaptureBridge to) {
      this.to = to;
    }

    void step() {
      assertThat(to.onEnter(Step.class, 0, this, null)).isNull();
    }
  }

  /** Overrides a stage and calls it. */
  static final class LongStep extends Step {
    LongStep(CaptureBridge to) {
      super(to);
    }

    @Override
    void step() {
      assertThat(to.onEnter(LongStep.class, 0, this, null)).isNull();
      super.step();
    }

    void onlyTheOther() {
      super.step();
    }
  }

  @Test
  void stageThatCallsTheOneItOverridesIsReportedOnce() {
    Map<Class<?>, List<MethodSpec>> specs =
        Map.of(
            getClass(),
            List.of(spec(getClass().getName(), true, "desk")),
            Step.class,
            List.of(stage(Step.class, "of the superclass")),
            LongStep.class,
            List.of(stage(LongStep.class, "of the subclass")));
    CaptureLimits limits = new CaptureLimits(1_000, 500, 1_000);
    CaptureBridge all =
        new CaptureBridge(
            new MethodPlans(
                type -> specs.getOrDefault(type, List.of()),
                limits,
                type -> {},
                (method, path, reason) -> {}),
            new Capture(journal, limits, type -> {}, counters),
            counters);
    Object execution = all.onEnter(getClass(), 0, null, new Object[] {"q"});
    LongStep step = new LongStep(all);
    step.step();
    step.onlyTheOther();
    new Step(all).step();
    all.onExit(execution, null, null);

    assertThat(events())
        .filteredOn(event -> event instanceof Event.Progress)
        .extracting(event -> ((Event.Progress) event).stage())
        .containsExactly("of the subclass", "of the superclass", "of the superclass");
  }

  private static MethodSpec stage(Class<?> type, String name) {
    return new MethodSpec(
        type.getName(),
        "step",
        "()V",
        false,
        List.of(),
        null,
        new StageSpec(name, -1, StageSpec.At.ENTRY, List.of()),
        null);
  }

  @Test
  void errorAtACallIsNamedWithoutItsMessage() {
    try (CapturedLog log = new CapturedLog()) {
      Map<Class<?>, List<MethodSpec>> specs =
          Map.of(Expert.class, List.of(spec(Expert.class.getName(), false, "expert")));
      CaptureLimits limits = new CaptureLimits(1_000, 500, 1_000);
      MethodPlans plans =
          new MethodPlans(specs::get, limits, type -> {}, (method, path, reason) -> {});
      bridge.suppress(
          plans.of(Expert.class, 0), new java.util.MissingResourceException("my secret", "", ""));
      DeferredLog.flush();

      assertThat(log.lines())
          .anySatisfy(
              line ->
                  assertThat(line)
                      .contains("MissingResourceException at ", "CaptureBridgeTest.java")
                      .doesNotContain("my secret"));
    }
  }

  @Test
  void progressAfterTheEndIsDroppedAndCounted() {
    Object token = enter(EXECUTION, "p", null);
    Execution execution = (Execution) token;
    bridge.onExit(token, null, null);
    assertThat(execution.nextSeq(execution.metadata(), false)).isZero();
    bridge.onExit(token, null, null); // A second end of the same call.
    assertThat(counters.get(Counter.AFTER_END)).isEqualTo(1);
    assertThat(events()).hasSize(2);
  }

  @Test
  void metadataOverItsLimitIsRefusedAndFlagged() {
    Object token = enter(EXECUTION, "p", null);
    bridge.onMetadata("kept", "x");
    bridge.onMetadata("refused", List.of("y".repeat(499), "y".repeat(499), "y".repeat(499)));
    bridge.onMetadata("cut", "z".repeat(501));
    bridge.onMetadata("progress", "reserved");
    bridge.onExit(token, null, null);
    Event.Completed completed = (Event.Completed) events().get(1);
    assertThat(completed.metadata())
        .containsEntry("kept", "x")
        .containsEntry("metadata_truncated", true)
        .containsEntry("cut", "z".repeat(500))
        .containsEntry("cut_truncated", true)
        .doesNotContainKeys("refused", "progress");
    assertThat(counters.get(Counter.VALUE_CUT)).isEqualTo(2);
  }

  @Test
  void percentOutOfRangeIsNullWithTheRawValueBeside() { // Fault 60.
    Object token = enter(EXECUTION, "p", null);
    bridge.onProgress("odd", 101);
    bridge.onProgress("odder", -1);
    bridge.onExit(token, null, null);
    List<Event> events = events();
    assertThat(((Event.Progress) events.get(1)).percent()).isNull();
    assertThat(((Event.Progress) events.get(1)).stageMetadata())
        .containsEntry("percent_rejected", 101L);
    assertThat(((Event.Progress) events.get(2)).stageMetadata())
        .containsEntry("percent_rejected", -1L);
  }

  @Test
  void exceptionIsTheOutcomeWhateverItsMessageDoes() { // Fault 68.
    Object token = enter(EXECUTION, "p", null);
    RuntimeException hostile =
        new RuntimeException() {
          private static final long serialVersionUID = 1L;

          @Override
          public String getMessage() {
            throw new StackOverflowError();
          }
        };
    bridge.onExit(token, null, hostile);
    Event.Completed completed = (Event.Completed) events().get(1);
    assertThat(completed.status()).isEqualTo(Status.FAILED);
    assertThat(completed.errorType()).startsWith("CaptureBridgeTest");
    assertThat(completed.errorMessage()).contains("StackOverflowError");
  }

  @Test
  void aMethodThatKeepsFailingIsNotRecordedAnyMoreAndTheOthersAre() { // Fault 69.
    AtomicBoolean broken = new AtomicBoolean(true);
    InvocationHandler handler =
        (self, method, arguments) -> {
          if (broken.get() && method.getName().equals("append")) {
            throw new IllegalStateException("a bug of ours");
          }
          return method.invoke(journal, arguments);
        };
    CaptureBridge failing =
        bridge(
            (Journal)
                Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {Journal.class}, handler),
            new CaptureLimits(1_000, 500, 1_000));
    Object[] arguments = {"p", null};
    Object around = failing.onEnter(getClass(), EXECUTION, null, arguments);
    for (int i = 0; i < MethodPlan.FAULTS_MAX; i++) {
      failing.onEnter(getClass(), STAGE, null, new Object[0]);
    }
    broken.set(false);
    long suppressed = counters.get(Counter.SUPPRESSED);
    assertThat(suppressed).isEqualTo(MethodPlan.FAULTS_MAX + 1);
    failing.onEnter(getClass(), STAGE, null, new Object[0]);
    failing.onExit(around, null, null);
    assertThat(counters.get(Counter.SUPPRESSED)).isEqualTo(suppressed);
    assertThat(events()).singleElement().isInstanceOf(Event.Completed.class);
  }

  @Test
  void endThatTheJournalRefusesIsNotWaitedFor() {
    Object token = enter(EXECUTION, "p", null);
    UUID id = bridge.onExecutionId();
    journal.close();
    bridge.onExit(token, null, null);
    assertThat(capture.pollLostEnd()).isEqualTo(id);
    assertThat(capture.pollLostEnd()).isNull();
  }

  @Test
  void endOfAnExecutionWhoseStartTheJournalRefusedIsNotReported() {
    journal.close();
    bridge.onExit(enter(EXECUTION, "p", null), null, null);
    assertThat(capture.pollLostEnd()).isNull();
  }

  private Capture capture;

  private CaptureBridge bridge(CaptureLimits limits) {
    return bridge(journal, limits);
  }

  private CaptureBridge bridge(Journal journal, CaptureLimits limits) {
    capture = new Capture(journal, limits, type -> {}, counters);
    MethodSpec execution =
        new MethodSpec(
            getClass().getName(),
            "run",
            "(Ljava/lang/String;Ljava/lang/String;)Ljava/lang/String;",
            true,
            List.of(
                new ParameterSpec("prompt", Set.of(), null),
                new ParameterSpec("correlationId", Set.of(), null)),
            new ExecutionSpec("tester", "", "", "", "", List.of()),
            null,
            null);
    MethodSpec stage =
        new MethodSpec(
            getClass().getName(),
            "stage",
            "()V",
            true,
            List.of(),
            null,
            new StageSpec("stage", 10, StageSpec.At.ENTRY, List.of()),
            null);
    Map<Class<?>, List<MethodSpec>> specs = Map.of(getClass(), List.of(execution, stage));
    MethodPlans plans =
        new MethodPlans(specs::get, limits, type -> {}, (method, path, reason) -> {});
    return new CaptureBridge(plans, capture, counters);
  }

  private Object enter(int plan, Object... arguments) {
    return bridge.onEnter(getClass(), plan, null, arguments);
  }

  private List<Event> events() {
    return reader.read(100_000, Long.MAX_VALUE).records().stream().map(decoder::decode).toList();
  }
}
