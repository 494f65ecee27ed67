package io.agentlog.sample.router;

import java.io.IOException;

/** Takes requests from a source and sends the answers. */
interface ServiceLoop {
  /** Answers requests until there are no more or {@link #stop()} is called. */
  void run() throws IOException;

  /** Asks the loop to end after the current request. Any thread; returns at once. */
  void stop();

  /** Returns whether the process may end although {@link #run()} has not returned. */
  boolean mayBeLeft();
}
