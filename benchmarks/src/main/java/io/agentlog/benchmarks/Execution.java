package io.agentlog.benchmarks;

import java.util.UUID;

/** The timed work. A measured JVM loads only one implementation. Thread-safe. */
interface Execution {
  /** Runs once; the result depends on both arguments. */
  int run(String prompt, UUID correlationId);
}
