package io.agentlog.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A {@link SpanSink} in a process of its own. Not thread-safe. */
final class SpanSinkProcess implements AutoCloseable {
  private final Process process;
  private final int port;
  private final Path counts;

  private SpanSinkProcess(Process process, int port, Path counts) {
    this.process = process;
    this.port = port;
    this.counts = counts;
  }

  /** Starts a sink; returns when it accepts requests. */
  static SpanSinkProcess start(Path folder) throws IOException {
    Path counts = folder.resolve(SpanSink.FILE_NAME);
    Process process =
        new ProcessBuilder(
                MeasuredProcess.command(List.of("-Xmx64m"), SpanSink.class, counts.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String port = out.readLine();
    if (port == null) {
      throw new IOException("the span sink did not start");
    }
    return new SpanSinkProcess(process, Integer.parseInt(port), counts);
  }

  int port() {
    return port;
  }

  /** Spans accepted so far. */
  long spans() throws IOException {
    return SpanSink.spansIn(counts);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
