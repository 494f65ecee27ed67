package io.agentlog.sample.router;

import java.io.IOException;

/** Where requests come from and answers go to. */
interface ServiceLoop {
  /** Answers requests until there are no more or {@link #stop()} is called. */
  void run() throws IOException;

  /** Asks the loop to end after the request in hand. Any thread; returns at once. */
  void stop();

  /** Whether the process may end although {@link #run()} has not returned. */
  boolean mayBeLeft();
}
