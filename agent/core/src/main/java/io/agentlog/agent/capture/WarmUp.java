package io.agentlog.agent.capture;

import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.privacy.TraceOptions;
import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.agent.capture.value.PackageOpener;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;
import org.jspecify.annotations.Nullable;

/**
 * Runs every path of capture once before the application's first call, on the agent's own thread
 * and into a journal that is thrown away.
 *
 * <p>If a thread with a nearly full stack is the first to load a class, the class fails to
 * initialise and stays unusable for the life of the JVM. That can hit classes of the agent, and
 * classes of the JDK that the application needs as well, such as {@code java.util.Formatter}. The
 * run also spares the application's first call the loading.
 */
public final class WarmUp {
  private static final long JOURNAL_BYTES_MAX = 1 << 20;
  private static final int ROUTE = 0;
  private static final int STAGE = 1;
  private static final int DECISION = 2;
  private static final int FOUND = 3;
  private static final int LATER = 4;
  private static final int KNOWLEDGE = 5;

  private WarmUp() {}

  record Request(String text, @Nullable Object odd, Map<String, Object> tags) {}

  /** A parameter whose members are found by their names. */
  record Named(String prompt, UUID correlationId) {}

  @SuppressWarnings("DoNotCallSuggester") // A path calls it.
  record Result(String agent, double score, List<String> others, Map<String, Double> parts) {
    String broken() {
      throw new IllegalStateException("on purpose");
    }
  }

  private static final class Forked extends RecursiveAction {
    private static final long serialVersionUID = 1;

    @Override
    protected void compute() {}
  }

  /**
   * Never throws: a class that it can't load is loaded later, as without the warm-up.
   *
   * @param files whether file operations are recorded
   * @param traced what is recorded of prompts and knowledge
   */
  public static void run(PackageOpener opener, boolean files, TraceOptions traced) {
    ForkTags.open(opener);
    try (HeapJournal journal = new HeapJournal(new UUID(0, 0), JOURNAL_BYTES_MAX)) {
      Counters counters = new Counters();
      CaptureLimits limits = new CaptureLimits(64, 64, 256);
      Capture capture =
          new Capture(
              journal,
              limits,
              Privacy.none(),
              traced,
              new Surroundings(opener, counters),
              opener,
              counters);
      MethodPlans plans =
          new MethodPlans(
              type -> specs(),
              limits,
              opener,
              (method, path, reason) -> AgentLog.debug("warm-up", "%s %s".formatted(path, reason)));
      FileRecorder recorder = files ? FileWarmUp.recorder(capture, counters) : null;
      CaptureBridge bridge = new CaptureBridge(plans, capture, recorder, counters);
      Request request = new Request("\u4e2d".repeat(99), new Object(), Map.of("k", 1, "l", 0.5));
      execution(bridge, request, null);
      execution(bridge, request, new IllegalArgumentException("on purpose"));
      execution(bridge, request, new CancellationException());
      DeferredLog.warmUp();
      AgentLog.describe(new IllegalStateException());
    } catch (Throwable t) {
      AgentLog.debug("warm-up", AgentLog.describe(t));
    }
  }

  private static void execution(CaptureBridge bridge, Request request, @Nullable Throwable thrown) {
    Object[] arguments = {request};
    Object[] named = {new Named("text", new UUID(1, 2))};
    handOn(bridge, thrown == null);
    Object later = bridge.onEnter(WarmUp.class, LATER, null, named);
    Object first = bridge.onEnter(WarmUp.class, FOUND, null, named);
    Object outer = bridge.onEnter(WarmUp.class, ROUTE, null, arguments);
    Object inner = bridge.onEnter(WarmUp.class, ROUTE, null, arguments);
    bridge.onMetadata("key", List.of(new UUID(1, 2), "x".repeat(99)));
    bridge.onMetadata("large", "x".repeat(999));
    bridge.onProgress("stage", 101);
    bridge.onQuality(2);
    bridge.onInstructions(request.text());
    if (bridge.onRecordsIntelligence()) {
      bridge.onIntelligence(new Object[] {"name", "kind"});
      Object knowledge = bridge.onEnter(WarmUp.class, KNOWLEDGE, null, arguments);
      if (knowledge != null) {
        bridge.onExit(knowledge, List.of(request.tags(), request), null);
      }
    }
    bridge.onExecutionId();
    bridge.onCorrelationId();
    Object stage = bridge.onEnter(WarmUp.class, STAGE, null, arguments);
    Object decision = bridge.onEnter(WarmUp.class, DECISION, null, arguments);
    FileWarmUp.run(bridge);
    Result result = new Result("a", 0.5, List.of("b"), Map.of("trigger", 2.0));
    for (Object token : new Object[] {decision, stage, inner, outer, first}) {
      if (token != null) {
        bridge.onExit(token, result, thrown);
      }
    }
    if (later != null) {
      CompletableFuture<Result> future = new CompletableFuture<>();
      bridge.onExit(later, future, null);
      if (thrown == null) {
        future.complete(result);
      } else {
        future.completeExceptionally(thrown);
      }
    }
  }

