package io.agentlog.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class DeferredLogTest {
  private final List<String> printed = new ArrayList<>();
  private final DeferredLog log =
      new DeferredLog((area, message) -> printed.add(area + ": " + message));

  @Test
  void keyIsPrintedOnceAndNotBeforeTheFlush() {
    log.keepOnce("a", "capture", "first");
    log.keepOnce("a", "capture", "second");
    log.keepOnce("b", "capture", "other");
    assertThat(printed).isEmpty();
    log.print();
    log.keepOnce("a", "capture", "third");
    log.print();
    assertThat(printed).containsExactly("capture: first", "capture: other");
  }

  @Test
  void keysThatShareAHashAreTwo() {
    assertThat("Aa").hasSameHashCodeAs("BB");
    log.keepOnce("Aa", "x", "1");
    log.keepOnce("BB", "x", "2");
    log.print();
    assertThat(printed).containsExactly("x: 1", "x: 2");
  }

  @Test
  void keysBeyondTheLimitAreCountedAndReportedOnce() { // Fault 87
    for (int i = 0; i < DeferredLog.KEYS_MAX + 500; i++) {
      log.keepOnce("key" + i, "x", "m" + i);
    }
    log.print();
    log.keepOnce("one more", "x", "m");
    log.print();
    assertThat(printed).hasSize(DeferredLog.KEYS_MAX + 1);
    assertThat(printed.get(DeferredLog.KEYS_MAX)).contains("1000 different warnings");
    assertThat(log.leftOutCount()).isEqualTo(501);
  }

  @Test
  void aLongMessageIsCut() {
    log.keepOnce("k", "x", "m".repeat(1_000_000));
    log.print();
    assertThat(printed.get(0)).hasSizeLessThan(1_100);
  }

  @Test
  void manyThreadsPrintEachKeyOnce() throws InterruptedException {
    int threadCount = 8;
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < threadCount; t++) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  start.await();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
                for (int i = 0; i < 1_200; i++) {
                  log.keepOnce("key" + i, "x", "m" + i);
                }
              });
      thread.start();
      threads.add(thread);
    }
    start.countDown();
    for (int i = 0; i < 100; i++) {
      log.print();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    log.print();
    assertThat(printed).doesNotHaveDuplicates();
    assertThat(printed).hasSize(DeferredLog.KEYS_MAX + 1);
  }
}
