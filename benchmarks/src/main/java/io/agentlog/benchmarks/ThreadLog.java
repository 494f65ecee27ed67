package io.agentlog.benchmarks;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The bursts of one thread of a measured JVM. A file in the folder of that JVM passes them to the
 * JVM that makes the table.
 */
final class ThreadLog {
  private static final String SUFFIX = ".thread";

  /**
   * One burst of calls.
   *
   * @param counts false for a warm-up burst
   * @param cpuNanos the thread's CPU time; negative if not measured
   */
  record Burst(
      int promptBytes,
      boolean counts,
      int calls,
      long wallNanos,
      long cpuNanos,
      long allocatedBytes) {}

  /** Whether OpenTelemetry's agent had woven the calls. */
  final boolean traced;

  final List<Burst> bursts;

  /** Nanoseconds of each call that counts; empty if calls were not timed one by one. */
  final int[] callNanos;

  ThreadLog(boolean traced, List<Burst> bursts, int[] callNanos) {
    this.traced = traced;
    this.bursts = List.copyOf(bursts);
    this.callNanos = Arrays.copyOf(callNanos, callNanos.length);
  }

  /**
   * Writes the file.
   *
   * @param thread unique in the JVM
   */
  void write(Path folder, int thread) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(Files.newOutputStream(folder.resolve(thread + SUFFIX))))) {
      out.writeBoolean(traced);
      out.writeInt(bursts.size());
      for (Burst burst : bursts) {
        out.writeInt(burst.promptBytes);
        out.writeBoolean(burst.counts);
        out.writeInt(burst.calls);
        out.writeLong(burst.wallNanos);
        out.writeLong(burst.cpuNanos);
        out.writeLong(burst.allocatedBytes);
      }
      out.writeInt(callNanos.length);
      for (int nanos : callNanos) {
        out.writeInt(nanos);
      }
    }
  }

  /** Reads the logs of all threads. */
  static List<ThreadLog> readAll(Path folder) throws IOException {
    List<ThreadLog> logs = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(SUFFIX)).toList()) {
        logs.add(read(file));
      }
    }
    return logs;
  }

  private static ThreadLog read(Path file) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      boolean traced = in.readBoolean();
      int burstCount = in.readInt();
      List<Burst> bursts = new ArrayList<>();
      for (int i = 0; i < burstCount; i++) {
        bursts.add(
            new Burst(
                in.readInt(),
                in.readBoolean(),
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readLong()));
      }
      int[] callNanos = new int[in.readInt()];
      for (int i = 0; i < callNanos.length; i++) {
        callNanos[i] = in.readInt();
      }
      return new ThreadLog(traced, bursts, callNanos);
    }
  }
}
