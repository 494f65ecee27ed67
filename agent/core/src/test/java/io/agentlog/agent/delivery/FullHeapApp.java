package io.agentlog.agent.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.agent.journal.JournalLimits;
import io.agentlog.agent.sink.file.FileSink;
import io.agentlog.config.ConfigLoader;
import io.agentlog.event.InstanceFacts;
import io.agentlog.sink.BatchLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Delivers events of a journal to files, and runs out of memory at each place on the way. It prints
 * what was wrong afterwards, and at last how often memory ran out. Argument: an empty folder.
 */
final class FullHeapApp {
  private static final int SEGMENT_BYTES = 64 * 1024;
  private static final JournalLimits LIMITS =
      new JournalLimits(SEGMENT_BYTES, 1, 1000L * SEGMENT_BYTES, 0, 1 << 20);
  private static final int BYTES_LEFT_MAX = 4 * 1024;
  private static final int TURNS = 2;

  private final FakeClock clock = new FakeClock();
  private final FullHeap heap = new FullHeap();
  private final DiskJournal journal;
  private final SinkWriter writer;
  private final SinkCounters counters;
  private final RunningExecutions running;
  private final List<Runnable> turns;
  private int appendedCount;
  private int thrownCount;

  private FullHeapApp(Path base, JournalDirectory directory) throws IOException {
    UUID id = directory.instanceId();
    journal = directory.open(LIMITS, buffer -> {}, line -> System.out.println("journal: " + line));
    journal.doWork();
    FileSink sink = new FileSink(ConfigLoader.load(null, new Properties(), Map.of()), base, id);
    writer =
        new SinkWriter(
            sink,
            "file",
            journal.openReader("file"),
            TestEvents::decode,
            BatchLimits.PROMPT,
            new ParkedEvents(base, sink, new InstanceFacts(id, null, null, null, null)),
            clock,
            () -> 0.5);
    counters = writer.counters();
    running = new RunningExecutions(journal, TestEvents::summary);
    turns = List.of(running::poll, writer::doWork);
  }

  public static void main(String[] arguments) throws IOException {
    Path base = Path.of(arguments[0]);
    JournalDirectory directory = JournalDirectory.create(base, UUID.randomUUID(), Map.of());
    FullHeapApp app = new FullHeapApp(base, directory);
    app.append(20);
    app.settle("at the start");
    for (int left = 0; left < BYTES_LEFT_MAX; left += Math.max(16, left / 128 * 16)) {
      app.turnWithoutMemory(left, 0);
      app.turnWithoutMemory(left, 10);
    }
    app.end(base);
  }

  private void turnWithoutMemory(int bytesLeft, int eventCount) {
    append(eventCount);
    long before = counters.failures();
    heap.fill(bytesLeft);
    for (int i = 0; i < TURNS * turns.size(); i++) {
      try {
        turns.get(i % turns.size()).run();
      } catch (Throwable t) { // As the threads do.
        thrownCount++;
      }
    }
    heap.release();
    thrownCount += (int) (counters.failures() - before);
    append(3);
    settle(bytesLeft + " bytes left, " + eventCount + " events");
  }

  /** Appends stages of one execution, and others that start and end. */
  private void append(int count) {
    for (int i = 0; i < count; i++) {
      String execution = 2 + appendedCount + ":0";
      TestEvents.append(journal, "started:" + execution);
      TestEvents.append(journal, "event-" + appendedCount + "-");
      TestEvents.append(journal, "completed:" + execution);
      appendedCount++;
    }
    journal.doWork();
  }

  /** Delivers all, and tells what is wrong then. */
  private void settle(String when) {
    for (int i = 0; i < 1_000 && (counters.delivered() < 3L * appendedCount || i < 5); i++) {
      if (writer.doWork() == 0) {
        clock.park(writer.idleNanos());
      }
    }
    running.poll();
    if (counters.delivered() != 3L * appendedCount
        || counters.pending() != 0
        || running.runningCount() != 0) {
      System.out.println(
          "wrong: %s: recorded %s, delivered %s, pending %s, running %s; %s"
              .formatted(
                  when,
                  3 * appendedCount,
                  counters.delivered(),
                  counters.pending(),
                  running.runningCount(),
                  counters.lastError()));
      System.exit(1);
    }
  }

  /** Ends the delivery, and tells what is left of the journal and what is in the files. */
  private void end(Path base) throws IOException {
    journal.force(); // The cursor too: only then may segments go.
    journal.doWork();
    System.out.println("segments left: " + journal.bytes() / SEGMENT_BYTES);
    writer.requestStop(clock.nanoTime());
    while (writer.state() != SinkWriter.State.STOPPED) {
      writer.doWork();
    }
    writer.close();
    System.out.println("left for the next JVM: " + journal.openReader("file").pendingCount());
    Set<String> events = new HashSet<>();
    try (Stream<Path> files = Files.list(base.resolve("events"))) {
      for (Path file : files.toList()) {
        for (String line : Files.readAllLines(file, UTF_8)) {
          int at = line.indexOf("event-");
          if (at >= 0) {
            events.add(line.substring(at, line.indexOf('-', at + "event-".length())));
          }
        }
      }
    }
    System.out.println("missing: " + (appendedCount - events.size()));
    System.out.println("ran out of memory: " + thrownCount);
  }
}
