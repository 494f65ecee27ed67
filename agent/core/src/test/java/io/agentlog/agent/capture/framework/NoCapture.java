package io.agentlog.agent.capture.framework;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records nothing. */
public final class NoCapture implements FrameworkCapture {
  @Override
  public @Nullable Run begin(RunStart start) {
    return null;
  }

  @Override
  public @Nullable Run beginElsewhere(RunStart start) {
    return null;
  }

  @Override
  public @Nullable Run current() {
    return null;
  }

  @Override
  public @Nullable ToolCall tool(String name, @Nullable String callId, @Nullable Object arguments) {
    return null;
  }

  @Override
  public @Nullable ModelCall model(ModelRequest request) {
    return null;
  }

  @Override
  public void stage(String name, Map<String, @Nullable Object> metadata) {}
}
