package io.agentlog.benchmarks;

import java.io.IOException;
import java.util.List;

/** What is attached to one measured JVM. Not thread-safe. */
interface Attachment extends AutoCloseable {
  /** Options of the JVM that is to be measured. */
  List<String> jvmOptions();

  /**
   * Tells what became of the calls, once the JVM has ended.
   *
   * @param stderr what the JVM printed there
   */
  Delivery check(String stderr, Calls calls) throws IOException;

  /** Ends what was started beside the JVM. Its folder is not ours. */
  @Override
  void close();
}
