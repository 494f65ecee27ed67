package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.agentlog.agent.capture.framework.FrameworkCapture;
import io.agentlog.agent.capture.framework.FrameworkOptions;
import io.agentlog.agent.capture.framework.ModelAnswer;
import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.ModelRequest;
import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.capture.framework.RunStart;
import io.agentlog.agent.capture.framework.ToolCall;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.agent.prices.Pricing;
import io.agentlog.event.Event;
import io.agentlog.event.TokenCounts;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Goal: a run with a model's call and a tool's call allocates at most 2 KiB on its caller's thread.
 * Method: allocated bytes of the thread, around calls of the capture, compiled or not.
 */
class FrameworkAllocationTest {
  private static final long BYTES_MAX = 2 * 1024;
  private static final int ROUND_COUNT = 20_000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final Counters counters = new Counters();
  private final FrameworkCapture frameworks = frameworks();
  private final Object model = new Object();
  private final String prompt = "Add the numbers, please. ".repeat(41).substring(0, 1024);
  private final Map<String, Object> framework = Map.of("name", "fake", "version", "1.0");

  private FrameworkCapture frameworks() {
    CaptureLimits limits = new CaptureLimits(256 * 1024, 8 * 1024, 32 * 1024);
    Capture capture = new Capture(new ForgetfulJournal(), limits, type -> {}, counters);
    MethodPlans plans =
        new MethodPlans(type -> List.of(), limits, type -> {}, (method, path, reason) -> {});
    CaptureBridge bridge = new CaptureBridge(plans, capture, counters);
    return FrameworkRecording.of(bridge, capture, FrameworkOptions.DEFAULT, Pricing.NONE);
  }

  @Test
  void runWithAModelAndAToolAllocatesLittle() {
    long fewest = Long.MAX_VALUE;
    long fastest = Long.MAX_VALUE;
    for (int i = 0; i < ROUND_COUNT; i++) {
      long bytesBefore = threads.getCurrentThreadAllocatedBytes();
      long before = System.nanoTime();
      run();
      fastest = Math.min(fastest, System.nanoTime() - before);
      fewest = Math.min(fewest, threads.getCurrentThreadAllocatedBytes() - bytesBefore);
    }
    System.out.printf("a run: %d bytes, %d ns at best%n", fewest, fastest);
    assertThat(counters.get(Counter.EVENTS_RECORDED)).isEqualTo(6 * ROUND_COUNT);
    assertThat(fewest).isLessThanOrEqualTo(BYTES_MAX + prompt.length());
  }

  private void run() {
    Run run =
        frameworks.begin(
            new RunStart(
                Event.Kind.AI_SERVICE,
                "assistant",
                null,
                null,
                getClass(),
                Map.of("framework", framework)));
    run.start(prompt, null, Map.of());
    ModelCall call = frameworks.model(new ModelRequest("fake", "maker", "fake-1", false, model));
    call.end(
        new ModelAnswer("fake-1", "stop", new TokenCounts(12L, 5L, null, null, null), Map.of()),
        null);
    ToolCall tool = frameworks.tool("add", "call-1", "{}");
    tool.end("3", null);
    run.end(null, Map.of());
  }
}
