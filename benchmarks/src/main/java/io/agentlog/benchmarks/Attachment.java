package io.agentlog.benchmarks;

import java.io.IOException;
import java.util.List;

/** An agent, or none, attached to one measured JVM. Not thread-safe. */
interface Attachment extends AutoCloseable {
  /** Options of the JVM that is to be measured. */
  List<String> jvmOptions();

  /**
   * Counts what was recorded and delivered of the calls, after the JVM has ended.
   *
   * @param stderr the JVM's whole output there
   */
  Delivery check(String stderr, Calls calls) throws IOException;

  /** Ends processes and sockets started beside the JVM. The caller removes the folder. */
  @Override
  void close();
}
