package io.agentlog.agent.prices;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.log.CapturedLog;
import io.agentlog.log.DeferredLog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns are taken by the test, so that no time passes; one test runs the thread. */
class PricesTest {
  private static final String ONE = prices("1", "a");

  @TempDir Path folder;
  private final CapturedLog log = new CapturedLog();
  private final Counters counters = new Counters();

  @AfterEach
  void stopLog() {
    log.close();
  }

  @Test
  void aReplacedFileIsInUseAfterTheNextTurn() throws IOException {
    Path file = write("p.json", ONE);
    Prices prices = new Prices(file.toString(), counters);
    assertThat(prices.doWork()).isEqualTo(1);
    assertThat(version(prices, "a")).isEqualTo("1");
    assertThat(prices.doWork()).isZero(); // Not read again.

    Files.move(write("new.json", prices("2", "a")), file, StandardCopyOption.ATOMIC_MOVE);
    assertThat(version(prices, "a")).isEqualTo("1");
    prices.doWork();
    assertThat(version(prices, "a")).isEqualTo("2");
    assertThat(log.lines())
        .containsExactly(
            "[agentlog] prices - 1 models from %s, version 1, USD".formatted(file),
            "[agentlog] prices - 1 models from %s, version 2, USD".formatted(file));
  }

  /** Each look would take 32 MB. */
  @Test
  void aFileThatIsTooLongIsNotReadAtEachLook() throws IOException {
    Path file = folder.resolve("huge.json");
    try (RandomAccessFile huge = new RandomAccessFile(file.toFile(), "rw")) {
      huge.setLength(100L << 20);
    }
    Prices prices = new Prices(file.toString(), counters);
    prices.doWork();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    prices.doWork();
    long taken = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    assertThat(taken).isLessThan(1 << 20);
    assertThat(log.lines()).hasSize(1);
  }

  @Test
  void aFileBehindALinkIsReadAgainWhenTheLinkPointsElsewhere() throws IOException {
    Path link = folder.resolve("link.json");
    Files.createSymbolicLink(link, write("1.json", ONE));
    Prices prices = new Prices(link.toString(), counters);
    prices.doWork();
    Path second = write("2.json", prices("2", "a"));
    Files.setLastModifiedTime(second, Files.getLastModifiedTime(link));
    Files.delete(link);
    Files.createSymbolicLink(link, second);
    prices.doWork();
    assertThat(version(prices, "a")).isEqualTo("2");
  }

  @Test
  void aBrokenFileLeavesThePricesInUseAndIsReportedOnce() throws IOException {
    Path file = write("p.json", ONE);
    Prices prices = new Prices(file.toString(), counters);
    prices.doWork();
    Files.writeString(file, "{\"models\": {\"a\"");
    prices.doWork();
    prices.doWork();
    Files.delete(file);
    prices.doWork();
    prices.doWork();
    assertThat(version(prices, "a")).isEqualTo("1");
    assertThat(log.lines().subList(1, log.lines().size()))
        .containsExactly(
            "[agentlog] prices - WARN %s can't be used: it is no JSON from line 1, column 16 on."
                    .formatted(file)
                + " The prices of version 1 stay in use, and the file is read again when it"
                + " changes. See docs/frameworks.md#prices",
            "[agentlog] prices - WARN %s can't be used: no such file.".formatted(file)
                + " The prices of version 1 stay in use, and the file is read again when it"
                + " changes. See docs/frameworks.md#prices");
    write("p.json", prices("3", "a"));
    prices.doWork();
    assertThat(version(prices, "a")).isEqualTo("3");
  }

  @Test
  void aFileThatComesLaterIsReadThen() throws IOException {
    Path file = folder.resolve("later.json");
    Prices prices = new Prices(file.toString(), counters);
    prices.doWork();
    assertThat(version(prices, "a")).isNull();
    assertThat(log.lines().get(0))
        .contains("later.json can't be used: no such file. Calls of models have no cost, and");
    write("later.json", ONE);
    prices.doWork();
    assertThat(version(prices, "a")).isEqualTo("1");
  }

