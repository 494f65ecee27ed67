package io.agentlog.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The lower limit for any journal in a mapped file. Each of the four records is a claim by {@code
 * getAndAdd}, a reading of the clock and a copy of ready bytes into touched pages. No weaving,
 * values, encoding, checksum or publication. Thread-safe.
 */
final class RawExecution implements Execution {
  /** Length of the file, which is written again from its start when full; a power of two. */
  private static final int RING_BYTES = 8 << 20;

  private static final int PAGE_BYTES = 4_096;

  /** About as our records are: 1,400 bytes for an execution with a prompt of 1 KiB. */
  private static final int STARTED_BYTES_BESIDE_PROMPT = 126;

  private static final int PROGRESS_BYTES = 80;
  private static final int COMPLETED_BYTES = 90;

  private final AtomicLong claimed = new AtomicLong();
  private final MappedByteBuffer ring;
  private final byte[] record;

  /**
   * Maps and touches the file.
   *
   * @param promptBytesMax length of the longest prompt
   */
  RawExecution(Path folder, int promptBytesMax) {
    record = new byte[STARTED_BYTES_BESIDE_PROMPT + promptBytesMax];
    int mappedBytes = RING_BYTES + record.length; // The last record may go beyond the end.
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve("raw"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      ring = channel.map(FileChannel.MapMode.READ_WRITE, 0, mappedBytes);
    } catch (IOException e) {
      throw new UncheckedIOException("can't map the file", e);
    }
    for (int at = 0; at < mappedBytes; at += PAGE_BYTES) {
      ring.put(at, (byte) 0);
    }
  }

  @Override
  public int run(String prompt, UUID correlationId) {
    return append(STARTED_BYTES_BESIDE_PROMPT + prompt.length())
        + append(PROGRESS_BYTES)
        + append(PROGRESS_BYTES)
        + append(COMPLETED_BYTES);
  }

  private int append(int lengthBytes) {
    int at = (int) claimed.getAndAdd((lengthBytes + 7) & -8) & (RING_BYTES - 1);
    int time = (int) System.nanoTime();
    ring.put(at, record, 0, lengthBytes);
    return time;
  }
}
