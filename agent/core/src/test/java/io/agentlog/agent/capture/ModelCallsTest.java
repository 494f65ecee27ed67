package io.agentlog.agent.capture;

import static io.agentlog.agent.capture.FrameworkFixture.answer;
import static io.agentlog.agent.capture.FrameworkFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.framework.ModelAnswer;
import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.ModelRequest;
import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.capture.framework.ToolCall;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.Event;
import io.agentlog.event.ModelCallValues;
import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Calls of models and tools: who has the tokens, and what they add up to. */
class ModelCallsTest {
  private final FrameworkFixture f = new FrameworkFixture();

  @Test
  void runWithAToolHasTheTokensOfBothCalls() {
    Run run = f.begun("assistant");
    f.callModel("fake-1", 12, 5);
    ToolCall tool = f.frameworks.tool("add", "call-1", "{\"a\": 1}");
    tool.end("3", null);
    f.callModel("fake-1", 20, 7);
    run.end(null, Map.of());

    assertThat(f.stages()).containsExactly("model:fake-1", "tool:add", "tool:add", "model:fake-1");
    UsageTotals totals = f.event(Event.Completed.class, "assistant").totals();
    assertThat(totals)
        .isEqualTo(
            new UsageTotals(
                "fake-1", 2, 1, new TokenCounts(32L, 12L, null, null, null), null, null));
    List<Event.ModelCall> calls = f.events(Event.ModelCall.class);
    assertThat(calls).extracting(call -> call.values().tokens().input()).containsExactly(12L, 20L);
    assertThat(calls).extracting(call -> call.totals().modelCalls()).containsExactly(1, 2);
    ModelCallValues values = calls.get(0).values();
    assertThat(values.framework()).isEqualTo("fake");
    assertThat(values.provider()).isEqualTo("maker");
    assertThat(values.finishReason()).isEqualTo("stop");
    assertThat(values.errorType()).isNull();
    assertThat(values.firstTokenMicros()).isEqualTo(-1);
    List<Event.Progress> tools =
        f.events(Event.Progress.class).stream()
            .filter(each -> each.stage().equals("tool:add"))
            .toList();
    assertThat(tools.get(0).stageMetadata()).containsExactly(Map.entry("call_id", "call-1"));
    assertThat(tools.get(0).totals().toolCalls()).isEqualTo(1);
    assertThat(tools.get(1).stageMetadata()).containsOnlyKeys("call_id", "stage_duration_ms");
  }

  @Test
  void wrapperOfAModelHasNoTokensOfItsOwn() {
    Run run = f.begun("wrapped");
    ModelCall retrying = f.model("retrying");
    f.model("first").end(null, new IllegalStateException("503"));
    f.callModel("second", 10, 2);
    retrying.end(answer(10, 2), null);
    run.end(null, Map.of());

    assertThat(f.event(Event.Completed.class, "wrapped").totals().tokens())
        .isEqualTo(new TokenCounts(10L, 2L, null, null, null));
    assertThat(f.event(Event.Completed.class, "wrapped").totals().modelCalls()).isEqualTo(2);
    List<Event.ModelCall> calls = f.events(Event.ModelCall.class);
    assertThat(calls)
        .extracting(call -> call.values().requestModel())
        .containsExactly("first", "second", "retrying");
    assertThat(calls.get(0).values().errorType()).isEqualTo("IllegalStateException");
    assertThat(calls.get(0).values().errorMessage()).isEqualTo("503");
    ModelCallValues delegated = calls.get(2).values();
    assertThat(delegated.metadata()).containsEntry("delegated", true);
    assertThat(delegated.tokens()).isEqualTo(TokenCounts.UNKNOWN);
    assertThat(delegated.totals().modelCalls()).isEqualTo(2);
  }

  /** A tool that a model's own loop calls, and that calls another model: both have used tokens. */
  @Test
  void toolBetweenTwoModelsSeparatesThem() {
    Run run = f.begun("loop");
    ModelCall loop = f.model("loop");
    ToolCall tool = f.frameworks.tool("ask", null, null);
    f.callModel("asked", 3, 1);
    tool.end(null, null);
    f.callModel("inner", 5, 1);
    loop.end(answer(100, 10), null);
    run.end(null, Map.of());
    assertThat(f.events(Event.ModelCall.class))
        .extracting(call -> call.values().tokens().input())
        .containsExactly(3L, 5L, null);
  }

  /** A wrapper may ask a service for help: the tree would count its tokens twice. */
  @Test
  void modelInARunInsideAModelsCallHasTheTokens() {
    Run outer = f.begun("outer");
    ModelCall router = f.model("router");
    Run inner = f.begun("inner");
    f.callModel("small", 3, 1);
    inner.end(null, Map.of());
    router.end(answer(3, 1), null);
    outer.end(null, Map.of());
    assertThat(f.event(Event.ModelCall.class, "outer").values().tokens())
        .isEqualTo(TokenCounts.UNKNOWN);
    assertThat(f.event(Event.ModelCall.class, "inner").values().tokens().input()).isEqualTo(3);
  }

  @Test
  void oneCallThroughTwoMethodsOfAModelIsOne() {
    Object model = new Object();
    Run run = f.begun("twice");
    ModelCall call = f.frameworks.model(request("m", model));
    assertThat(f.frameworks.model(request("m", model))).isNull();
    call.end(answer(1, 1), null);
    ModelCall next = f.frameworks.model(request("m", model));
    assertThat(next).isNotNull();
    next.end(answer(1, 1), null);
    run.end(null, Map.of());
    assertThat(f.event(Event.Completed.class, "twice").totals().modelCalls()).isEqualTo(2);
  }

