package io.agentlog.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;

/** Captures the agent's log during a test, line by line. */
public final class CapturedLog implements AutoCloseable {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream before = AgentLog.redirect(new PrintStream(bytes, true, UTF_8));

  /** Returns the lines so far. */
  public List<String> lines() {
    return bytes.toString(UTF_8).lines().toList();
  }

  @Override
  public void close() {
    AgentLog.redirect(before);
  }
}
