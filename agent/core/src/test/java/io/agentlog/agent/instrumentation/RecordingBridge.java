package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Records the calls of woven code, one line each. */
final class RecordingBridge extends AgentBridge implements AutoCloseable {
  final List<String> calls = new ArrayList<>();

  boolean recordsIntelligence = true;

  private record Token(String method) {}

  RecordingBridge() {
    install(this);
  }

  @Override
  protected Object onEnter(Class<?> type, int plan, Object self, Object[] arguments) {
    String method = type.getSimpleName() + "#" + plan;
    calls.add(
        "enter " + method + (arguments == null ? "" : " " + java.util.Arrays.asList(arguments)));
    return new Token(method);
  }

  @Override
  protected Object onExit(Object token, Object result, Throwable thrown) {
    String method = ((Token) token).method();
    calls.add("exit " + method + " " + (thrown == null ? result : thrown));
    return result;
  }

  @Override
  protected UUID onExecutionId() {
    return new UUID(1, 2);
  }

  @Override
  protected UUID onCorrelationId() {
    return new UUID(3, 4);
  }

  @Override
  protected void onMetadata(String key, Object value) {
    calls.add("metadata " + key + "=" + value);
  }

  @Override
  protected void onProgress(String stage, int percent) {
    calls.add("progress " + stage + " " + percent);
  }

  @Override
  protected void onQuality(double score) {
    calls.add("quality " + score);
  }

  @Override
  protected void onInstructions(String instructions) {
    calls.add("instructions " + instructions);
  }

  @Override
  protected boolean onRecordsIntelligence() {
    return recordsIntelligence;
  }

  @Override
  protected void onIntelligence(Object[] values) {
    calls.add("intelligence " + java.util.Arrays.asList(values));
  }

  @Override
  public void close() {
    install(null);
  }

  @Override
  protected void onHandOn(Object work) {}

  @Override
  protected void onUseTag(java.util.concurrent.ForkJoinTask<?> task) {}

  @Override
  protected void onSubmit(Runnable task) {}

  @Override
  protected void onNotHandedOn(Object work) {}

  @Override
  protected void onStartThread(Thread thread) {}

  @Override
  protected void onBecomeWorker() {}

  @Override
  protected Object onEnterWork(Object work, boolean last) {
    return null;
  }

  @Override
  protected void onLeaveWork(Object entered) {}

  @Override
  protected void onWorkerRuns(Object task) {}

  @Override
  protected void onWorkerIdle() {}

  @Override
  protected Object onEnterFile(int call, int mode, Object first, Object second) {
    return null;
  }

  @Override
  protected void onExitFile(Object token, Object result, Throwable thrown) {}

  @Override
  protected boolean onNeedsLogContext(Object event) {
    return false;
  }

  @Override
  protected Map<String, String> onLogContext(Object event, Map<String, String> context) {
    return context;
  }

  @Override
  protected Object onLogData(@Nullable Object own, Object data) {
    return data;
  }
}
