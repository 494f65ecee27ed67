package io.agentlog.agent.imports;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.sink.file.FileSink;
import io.agentlog.config.ConfigLoader;
import io.agentlog.event.Event;
import io.agentlog.event.SampleEvents;
import io.agentlog.postgres.Written;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what models used comes out of files as it went in. Method: the file sink writes, an import
 * reads.
 */
class ImportUsageTest {
  @TempDir Path directory;

  @Test
  void callsOfModelsAndTotalsComeFromTheFilesAsTheSinkWroteThem() throws Exception {
    Event.ModelCall call = SampleEvents.modelCall();
    List<Event> written =
        List.of(
            new Event.Progress(
                SampleEvents.header(SampleEvents.DETAILED, 5, 2_000),
                "model:claude-sonnet-4-5",
                null,
                Map.of(),
                Map.of(),
                call.totals()),
            call,
            new Event.ModelCall(
                SampleEvents.header(SampleEvents.DETAILED, 7, 3_000_000_000L),
                null,
                call.values()));
    Properties settings = new Properties();
    settings.setProperty("agentlog.dir", directory.toString());
    try (FileSink sink =
        new FileSink(
            ConfigLoader.load(null, settings, Map.of()),
            directory.resolve("service"),
            UUID.randomUUID())) {
      sink.write(List.of(written.get(2), written.get(0)));
      sink.write(List.of(written.get(1)));
    }

    List<Event> read = new ArrayList<>();
    try (LineSorter sorter = new LineSorter(directory, LineSorter.RUN_BYTES_MAX)) {
      ImportRun run = new ImportRun(directory, sorter, line -> assertThat(line).isNull());
      run.read();
      run.write(
          events -> {
            read.addAll(events);
            return new Delivery.Outcome(new Written(1, 1, 0), null);
          });
      assertThat(run.counts().details).isEqualTo(2);
      assertThat(run.counts().executions).isEqualTo(1);
    }

    assertThat(read).extracting(event -> event.header().seq()).containsExactly(5, 6, 7);
    for (int i = 0; i < read.size(); i++) {
      assertThat(read.get(i).totals()).isEqualTo(call.totals());
      assertThat(read.get(i).header().elapsedNanos())
          .isEqualTo(written.get(i).header().elapsedNanos());
    }
    Event.ModelCall first = (Event.ModelCall) read.get(1);
    assertThat(first.values()).isEqualTo(call.values());
    assertThat(first.rootExecutionId()).isEqualTo(call.rootExecutionId());
    assertThat(((Event.ModelCall) read.get(2)).rootExecutionId()).isNull();
  }
}
