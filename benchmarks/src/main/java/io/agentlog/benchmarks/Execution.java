package io.agentlog.benchmarks;

import java.util.UUID;

/** What is timed. A measured JVM loads one implementation alone. Thread-safe. */
interface Execution {
  /** Runs once; the result depends on both arguments. */
  int run(String prompt, UUID correlationId);
}
