package io.agentlog.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;

/** The agent's log while a test runs, line by line. */
public final class CapturedLog implements AutoCloseable {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream before = AgentLog.redirect(new PrintStream(bytes, true, UTF_8));

  /** Lines so far. */
  public List<String> lines() {
    return bytes.toString(UTF_8).lines().toList();
  }

  @Override
  public void close() {
    AgentLog.redirect(before);
  }
}
