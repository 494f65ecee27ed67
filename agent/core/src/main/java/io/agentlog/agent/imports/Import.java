package io.agentlog.agent.imports;

import io.agentlog.agent.imports.Delivery.Outcome;
import io.agentlog.config.Config;
import io.agentlog.log.AgentLog;
import io.agentlog.postgres.PostgresSink;
import io.agentlog.postgres.Written;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The command {@code import}: brings JSON Lines into the tables, by the same sink and merge as the
 * agent. Not thread-safe; runs once.
 */
public final class Import {
  /** The import failed, wholly or in part. The message says what, where and what to do. */
  public static final class FailedException extends Exception {
    private static final long serialVersionUID = 1L;

    FailedException(String message) {
      super(message, null, false, false);
    }
  }

  private final Config config;
  private final Path directory;
  private final boolean isDryRun;
  private final Consumer<String> skipped;

  /**
   * Does no I/O.
   *
   * @param directory folder that holds the files, at any depth
   * @param isDryRun true to read and report only, without a connection to the database
   * @param skipped takes a message for each line that is not imported
   */
  public Import(Config config, Path directory, boolean isDryRun, Consumer<String> skipped) {
    this.config = config;
    this.directory = directory;
    this.isDryRun = isDryRun;
    this.skipped = skipped;
  }

  /**
   * Runs the import.
   *
   * @return counts of lines found and rows written
   * @throws FailedException if there is nothing to read or the database can't be written to
   */
  public ImportCounts run() throws FailedException {
    Path root = root();
    if (isDryRun) {
      return run(root, events -> new Outcome(new Written(0, 0, 0), null));
    }
    try (PostgresSink sink = new PostgresSink(config)) {
      sink.connect(); // Fails before any file is read.
      return run(
          root,
          events -> {
            try {
              sink.write(events);
              return new Outcome(sink.written(), null);
            } catch (EventRefusedException e) {
              if (e.refused().isEmpty()) {
                throw e;
              }
              return new Outcome(sink.written(), e);
            }
          });
    } catch (SinkUnavailableException e) {
      throw new FailedException(e.getMessage() + ". Nothing was imported");
    }
  }

  /** Resolves the folder, which may be a link. */
  private Path root() throws FailedException {
    try {
      return directory.toRealPath();
    } catch (IOException e) {
      throw new FailedException(
          "%s can't be read (%s): name the folder that holds the .jsonl files"
              .formatted(directory, AgentLog.describe(e)));
    }
  }

  private ImportCounts run(Path root, Delivery.Target target) throws FailedException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (LineSorter sorter = new LineSorter(temporary, LineSorter.RUN_BYTES_MAX)) {
      ImportRun run = new ImportRun(root, sorter, skipped);
      run.read();
      try {
        run.write(target);
      } catch (SinkUnavailableException e) {
        throw new FailedException(
            "%s. The import is not complete (%s): import again; imported rows are not changed"
                .formatted(e.getMessage(), run.counts().text(false)));
      }
      return run.counts();
    } catch (IOException | UncheckedIOException e) {
      throw new FailedException(
          "no room to sort the lines in %s (%s): make room, or name another folder with java -Djava.io.tmpdir=DIR"
              .formatted(temporary, AgentLog.describe(e)));
    }
  }
}