  /** Makes every call that the woven JDK makes for handed-on work. */
  private static void handOn(CaptureBridge bridge, boolean last) {
    Object token = bridge.onEnter(WarmUp.class, ROUTE, null, new Object[] {new Object()});
    Object work = new Object();
    Runnable task = () -> bridge.onProgress("handed on", 1);
    bridge.onHandOn(work);
    bridge.onSubmit(task);
    bridge.onSubmit(task);
    bridge.onNotHandedOn(task);
    Thread thread = new Thread(task);
    bridge.onStartThread(thread);
    bridge.onNotHandedOn(thread);
    bridge.onStartThread(thread);
    Object entered = bridge.onEnterWork(work, last);
    if (entered != null) {
      bridge.onLeaveWork(entered);
    }
    ForkJoinTask<?> forked = new Forked();
    ForkJoinTask<?> adapted = ForkJoinTask.adapt(task);
    bridge.onHandOn(forked);
    bridge.onHandOn(adapted);
    bridge.onEnterWork(forked, last);
    bridge.onEnterWork(adapted, last);
    bridge.onWorkerRuns(task);
    task.run();
    bridge.onWorkerIdle();
    bridge.onExecutionId(); // The inherited execution's.
    if (token != null) {
      bridge.onExit(token, null, null);
    }
    bridge.onBecomeWorker();
  }

  private static List<MethodSpec> specs() {
    List<String> metadata = List.of("odd=request.odd", "tags=request.tags", "none=request.absent");
    List<String> fromResult = List.of("others=result.others", "broken=result.broken");
    return List.of(
        spec(
            "route",
            Request.class,
            new ExecutionSpec(
                "warm-up", "request.text", "request.text", "", "result.score", metadata),
            null,
            null),
        spec(
            "stage",
            Request.class,
            null,
            new StageSpec("stage", 10, StageSpec.At.BOTH, fromResult),
            null),
        spec(
            "decide",
            Request.class,
            null,
            null,
            new DecisionSpec(
                "result.agent",
                "result.score",
                "result.agent",
                "request.text",
                "result.others",
                "result.parts")),
        spec(
            "find",
            Named.class,
            new ExecutionSpec("warm-up", "", "", "", "", List.of()),
            null,
            null),
        spec(
            "later",
            Named.class,
            CompletableFuture.class,
            new ExecutionSpec("warm-up", "", "", "", "", List.of()),
            null,
            null),
        spec("know", Request.class, null, null, null)
            .marked(
                null,
                new IntelligenceSpec(
                    "t", "s", "", "", "result", "", "item.text", "", "", "request.text", "")));
  }

  private static MethodSpec spec(
      String name,
      Class<?> parameter,
      @Nullable ExecutionSpec execution,
      @Nullable StageSpec stage,
      @Nullable DecisionSpec decision) {
    return spec(name, parameter, Result.class, execution, stage, decision);
  }

  private static MethodSpec spec(
      String name,
      Class<?> parameter,
      Class<?> result,
      @Nullable ExecutionSpec execution,
      @Nullable StageSpec stage,
      @Nullable DecisionSpec decision) {
    String descriptor =
        "(L"
            + parameter.getName().replace('.', '/')
            + ";)L"
            + result.getName().replace('.', '/')
            + ";";
    return new MethodSpec(
        WarmUp.class.getName(),
        name,
        descriptor,
        true,
        List.of(new ParameterSpec("request", Set.of(), null)),
        execution,
        stage,
        decision);
  }
}
