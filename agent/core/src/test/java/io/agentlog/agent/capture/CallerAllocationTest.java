package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.agentlog.agent.bootstrap.AgentBridge;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.EventBuffer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: on its caller's thread, before the journal, an execution with two stages and a prompt of 1
 * KiB allocates only its handle and the array of its arguments, compiled or not. Method: allocated
 * bytes of the thread, around calls of the bridge.
 */
class CallerAllocationTest {
  /** 96 for the handle and 24 for two arguments; 8 are room for a field, but for no object. */
  private static final long BYTES_MAX = 128;

  /** The smallest round counts, because any other may load a class or read the clock. */
  private static final int ROUND_COUNT = 1_000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final String prompt = "Route this request, please. ".repeat(40).substring(0, 1024);
  private final UUID correlationId = new UUID(1, 2);
  private final Counters counters = new Counters();

  @BeforeEach
  void install() {
    CaptureLimits limits = new CaptureLimits(256 * 1024, 8 * 1024, 32 * 1024);
    MethodPlans plans =
        new MethodPlans(type -> SPECS, limits, type -> {}, (method, path, reason) -> {});
    Capture capture = new Capture(new ForgetfulJournal(), limits, type -> {}, counters);
    AgentBridge.install(new CaptureBridge(plans, capture, counters));
  }

  @AfterEach
  void uninstall() {
    AgentBridge.install(null);
  }

  @Test
  void executionAllocatesItsHandleAndItsArguments() {
    long fewest = Long.MAX_VALUE;
    for (int i = 0; i < ROUND_COUNT; i++) {
      fewest = Math.min(fewest, bytesOf(this::handleCall));
    }
    assertThat(fewest).isLessThanOrEqualTo(BYTES_MAX + promptCopyBytes());
    assertThat(counters.get(Counter.EVENTS_RECORDED)).isEqualTo(4 * ROUND_COUNT);
  }

  /** Every virtual thread makes a first execution, and there may be a million of them. */
  @Test
  void firstExecutionOfAThreadAllocatesNoMore() throws Exception {
    bytesOf(this::handleCall); // Loads the classes.
    long[] bytes = {0};
    Thread thread = new Thread(() -> bytes[0] = bytesOf(this::handleCall));
    thread.start();
    thread.join();
    assertThat(bytes[0]).isBetween(1L, BYTES_MAX + promptCopyBytes());
  }

  private long bytesOf(IntSupplier call) {
    long before = threads.getCurrentThreadAllocatedBytes();
    int result = call.getAsInt();
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(result).isNotZero();
    return bytes;
  }

  /** 0 if {@code java.lang} is open, as for the agent, which then reads a string's own bytes. */
  private long promptCopyBytes() {
    return String.class.getModule().isOpen("java.lang", EventBuffer.class.getModule())
        ? 0
        : bytesOf(() -> prompt.getBytes(StandardCharsets.ISO_8859_1).length);
  }

  private int handleCall() {
    return handle(prompt, correlationId);
  }

  private int handle(String prompt, UUID correlationId) {
    Object token = AgentBridge.enter(getClass(), 0, this, new Object[] {prompt, correlationId});
    int result = read(prompt) + answer(correlationId);
    AgentBridge.exit(token, null, null);
    return result;
  }

  private int read(String prompt) {
    AgentBridge.exit(AgentBridge.enter(getClass(), 1, this, null), null, null);
    return prompt.length();
  }

  private int answer(UUID correlationId) {
    AgentBridge.exit(AgentBridge.enter(getClass(), 2, this, null), null, null);
    return (int) correlationId.getLeastSignificantBits();
  }

  private static final List<MethodSpec> SPECS =
      List.of(
          new MethodSpec(
              CallerAllocationTest.class.getName(),
              "handle",
              "(Ljava/lang/String;Ljava/util/UUID;)I",
              false,
              List.of(
                  new ParameterSpec("prompt", Set.of(), null),
                  new ParameterSpec("correlationId", Set.of(), null)),
              new ExecutionSpec("caller-cost", "", "", "", "", List.of()),
              null,
              null),
          stage("read", "(Ljava/lang/String;)I", 50),
          stage("answer", "(Ljava/util/UUID;)I", 90));

  private static MethodSpec stage(String name, String descriptor, int percent) {
    return new MethodSpec(
        CallerAllocationTest.class.getName(),
        name,
        descriptor,
        false,
        List.of(new ParameterSpec("argument", Set.of(), null)),
        null,
        new StageSpec(name, percent, StageSpec.At.ENTRY, List.of()),
        null);
  }
}
