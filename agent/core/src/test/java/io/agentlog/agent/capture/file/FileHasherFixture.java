package io.agentlog.agent.capture.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.metrics.Counters;
import io.agentlog.event.FileOperationType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A hasher of real files, on its real thread, and what it told. */
@Timeout(60)
abstract class FileHasherFixture {
  static final long BYTES_MAX = 8 << 20;
  static final String NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @TempDir Path directory;
  final Counters counters = new Counters();
  final List<Told> told = new CopyOnWriteArrayList<>();
  final List<Throwable> failures = new CopyOnWriteArrayList<>();
  FileHasher hasher = hasher(FileHasher.BYTES_PER_SECOND_MAX);
  private boolean isStarted;

  record Told(
      UUID id,
      long sizeBytes,
      @Nullable String before,
      @Nullable String after,
      Map<String, @Nullable Object> metadata) {}

  FileHasher hasher(long bytesPerSecond) {
    return new FileHasher(
        (origin, id, size, before, after, metadata) ->
            told.add(new Told(id, size, before, after, metadata)),
        BYTES_MAX,
        bytesPerSecond,
        counters,
        failures::add);
  }

  @AfterEach
  void stop() throws InterruptedException {
    hasher.stop(1);
    assertThat(failures).isEmpty();
  }

  Told hash(FileOperationType type, Path file, @Nullable FileState begin) {
    told.clear();
    offer(type, file, begin, type == FileOperationType.DELETE ? null : FileState.of(file));
    return only();
  }

  void offer(
      FileOperationType type, Path file, @Nullable FileState begin, @Nullable FileState end) {
    request(type, file, begin, end);
    start();
  }

  void start() {
    if (!isStarted) {
      isStarted = true;
      hasher.start();
    }
  }

  HashRequest request(
      FileOperationType type, Path file, @Nullable FileState begin, @Nullable FileState end) {
    HashRequest request = new HashRequest(file, begin, end, type, UUID.randomUUID(), "origin");
    assertThat(hasher.offer(request)).isTrue();
    return request;
  }

  Told only() {
    answered();
    assertThat(told).hasSize(1);
    return told.get(0);
  }

  void answered() {
    await(() -> hasher.waitingCount() == 0);
  }

  static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) { // The test has a time limit.
      Thread.onSpinWait();
    }
  }

  Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  /** Gives the file an age, so that it needs no time to settle. */
  static Path old(Path file) throws IOException {
    long anHourAgo = System.currentTimeMillis() - 3_600_000;
    Files.setLastModifiedTime(file, FileTime.fromMillis(anHourAgo / 1_000 * 1_000 + 7));
    return file;
  }

  static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
  }
}