  @Test
  void aNameThatNoFileCanHaveIsReported() {
    Prices prices = new Prices("a\0b", counters);
    prices.doWork();
    assertThat(log.lines().get(0)).contains("can't be used: no file can have this name.");
  }

  @Test
  void changedPricesUnderAnOldVersionAreTold() throws IOException {
    Path file = write("p.json", ONE);
    Prices prices = new Prices(file.toString(), counters);
    prices.doWork();
    Files.writeString(file, ONE + "\n\n");
    prices.doWork();
    assertThat(log.lines().get(1)).contains("version 1, USD as before: give changed prices");
  }

  @Test
  void aModelWithoutAPriceIsCountedEachTimeAndToldOnce() throws IOException {
    Path file = write("p.json", ONE);
    Prices prices = new Prices(file.toString(), counters);
    prices.doWork();
    for (int i = 0; i < 3; i++) {
      assertThat(prices.of("acme", "unknown-" + file.hashCode(), "b")).isNull();
    }
    DeferredLog.flush();
    assertThat(counters.get(Counter.UNPRICED)).isEqualTo(3);
    assertThat(log.lines().subList(1, log.lines().size()))
        .containsExactly(
            ("[agentlog] prices - WARN model 'unknown-%s' of acme has no price in %s, version 1:"
                    + " its calls have no cost. See docs/frameworks.md#prices")
                .formatted(file.hashCode(), file));
  }

  @Test
  void endlessNewNamesAreCountedAndLongOnesShownCut() throws IOException {
    Path file = write("p.json", ONE);
    Prices prices = new Prices(file.toString(), counters);
    prices.doWork();
    for (int i = 0; i < 1_000; i++) {
      assertThat(prices.of(null, file + "/" + i + "x".repeat(10_000), null)).isNull();
    }
    DeferredLog.flush();
    assertThat(counters.get(Counter.UNPRICED)).isEqualTo(1_000);
    List<String> lines = log.lines();
    assertThat(lines.size()).isLessThanOrEqualTo(1 + Prices.UNPRICED_TOLD_MAX);
    assertThat(lines.get(1)).hasSizeLessThan(400).contains(" characters)' has no price in ");
  }

  @Test
  void withoutAFileOneLineNamesTheOptionOnceAPriceIsAskedFor() {
    Prices prices = new Prices(null, counters);
    prices.start();
    prices.awaitFirst();
    prices.tellIfMissed();
    assertThat(log.lines()).isEmpty();
    assertThat(prices.of(null, "a", null)).isNull();
    prices.tellIfMissed();
    assertThat(prices.of(null, "a", null)).isNull();
    prices.tellIfMissed();
    assertThat(log.lines())
        .containsExactly(
            "[agentlog] prices - models report tokens, and without prices no cost is recorded. The"
                + " option prices names a file with them. See docs/frameworks.md#prices");
    assertThat(counters.get(Counter.UNPRICED)).isZero();
  }

  @Test
  void itsThreadReadsTheFileBeforeTheFirstCallAndAgainLater() throws Exception {
    Path file = write("p.json", ONE);
    Prices prices = new Prices(file.toString(), counters, java.time.Duration.ofMillis(5));
    prices.start();
    prices.awaitFirst();
    assertThat(version(prices, "a")).isEqualTo("1");
    Files.move(write("new.json", prices("2", "a")), file, StandardCopyOption.ATOMIC_MOVE);
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!"2".equals(version(prices, "a")) && System.nanoTime() < deadline) {
      Thread.sleep(5);
    }
    assertThat(version(prices, "a")).isEqualTo("2");
    prices.stop();
  }

  private static @Nullable String version(Prices prices, String model) {
    Price price = prices.of(null, model, null);
    return price == null ? null : price.version();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text, UTF_8);
  }

  private static String prices(String version, String model) {
    return "{\"version\": \"%s\", \"models\": {\"%s\": {\"input\": 1, \"output\": 2}}}"
        .formatted(version, model);
  }
}
