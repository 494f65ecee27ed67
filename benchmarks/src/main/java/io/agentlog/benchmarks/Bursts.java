package io.agentlog.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Arguments of the calls of one thread, and the pause after each burst of them. Not thread-safe:
 * each thread has its own.
 *
 * <p>A pause lasts until the files that the agent writes have stopped growing, for longer than the
 * agent's other reader, which follows what runs, takes between two looks: the next burst finds the
 * hand-off empty. All threads at once hand over at most 6 MiB a burst; the hand-off holds 64 MiB.
 * Without an agent the pause has its shortest length.
 */
@State(Scope.Thread)
public class Bursts {
  /** Names the folder of the agent's files; not set without an agent. */
  static final String FOLDER_PROPERTY = "agentlog.benchmark.folder";

  /** Of all threads. */
  private static final int BURST_BYTES = 6 << 20;

  /** Four records of one execution beside the prompt, rounded up. */
  private static final int EXECUTION_BYTES = 1_500;

  private static final int CORRELATION_IDS = 1_000;
  private static final long QUIET_NANOS = 150_000_000L;
  private static final long POLL_NANOS = 4_000_000L;
  private static final long DRAIN_NANOS_MAX = TimeUnit.SECONDS.toNanos(20);

  private final @Nullable String folder = System.getProperty(FOLDER_PROPERTY);
  private final UUID[] correlationIds = new UUID[CORRELATION_IDS];
  private String prompt = "";
  private int burstCalls;
  private int callsLeft;

  /** Length of the prompt, in characters of one byte each. */
  @Param({"1024", "16384"})
  public int promptBytes;

  @Setup
  public void prepare(ThreadParams threads) {
    String sentence = "Route this request to the agent that knows best, please. ";
    prompt = sentence.repeat(promptBytes / sentence.length() + 1).substring(0, promptBytes);
    for (int i = 0; i < correlationIds.length; i++) {
      correlationIds[i] = UUID.randomUUID();
    }
    burstCalls = BURST_BYTES / (promptBytes + EXECUTION_BYTES) / threads.getThreadCount();
  }

  /** Not timed. */
  @Setup(Level.Invocation)
  public void pauseAfterBurst() {
    if (callsLeft == 0) {
      pause();
      callsLeft = burstCalls;
    }
    callsLeft--;
  }

  String prompt() {
    return prompt;
  }

  UUID correlationId() {
    return correlationIds[callsLeft % CORRELATION_IDS];
  }

  private void pause() {
    long begin = System.nanoTime();
    long quietSince = begin;
    long bytesBefore = bytesWritten();
    while (System.nanoTime() - quietSince < QUIET_NANOS) {
      LockSupport.parkNanos(this, POLL_NANOS);
      long bytes = bytesWritten();
      if (bytes != bytesBefore) {
        bytesBefore = bytes;
        quietSince = System.nanoTime();
      }
      if (System.nanoTime() - begin > DRAIN_NANOS_MAX) {
        throw new IllegalStateException("the agent's files still grow after 20 s of no calls");
      }
    }
  }

  private long bytesWritten() {
    if (folder == null) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(Path.of(folder))) {
      List<Path> all = files.filter(Files::isRegularFile).toList();
      long bytes = 0;
      for (Path file : all) {
        bytes += Files.size(file);
      }
      return bytes;
    } catch (NoSuchFileException e) {
      return -1; // Removed while it was looked at: something changes.
    } catch (IOException e) {
      throw new UncheckedIOException("the agent's files can't be seen", e);
    }
  }
}
