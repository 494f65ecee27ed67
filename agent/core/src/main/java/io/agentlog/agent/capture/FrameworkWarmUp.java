package io.agentlog.agent.capture;

import io.agentlog.agent.capture.framework.FrameworkCapture;
import io.agentlog.agent.capture.framework.FrameworkOptions;
import io.agentlog.agent.capture.framework.ModelAnswer;
import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.ModelRequest;
import io.agentlog.agent.capture.framework.Retrieval;
import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.capture.framework.RunStart;
import io.agentlog.agent.capture.framework.ToolCall;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.prices.Pricing;
import io.agentlog.event.Event;
import io.agentlog.event.TokenCounts;
import io.agentlog.log.AgentLog;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Runs every path of the capture of frameworks once before the first call of one, into a journal
 * that is thrown away, for the reason that {@link WarmUp} gives.
 */
final class FrameworkWarmUp {
  private static final long JOURNAL_BYTES_MAX = 1 << 20;

  private FrameworkWarmUp() {}

  /** Never throws: a class that it can't load is loaded later, as without the warm-up. */
  static void run(FrameworkOptions options) {
    try (HeapJournal journal = new HeapJournal(new UUID(0, 0), JOURNAL_BYTES_MAX)) {
      Counters counters = new Counters();
      CaptureLimits limits = new CaptureLimits(64, 64, 256);
      Capture capture = new Capture(journal, limits, type -> {}, counters);
      MethodPlans plans =
          new MethodPlans(type -> List.of(), limits, type -> {}, (method, path, reason) -> {});
      CaptureBridge bridge = new CaptureBridge(plans, capture, counters);
      FrameworkCapture frameworks = FrameworkRecording.cold(bridge, capture, options, Pricing.NONE);
      Run around = frameworks.begin(start());
      Run elsewhere = frameworks.beginElsewhere(start());
      if (around != null && elsewhere != null) {
        call(frameworks, around, null);
        call(frameworks, elsewhere, new IllegalStateException("on purpose"));
      }
    } catch (Throwable t) {
      AgentLog.debug("warm-up", AgentLog.describe(t));
    }
  }

  private static RunStart start() {
    return new RunStart(
        Event.Kind.AGENT, "warm-up", "c", new UUID(1, 2), Map.of("framework", Map.of("name", "n")));
  }

  private static void call(FrameworkCapture frameworks, Run run, @Nullable Throwable thrown) {
    Object entered = run.enter();
    run.start("\u4e2d".repeat(99), "instructions", Map.of());
    ModelCall model = frameworks.model(new ModelRequest("warm-up", null, "m", true, frameworks));
    ToolCall tool = frameworks.tool("tool", "call", "arguments");
    frameworks.stage("stage", Map.of("key", 1));
    frameworks.knowledge(
        new Retrieval(
            "document",
            "source",
            null,
            null,
            1,
            List.of(new Retrieval.Item("id", null, 0.5, 1, true, null))));
    if (tool != null) {
      tool.end("result", thrown == null ? null : "error");
    }
    if (model != null) {
      model.firstToken();
      model.leave();
      TokenCounts tokens = new TokenCounts(1L, 1L, 1L, 1L, 1L);
      model.end(new ModelAnswer("m", "stop", tokens, Map.of()), thrown);
    }
    frameworks.current();
    run.leave(entered);
    run.leaveBegun();
    run.end(thrown, Map.of("end", true));
    run.cancel();
  }
}
