package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the application's code does while the agent reads its values is not recorded. */
class ReadingTest {
  private static CaptureBridge bridge;

  private final Counters counters = new Counters();

  /** A request whose getters run recorded code. */
  public static final class Request {
    private int reads;
    private final Runnable task = new Thread();

    public String prompt() {
      reads++;
      assertThat(bridge.onEnter(ReadingTest.class, 0, null, new Object[] {this})).isNull();
      bridge.onProgress("in a getter", 1);
      bridge.onMetadata("key", this);
      bridge.onSubmit(task);
      return "read " + reads;
    }
  }

  @BeforeEach
  void makeBridge() {
    CaptureLimits limits = new CaptureLimits(1_000, 500, 1_000);
    MethodSpec spec =
        new MethodSpec(
            ReadingTest.class.getName(),
            "execution",
            "(L" + Request.class.getName().replace('.', '/') + ";)V",
            true,
            List.of(new ParameterSpec("request", Set.of(), null)),
            new ExecutionSpec(
                "agent", "request.prompt", "", "", "request.prompt", List.of("m=request.prompt")),
            null,
            null);
    MethodPlans plans =
        new MethodPlans(type -> List.of(spec), limits, type -> {}, (method, path, reason) -> {});
    HeapJournal journal = new HeapJournal(new UUID(1, 2), 8 << 20);
    bridge = new CaptureBridge(plans, new Capture(journal, limits, type -> {}, counters), counters);
  }

  @Test
  void getterThatRunsRecordedCodeIsReadOnceForEachValueAndRecordsNothing() {
    Request request = new Request();
    Object[] arguments = {request};
    Execution execution = (Execution) bridge.onEnter(ReadingTest.class, 0, null, arguments);
    assertThat(execution).isNotNull();
    assertThat(request.reads).isEqualTo(2); // The prompt and the metadata.
    assertThat(bridge.onExecutionId()).isEqualTo(execution.id());
    bridge.onExit(execution, null, null);
    assertThat(request.reads).isEqualTo(3); // The quality score.
    assertThat(bridge.onExecutionId()).isNull();
    assertThat(counters.get(Counter.EXECUTIONS_STARTED)).isEqualTo(1);
    assertThat(counters.get(Counter.EVENTS_RECORDED)).isEqualTo(2);
    assertThat(counters.get(Counter.SUPPRESSED)).isZero();
    bridge.onWorkerRuns(request.task);
    assertThat(bridge.onExecutionId()).isNull();
  }
}
