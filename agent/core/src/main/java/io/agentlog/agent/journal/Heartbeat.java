package io.agentlog.agent.journal;

import io.agentlog.files.PrivateFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sign of life of the JVM that uses a directory: a small file that changes every second. A free
 * lock alone does not prove that a JVM is dead, see {@link DirectoryLock}. Whoever wants to adopt a
 * directory also sees its heartbeat stand still for {@link #STILL_NANOS}, or its process gone.
 *
 * <pre>
 *  0000a1b2c3d4e5f6 BOOT-ID pid:[4026531836] 4711
 *  a time of this JVM | where its number of a process means something | that number
 * </pre>
 *
 * <p>A JVM of an older agent has no heartbeat. Instances are not thread-safe.
 */
public final class Heartbeat {
  static final String FILE = "alive";

  /**
   * Longer than a heartbeat can stand still while its JVM lives: it shares a thread with the forces
   * of new segments, which take seconds on a busy disk. A JVM that is stopped for longer keeps its
   * lock.
   */
  static final long STILL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final long POLL_NANOS = 50_000_000L;
  private static final int BYTES_MAX = 256;
  private static final Path PROCESSES = Path.of("/proc");

  /** Where and as which process this JVM runs; ends in a number only where that proves anything. */
  private static final String SELF = self();

  private final Map<Path, String> seen = new HashMap<>();
  private long lookedNanos;

  /** Looks at a directory whose lock may be free, and removes its spare segments if it is. */
  public void look(Path directory) throws IOException {
    if (!JournalDirectory.isInUse(directory)) {
      JournalDirectory.removeSpares(directory);
      String beat = read(directory);
      seen.put(directory, beat);
      if (!isProof(beat)) {
        lookedNanos = System.nanoTime();
      }
    }
  }

  /**
   * Waits until each heartbeat that was seen is seen to stand still, unless it is asked to stop.
   */
  public void awaitStandstill(BooleanSupplier stopRequested) {
    long since = lookedNanos;
    while (since != 0 && System.nanoTime() - since < STILL_NANOS && !stopRequested.getAsBoolean()) {
      LockSupport.parkNanos(this, POLL_NANOS);
    }
  }

  /** The heartbeat seen by {@link #look}; null if the directory was in use or not seen. */
  public @Nullable String seenIn(Path directory) {
    return seen.get(directory);
  }

  /** The directories that were seen. */
  public List<Path> directories() {
    return List.copyOf(seen.keySet());
  }

  /** A directory that was seen has been adopted and closed again meanwhile. */
  public void closed(Path directory) {
    seen.put(directory, "");
  }

  /** Changes the heartbeat of a directory that this JVM uses. */
  static void beat(Path directory) throws IOException {
    String text = Long.toHexString(System.nanoTime() | Long.MIN_VALUE) + SELF;
    Set<OpenOption> options =
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    try (SeekableByteChannel file =
        Files.newByteChannel(directory.resolve(FILE), options, PrivateFolder.rights("rw-------"))) {
      file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }
  }

  /** Returns the heartbeat; empty if there is none. */
  static String read(Path directory) throws IOException {
    Set<OpenOption> options = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    try (SeekableByteChannel file = Files.newByteChannel(directory.resolve(FILE), options)) {
      ByteBuffer bytes = ByteBuffer.allocate(BYTES_MAX);
      int length = file.read(bytes);
      return new String(bytes.array(), 0, Math.max(0, length), StandardCharsets.US_ASCII);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** Ends the heartbeat of a directory that this JVM no longer uses. */
  static void end(Path directory) {
    try {
      Files.deleteIfExists(directory.resolve(FILE));
    } catch (IOException e) {
      // Then it stands still.
    }
  }

  /** Identity of the running kernel; empty if it can't be told. */
  static String bootId() {
    try {
      return Files.readString(PROCESSES.resolve("sys/kernel/random/boot_id")).trim();
    } catch (IOException | RuntimeException e) { // No Linux, or a security manager.
      return "";
    }
  }

  /** True if a heartbeat need not be watched. */
  static boolean isProof(String beat) {
    int number = beat.lastIndexOf(' ');
    return beat.isEmpty()
        // The numbers of processes are those that this JVM sees, and none of them is this one.
        || (number > 0
            && SELF.startsWith(beat.substring(beat.indexOf(' '), number + 1))
            && !Files.exists(PROCESSES.resolve(beat.substring(number + 1))));
  }

  private static String self() {
    String boot = bootId();
    try {
      Path space = Files.readSymbolicLink(PROCESSES.resolve("self/ns/pid"));
      return boot.isEmpty() ? "" : " " + boot + " " + space + " " + ProcessHandle.current().pid();
    } catch (IOException | RuntimeException e) {
      return "";
    }
  }
}
