package io.agentlog.sample.router;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;

/**
 * Answers one request per line until the input ends. Blank lines are skipped. One thread runs the
 * loop; any thread may call {@link #stop()}.
 */
final class LineLoop implements ServiceLoop {
  private final BufferedReader in;
  private final PrintStream out;
  private final RequestAnswerer answerer;
  private final long requestsMax;
  private volatile boolean stopRequested;
  private volatile boolean waiting;

  /**
   * @param requestsMax number of requests after which the loop ends; {@link Long#MAX_VALUE} for no
   *     end
   */
  LineLoop(BufferedReader in, PrintStream out, RequestAnswerer answerer, long requestsMax) {
    this.in = in;
    this.out = out;
    this.answerer = answerer;
    this.requestsMax = requestsMax;
  }

  @Override
  public void run() throws IOException {
    for (long requests = 0; requests < requestsMax && !stopRequested; requests++) {
      waiting = true;
      String line = in.readLine();
      waiting = false;
      if (line == null) {
        return;
      }
      if (line.isBlank()) {
        requests--;
        continue;
      }
      out.println(answerer.answerLine(line).json());
      if (out.checkError()) {
        throw new IOException("standard output is closed");
      }
    }
  }

  @Override
  public void stop() {
    stopRequested = true;
  }

  /** Returns whether the loop waits for a line. A read can't be interrupted, but may be left. */
  @Override
  public boolean mayBeLeft() {
    return waiting;
  }
}
