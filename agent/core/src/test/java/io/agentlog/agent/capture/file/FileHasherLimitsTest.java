package io.agentlog.agent.capture.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.FileOperationType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Queue, memory and end of the hasher. */
class FileHasherLimitsTest extends FileHasherFixture {
  @Test
  void fullQueueRefusesAndCounts() throws Exception {
    Path file = old(write("a.txt", "one"));
    FileState end = FileState.of(file);
    for (int i = 0; i < FileHasher.REQUESTS_MAX; i++) {
      assertThat(request(FileOperationType.READ, file, null, end)).isNotNull();
    }
    HashRequest more =
        new HashRequest(file, null, end, FileOperationType.READ, new UUID(0, 1), "more");
    assertThat(hasher.offer(more)).isFalse();
    assertThat(counters.get(Counter.FILES_NOT_HASHED)).isEqualTo(1);
    start();
    answered();
    assertThat(told).hasSize(FileHasher.REQUESTS_MAX);
    assertThat(hasher.offer(more)).isTrue();
  }

  @Test
  void knownHashesMakeRoomForOthers() throws Exception {
    KnownHashes known = new KnownHashes();
    FileState state = new FileState(1, 1, null, true);
    for (int i = 0; i < KnownHashes.FILES_MAX + 1; i++) {
      known.put(Path.of("/a/" + i), state, "hash");
      known.find(Path.of("/a/0"), state); // Used, and therefore kept.
    }
    assertThat(known.count()).isEqualTo(KnownHashes.FILES_MAX);
    assertThat(known.find(Path.of("/a/0"), state)).isEqualTo("hash");
    assertThat(known.find(Path.of("/a/1"), state)).isNull();
  }

  @Test
  void stopHashesWhatIsQueuedAndTakesNoMore() throws Exception {
    Path file = write("a.txt", "one");
    offer(FileOperationType.CREATE, file, null, FileState.of(file));
    assertThat(hasher.stop(Duration.ofSeconds(10).toNanos())).isTrue();
    assertThat(told).extracting(Told::after).containsExactly(sha256("one"));
    HashRequest late =
        new HashRequest(
            file, null, FileState.of(file), FileOperationType.READ, new UUID(0, 1), "late");
    assertThat(hasher.offer(late)).isFalse();
  }

  @Test
  void stopDoesNotWaitLongForASlowFile() throws Exception {
    hasher = hasher(100_000);
    Path file = directory.resolve("big");
    Files.write(file, new byte[1_000_000]);
    offer(FileOperationType.CREATE, file, null, FileState.of(file));
    await(() -> hasher.isAtWork());
    long start = System.nanoTime();
    assertThat(hasher.stop(Duration.ofMinutes(1).toNanos())).isFalse();
    assertThat(System.nanoTime() - start).isLessThan(FileHasher.END_WAIT_NANOS * 2);
    assertThat(told).isEmpty();
  }

  /** A pipe can't be swapped in at the right moment, but any open that hangs is like it. */
  @Test
  void offersGoOnWhileTheThreadHangs() throws Exception {
    hasher = hasher(1);
    Path file = write("a.txt", "one");
    offer(FileOperationType.CREATE, file, null, FileState.of(file));
    await(() -> hasher.isAtWork());
    FileState end = FileState.of(file);
    long start = System.nanoTime();
    for (int i = 0; i < 2_000; i++) {
      hasher.offer(
          new HashRequest(file, null, end, FileOperationType.READ, new UUID(0, i), "origin"));
    }
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(1));
    assertThat(counters.get(Counter.FILES_NOT_HASHED)).isEqualTo(2_001 - FileHasher.REQUESTS_MAX);
  }
}