  @Test
  void streamsThatRunAtOnceAreNotInsideEachOther() {
    Run run = f.begun("streams");
    ModelCall first = stream();
    first.leave();
    ModelCall second = stream();
    second.leave();
    first.firstToken();
    second.end(answer(1, 2), null);
    first.end(answer(3, 4), null);
    run.end(null, Map.of());
    assertThat(f.event(Event.Completed.class, "streams").totals().tokens())
        .isEqualTo(new TokenCounts(4L, 6L, null, null, null));
    List<Event.ModelCall> calls = f.events(Event.ModelCall.class);
    assertThat(calls.get(0).values().firstTokenMicros()).isEqualTo(-1);
    assertThat(calls.get(1).values().isStreaming()).isTrue();
    assertThat(calls.get(1).values().firstTokenMicros())
        .isBetween(0L, calls.get(1).values().durationMicros());
  }

  private ModelCall stream() {
    return f.frameworks.model(new ModelRequest("fake", null, "m", true, new Object()));
  }

  @Test
  void callThatIsOpenAtTheEndOfItsRunEndsWithIt() {
    Run run = f.begun("cut");
    ModelCall call = stream();
    call.leave();
    run.cancel();
    call.end(answer(1, 1), null);
    ModelCallValues values = f.event(Event.ModelCall.class, "cut").values();
    assertThat(values.errorType()).isEqualTo("CancellationException");
    assertThat(values.metadata()).containsEntry("open_at_end", true);
    assertThat(f.event(Event.Completed.class, "cut").totals().modelCalls()).isEqualTo(1);
    assertThat(f.counters.get(Counter.AFTER_END)).isZero();
  }

  @Test
  void callsOfManyThreadsAddUp() throws Exception {
    Run run = f.begun("busy");
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          new Thread(
              () -> {
                Object entered = run.enter();
                for (int j = 0; j < 200; j++) {
                  f.frameworks.tool("t", null, null).end(null, null);
                  f.callModel("m", 3, 1);
                }
                run.leave(entered);
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    run.end(null, Map.of());
    UsageTotals last = f.event(Event.Completed.class, "busy").totals();
    assertThat(last)
        .isEqualTo(
            new UsageTotals(
                "fake-1",
                1_600,
                1_600,
                new TokenCounts(4_800L, 1_600L, null, null, null),
                null,
                null));
    // Whichever is the last event of a killed JVM: its totals hold all before it.
    int models = 0;
    for (Event event : bySeq()) {
      models += event instanceof Event.ModelCall ? 1 : 0;
      if (event.totals() != null) {
        assertThat(event.totals().modelCalls()).isGreaterThanOrEqualTo(models);
      }
    }
    assertThat(models).isEqualTo(1_600);
  }

  private List<Event> bySeq() {
    return f.events().stream()
        .sorted(Comparator.comparingInt(event -> event.header().seq()))
        .toList();
  }

  @Test
  void absurdCountsAndNamesAreNotBelieved() {
    Run run = f.begun("absurd");
    ModelCall call = f.model("m".repeat(10_000));
    call.end(
        new ModelAnswer(
            "n".repeat(10_000),
            null,
            new TokenCounts(Long.MAX_VALUE, 7L, -3L, null, null),
            Map.of("note", "x".repeat(5_000))),
        null);
    run.end(null, Map.of());
    ModelCallValues values = f.event(Event.ModelCall.class, "absurd").values();
    assertThat(values.tokens()).isEqualTo(new TokenCounts(null, 7L, null, null, null));
    assertThat(values.requestModel()).hasSize(FrameworkRecorder.NAME_BYTES_MAX);
    assertThat(values.responseModel()).hasSize(FrameworkRecorder.NAME_BYTES_MAX);
    assertThat(values.metadata())
        .containsEntry("tokens_rejected", true)
        .containsEntry("note_truncated", true);
    assertThat(f.stages().get(0)).hasSizeLessThan(FrameworkRecorder.NAME_BYTES_MAX + 10);
    assertThat(f.counters.get(Counter.VALUE_CUT)).isEqualTo(3);
  }

  @Test
  void callsBeyondTheLimitOnlyCount() {
    Run run = f.begun("endless");
    int count = FrameworkRecorder.EXECUTION_MODEL_CALLS_MAX + 3;
    for (int i = 0; i < count; i++) {
      f.frameworks.tool("t", null, null).end(null, null);
      f.callModel("m", 1, 1);
    }
    run.end(null, Map.of());
    UsageTotals totals = f.event(Event.Completed.class, "endless").totals();
    assertThat(totals.modelCalls()).isEqualTo(count);
    assertThat(totals.toolCalls()).isEqualTo(count);
    assertThat(totals.tokens().input()).isEqualTo(count);
    assertThat(f.events(Event.ModelCall.class)).hasSize(count - 3);
    assertThat(f.counters.get(Counter.MODEL_CALLS_OMITTED)).isEqualTo(3);
    assertThat(f.counters.get(Counter.TOOL_CALLS_OMITTED)).isEqualTo(3);
  }

  @Test
  void callOfAToolThatNeverReturnsIsVisibleAndEndsNothing() {
    Run run = f.begun("hung");
    f.frameworks.tool("hang", "c", null);
    assertThat(f.stages()).containsExactly("tool:hang");
    run.end(null, Map.of());
    assertThat(f.event(Event.Completed.class, "hung").totals().toolCalls()).isEqualTo(1);
  }
}
