package io.agentlog.benchmarks;

import io.agentlog.annotations.AgentExecution;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does it cost to open, read and close a file of 1 KiB, where the agent records file
 * operations?
 *
 * <p>Method: {@code outside} reads in no execution. {@code again} reads the same file {@value
 * #READS} times in an execution, which is one operation. {@code elsewhere} reads in an execution a
 * file that is not of the project. Both include their share of the execution. {@link FileReads}
 * runs them without and with the agent.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
@Fork(3)
@State(Scope.Thread)
public class FileReadBenchmark {
  static final int READS = 1_000;
  private static final int FILE_BYTES = 1_024;

  private final byte[] buffer = new byte[FILE_BYTES];
  private Path ofProject = Path.of("");
  private Path elsewhere = Path.of("");

  /** Runs an execution, so that every class is woven. */
  @Setup
  public void makeFiles() throws IOException {
    ofProject = Files.createTempFile(Path.of("").toAbsolutePath(), "agentlog-read-", ".txt");
    elsewhere = Files.createTempFile("agentlog-read-", ".txt");
    Files.write(ofProject, buffer);
    Files.write(elsewhere, buffer);
    again();
  }

  @TearDown
  public void deleteFiles() throws IOException {
    Files.delete(ofProject);
    Files.delete(elsewhere);
  }

  @Benchmark
  public int outside() throws IOException {
    return read(ofProject);
  }

  @Benchmark
  @OperationsPerInvocation(READS)
  public int again() throws IOException {
    return readOften(ofProject);
  }

  @Benchmark
  @OperationsPerInvocation(READS)
  public int elsewhere() throws IOException {
    return readOften(elsewhere);
  }

  @AgentExecution("file-reads")
  private int readOften(Path file) throws IOException {
    int sum = 0;
    for (int i = 0; i < READS; i++) {
      sum += read(file);
    }
    return sum;
  }

  private int read(Path file) throws IOException {
    try (FileInputStream in = new FileInputStream(file.toFile())) {
      int count = in.read(buffer);
      if (count != FILE_BYTES) {
        throw new EOFException(file + " has " + count + " bytes");
      }
      return count;
    }
  }
}
