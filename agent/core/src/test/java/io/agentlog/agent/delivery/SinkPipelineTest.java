package io.agentlog.agent.delivery;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.event.Event;
import io.agentlog.event.InstanceFacts;
import io.agentlog.log.CapturedLog;
import io.agentlog.sink.BatchLimits;
import io.agentlog.sink.Sink;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SinkPipelineTest {
  @TempDir Path base;
  private final CapturedLog log = new CapturedLog();
  private final HeapJournal journal = new HeapJournal(new UUID(0, 1), 64 << 20);

  @AfterEach
  void restoreLog() {
    log.close();
  }

  @Test
  void eventsAppendedBeforeTheStartReachEverySink() throws Exception {
    QueueSink a = new QueueSink("a");
    QueueSink b = new QueueSink("b");
    SinkPipeline pipeline = pipeline(a, b);
    TestEvents.append(journal, "1", "2");
    pipeline.start();
    pipeline.start();
    assertThat(a.next()).isEqualTo("1");
    assertThat(a.next()).isEqualTo("2");
    assertThat(b.next()).isEqualTo("1");
    assertThat(b.next()).isEqualTo("2");
    assertThat(pipeline.stop(ofSeconds(10))).isTrue();
    assertThat(pipeline.counters()).extracting(SinkCounters::sinkName).containsExactly("a", "b");
    assertThat(pipeline.counters()).extracting(SinkCounters::delivered).containsExactly(2L, 2L);
    assertThat(a.closedCount).hasValue(1);
  }

  @Test
  void threadIsADaemonWithItsNameAndOurClassLoader() throws Exception {
    QueueSink sink = new QueueSink("a");
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(null); // A new thread would inherit it.
    SinkPipeline pipeline = pipeline(sink);
    Thread.currentThread().setContextClassLoader(before);
    pipeline.start();
    TestEvents.append(journal, "1");
    sink.next();
    assertThat(sink.thread.getName()).isEqualTo("agentlog-a");
    assertThat(sink.thread.isDaemon()).isTrue();
    assertThat(sink.thread.getContextClassLoader()).isSameAs(SinkThread.class.getClassLoader());
    pipeline.stop(ofSeconds(10));
    sink.thread.join(10_000);
    assertThat(sink.thread.isAlive()).isFalse();
  }

  @Test
  void pipelinesBesideEachOtherAreToldApartByTheirSuffix() throws Exception {
    QueueSink sink = new QueueSink("a");
    SinkPipeline pipeline =
        new SinkPipeline(journal, TestEvents::decode, List.of(sink), "-dead", this::parked);
    pipeline.start();
    TestEvents.append(journal, "1");
    assertThat(sink.next()).isEqualTo("1");
    assertThat(sink.thread.getName()).isEqualTo("agentlog-a-dead");
    assertThat(pipeline.stop(ofSeconds(10))).isTrue();
    assertThat(pipeline.counters().get(0).sinkName()).isEqualTo("a-dead");
  }

  @Test
  void stopFlushesTheLastAppendedEvents() {
    QueueSink sink = new QueueSink("a");
    SinkPipeline pipeline = pipeline(sink);
    pipeline.start();
    for (int i = 0; i < 10_000; i++) {
      TestEvents.append(journal, "e" + i);
    }
    assertThat(pipeline.stop(ofSeconds(20))).isTrue();
    assertThat(sink.texts).hasSize(10_000);
    assertThat(pipeline.stop(ofSeconds(20))).isTrue();
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void sinkThatHangsDelaysNeitherTheOtherNorTheStop() throws Exception { // Fault 56
    QueueSink hanging = new QueueSink("hanging");
    hanging.release = new CountDownLatch(1);
    QueueSink other = new QueueSink("other");
    SinkPipeline pipeline = pipeline(hanging, other);
    pipeline.start();
    TestEvents.append(journal, "1");
    assertThat(other.next()).isEqualTo("1");
    awaitTrue(() -> hanging.thread != null);
    long start = System.nanoTime();
    assertThat(pipeline.stop(ofMillis(100))).isFalse();
    assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
    assertThat(log.lines()).hasSize(1).first().asString().contains("hanging", "did not stop", "1");
    hanging.release.countDown();
    hanging.thread.join(10_000);
    assertThat(hanging.closedCount).hasValue(1);
  }

  @Test
  void interruptLeftBehindByAClientDoesNotMakeTheThreadSpin() throws Exception {
    QueueSink sink = new QueueSink("a");
    sink.interruptsItself = true;
    SinkPipeline pipeline = pipeline(sink);
    pipeline.start();
    TestEvents.append(journal, "1");
    sink.next();
    awaitTrue(() -> sink.thread.getState() == Thread.State.TIMED_WAITING);
    assertThat(sink.thread.isInterrupted()).isFalse();
    assertThat(pipeline.stop(ofSeconds(10))).isTrue();
  }

  @Test
  void stopWithoutAStartClosesReadersAndSinksAndReportsUndeliveredEvents() {
    QueueSink sink = new QueueSink("a");
    SinkPipeline pipeline = pipeline(sink);
    TestEvents.append(journal, "1");
    assertThat(pipeline.stop(ofSeconds(1))).isFalse();
    assertThat(sink.closedCount).hasValue(1);
    assertThat(pipeline.counters().get(0).pending()).isEqualTo(1);
    assertThat(log.lines()).hasSize(1).first().asString().contains("1 events not delivered");
    pipeline.start();
    assertThat(sink.thread).isNull();
  }

  private SinkPipeline pipeline(Sink... sinks) {
    return new SinkPipeline(journal, TestEvents::decode, List.of(sinks), "", this::parked);
  }

  private ParkedEvents parked(Sink sink) {
    return new ParkedEvents(base, sink, new InstanceFacts(new UUID(0, 1), null, null, null, null));
  }

  private static void awaitTrue(BooleanSupplier condition) {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as("deadline").isNegative();
      Thread.onSpinWait();
    }
  }

  private static final class QueueSink implements Sink {
    final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    final AtomicInteger closedCount = new AtomicInteger();
    private final String name;
    volatile Thread thread;
    volatile CountDownLatch release = new CountDownLatch(0);
    volatile boolean interruptsItself;

    QueueSink(String name) {
      this.name = name;
    }

    String next() throws InterruptedException {
      return texts.poll(20, TimeUnit.SECONDS);
    }

    @Override
    public BatchLimits batchLimits() {
      return BatchLimits.COALESCING;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String target() {
      return "queue";
    }

    @Override
    public String fingerprint() {
      return "queue";
    }

    @Override
    public void write(List<Event> events) {
      thread = Thread.currentThread();
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      events.forEach(event -> texts.add(TestEvents.textOf(event)));
      if (interruptsItself) {
        thread.interrupt();
      }
    }

    @Override
    public void close() {
      closedCount.incrementAndGet();
    }
  }
}
