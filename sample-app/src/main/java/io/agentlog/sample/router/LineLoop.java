package io.agentlog.sample.router;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;

/**
 * Answers one request per line until the input ends. Blank lines are passed over. One thread runs
 * it; any thread may call {@link #stop()}.
 */
final class LineLoop implements ServiceLoop {
  private final BufferedReader in;
  private final PrintStream out;
  private final RequestAnswerer answerer;
  private final long requestsMax;
  private volatile boolean stopRequested;
  private volatile boolean waiting;

  /**
   * @param requestsMax ends after so many requests; {@link Long#MAX_VALUE} for no end
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

  /** Reading a line can't be interrupted, and nothing is lost by leaving a thread that does it. */
  @Override
  public boolean mayBeLeft() {
    return waiting;
  }
}
