package io.agentlog.agent.imports;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.SampleEvents;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.postgres.Written;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportRunTest {
  @TempDir Path directory;
  private final List<String> reports = new ArrayList<>();
  private final List<List<Event>> batches = new ArrayList<>();
  private Predicate<Event> isRefused = event -> false;

  @Test
  void allFilesBelowAreReadAndNoOtherOnesAndNoLinks() throws Exception {
    Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
    write(elsewhere.resolve("theirs.jsonl"), event(1, 1));
    Path root = Files.createDirectories(directory.resolve("root/a/b")).getParent().getParent();
    write(root.resolve("a/b/deep.jsonl"), event(2, 1));
    write(root.resolve("top.jsonl"), event(3, 1));
    write(root.resolve("top.json"), event(4, 1));
    Files.createSymbolicLink(root.resolve("link"), elsewhere);
    Files.createSymbolicLink(root.resolve("link.jsonl"), elsewhere.resolve("theirs.jsonl"));

    ImportCounts counts = run(root);

    assertThat(counts.files).isEqualTo(2);
    assertThat(batches).singleElement(InstanceOfAssertFactories.LIST).hasSize(2);
    assertThat(counts.isComplete()).isTrue();
  }

  @Test
  void eventsOfAnExecutionComeTogetherAndInOrderAndOnce() throws Exception {
    write(directory.resolve("a.jsonl"), event(1, 3), event(2, 1), event(1, 1), event(1, 1));
    write(directory.resolve("b.jsonl"), event(2, 2), event(1, 2), event(1, 3));

    ImportCounts counts = run(directory);

    assertThat(batches).hasSize(1);
    assertThat(batches.get(0))
        .map(event -> event.header().eventId())
        .containsExactly(
            new UUID(0, 1) + ":1",
            new UUID(0, 1) + ":2",
            new UUID(0, 1) + ":3",
            new UUID(0, 2) + ":1",
            new UUID(0, 2) + ":2");
    assertThat(counts.repeatedLines).isEqualTo(2);
    assertThat(counts.executions).isEqualTo(2);
    assertThat(counts.stages).isEqualTo(5);
  }

  @Test
  void executionThatNoBatchHoldsGoesByPartsAndCountsOnce() throws Exception {
    List<byte[]> lines = new ArrayList<>();
    lines.add(event(1, 1));
    for (int seq = 1; seq <= 2 * Delivery.EVENTS_MAX + 1; seq++) {
      lines.add(event(2, seq));
    }
    write(directory.resolve("a.jsonl"), lines.toArray(new byte[0][]));

    ImportCounts counts = run(directory);

    assertThat(batches).hasSize(4).allMatch(batch -> batch.size() <= Delivery.EVENTS_MAX);
    assertThat(counts.executions).isEqualTo(2);
    assertThat(counts.writtenExecutions).isEqualTo(2);
  }

  @Test
  void refusedEventsAreNamedAndTheOthersGoOn() throws Exception {
    for (int execution = 1; execution <= 10; execution++) {
      write(
          directory.resolve("a.jsonl"),
          event(execution, 1),
          event(execution, 2),
          event(execution, 3));
    }
    isRefused = event -> event.header().eventId().equals(new UUID(0, 7) + ":2");

    ImportCounts counts = run(directory);

    assertThat(reports)
        .containsExactly(
            directory.resolve("a.jsonl") + ":20: skipped, the database refuses it: no");
    assertThat(batches.stream().mapToInt(List::size).sum()).isEqualTo(29);
    assertThat(counts.isComplete()).isFalse();
  }

  @Test
  void databaseThatRefusesEverythingEndsTheImport() throws Exception {
    for (int execution = 1; execution <= 2 * Delivery.REFUSED_MAX; execution++) {
      write(directory.resolve("a.jsonl"), event(execution, 1));
    }
    isRefused = event -> true;

    assertThatThrownBy(() -> run(directory))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("100 events in a row refused (23514)");
    assertThat(reports).hasSize(Delivery.REFUSED_MAX);
  }

  @Test
  void linesThatCannotBeUsedAreNamedWithTheirNumber() throws Exception {
    Path file = directory.resolve("a.jsonl");
    Files.writeString(file, "\n \r\n{}\r\n");
    Files.write(file, new byte[LineReader.LINE_BYTES_MAX + 1], StandardOpenOption.APPEND);
    Files.writeString(file, "\n{\"a\":1} {}\n{\"a", StandardOpenOption.APPEND);

    ImportCounts counts = run(directory);

    assertThat(reports)
        .containsExactly(
            file + ":3: skipped, no event_type",
            file + ":4: skipped, longer than 16 MiB",
            file + ":5: skipped, more follows after the JSON object",
            file
                + ":6: skipped, no whole JSON object: the line was cut short; the last line has no"
                + " line feed, so its writer may still be writing");
    assertThat(counts.lines).isEqualTo(4);
    assertThat(counts.skippedLines).isEqualTo(4);
    assertThat(batches).isEmpty();
  }

  @Test
  void lastLineNeedsNoEnd() throws Exception {
    Files.write(directory.resolve("a.jsonl"), event(1, 1));

    assertThat(run(directory).events).isEqualTo(1);
  }

  private ImportCounts run(Path root) throws IOException, SinkUnavailableException {
    try (LineSorter sorter = new LineSorter(directory, LineSorter.RUN_BYTES_MAX)) {
      ImportRun run = new ImportRun(root, sorter, reports::add);
      run.read();
      run.write(
          events -> {
            if (events.stream().anyMatch(isRefused)) {
              throw new EventRefusedException("23514", "no", null);
            }
            batches.add(events);
            long executions =
                events.stream().map(event -> event.header().executionId()).distinct().count();
            return new Delivery.Outcome(new Written((int) executions, events.size(), 0), null);
          });
      return run.counts();
    }
  }

  private static byte[] event(int execution, int seq) {
    EventHeader header = SampleEvents.header(new UUID(0, execution), seq, seq);
    return EventJsonWriter.write(SampleEvents.progress(header, "stage"));
  }

  private static void write(Path file, byte[]... lines) throws IOException {
    for (byte[] line : lines) {
      Files.writeString(
          file,
          new String(line, UTF_8) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }
}
