package io.agentlog.agent.imports;

import io.agentlog.event.Event;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.EventJsonReader;
import io.agentlog.json.JsonReader;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Imports all files {@code *.jsonl} below a folder. First all lines are read, checked and sorted by
 * execution; then each execution is written whole, in whatever order and files its lines were. Runs
 * once; not thread-safe.
 */
final class ImportRun {
  /** Most reports of skipped lines; further skipped lines are only counted. */
  static final int REPORTS_MAX = 10_000;

  /** Digests kept of lines that may be equal. Beyond, equal lines are written twice, harmlessly. */
  private static final int DIGESTS_MAX = 10_000;

  private static final String ENDING = ".jsonl";

  private final Path root;
  private final LineSorter sorter;
  private final Consumer<String> skipped;
  private final ImportCounts counts = new ImportCounts();
  private int reports;

  private @Nullable UUID executionId;
  private @Nullable PythonExecution python;
  private @Nullable SpooledLine previous;
  private final Set<UUID> digests = new HashSet<>();

  /**
   * Does no I/O.
   *
   * @param root a folder, or a file; must not be a link
   * @param skipped takes a message for each skipped line
   */
  ImportRun(Path root, LineSorter sorter, Consumer<String> skipped) {
    this.root = root;
    this.sorter = sorter;
    this.skipped = skipped;
  }

  ImportCounts counts() {
    return counts;
  }

  /**
   * Reads all files.
   *
   * @throws IOException if the lines can't be sorted
   */
  void read() throws IOException {
    Files.walkFileTree(root, new Walk()); // Follows no links.
  }

  /**
   * Writes all lines that were read.
   *
   * @throws IOException if the lines can't be sorted
   * @throws SinkUnavailableException if the target fails; rows written before stay
   */
  void write(Delivery.Target target) throws IOException, SinkUnavailableException {
    Delivery delivery = new Delivery(target, counts, this::report);
    sorter.<SinkUnavailableException>forEach(line -> write(line, delivery));
    endExecution(delivery);
    delivery.flush();
    if (reports > REPORTS_MAX) {
      skipped.accept((reports - REPORTS_MAX) + " more lines were skipped");
    }
  }

  private void read(Path file) {
    String name = file.toString();
    counts.files++;
    try {
      counts.lines +=
          LineReader.forEach(
              file,
              new LineReader.Visitor() {
                @Override
                public void line(long number, byte[] line, boolean isEnded) throws SortException {
                  take(name, number, line, isEnded);
                }

                @Override
                public void tooLong(long number) {
                  skip(name, number, "longer than " + (LineReader.LINE_BYTES_MAX >> 20) + " MiB");
                }
              });
    } catch (SortException e) {
      throw new java.io.UncheckedIOException(e.io);
    } catch (IOException e) {
      unreadable(file, e);
    }
  }

  private void take(String file, long number, byte[] line, boolean isEnded) throws SortException {
    try {
      Map<String, @Nullable Object> parsed = JsonReader.parse(line);
      SpooledLine spooled =
          EventJsonReader.isOwn(parsed)
              ? SpooledLine.of(EventJsonReader.read(parsed), file, number, line)
              : SpooledLine.of(PythonLine.of(parsed), file, number, line);
      sorter.add(spooled);
    } catch (BrokenLineException e) {
      String hint =
          isEnded ? "" : "; the last line has no line feed, so its writer may still be writing";
      skip(file, number, e.why() + hint);
    } catch (IOException e) {
      throw new SortException(e);
    }
  }

  private void write(SpooledLine line, Delivery delivery) throws SinkUnavailableException {
    if (!line.executionId().equals(executionId)) {
      endExecution(delivery);
      executionId = line.executionId();
    }
    if (isRepeated(line)) {
      counts.repeatedLines++;
      return;
    }
    List<Event> events = events(line);
    for (Event event : events) {
      delivery.add(event, line.place(), line.line().length);
    }
  }

  private List<Event> events(SpooledLine line) {
    try {
      Map<String, @Nullable Object> parsed = JsonReader.parse(line.line());
      if (line.isOwn()) {
        return List.of(EventJsonReader.read(parsed));
      }
      PythonLine checked = PythonLine.of(parsed);
      if (python == null) {
        python = new PythonExecution(checked.execution());
      }
      return python.add(checked);
    } catch (BrokenLineException e) {
      throw new IllegalStateException(
          "a line that was read before can't be read again: " + e.why(), e);
    }
  }

  private void endExecution(Delivery delivery) throws SinkUnavailableException {
    if (executionId == null) {
      return;
    }
    if (python != null) {
      for (Event event : python.end()) {
        delivery.add(event, previous == null ? "" : previous.place(), 0);
      }
      python = null;
    }
    delivery.endExecution();
  }

  /** True for a line read before: in several files, or in one file twice after an outage. */
  private boolean isRepeated(SpooledLine line) {
    if (previous == null || !previous.isBeside(line) || digests.size() >= DIGESTS_MAX) {
      digests.clear();
    }
    previous = line;
    return !digests.add(UUID.nameUUIDFromBytes(line.line()));
  }

  private void skip(String file, long number, String why) {
    counts.skippedLines++;
    report(file + ":" + number + ": skipped, " + why);
  }

  private void unreadable(Path path, IOException e) {
    counts.unreadableFiles++;
    report(path + ": can't be read (" + AgentLog.describe(e) + ")");
  }

  private void report(String line) {
    reports++;
    if (reports <= REPORTS_MAX) {
      skipped.accept(line);
    }
  }

  /** A failure of the sorter, as opposed to a failure of the file that is read. */
  private static final class SortException extends IOException {
    private static final long serialVersionUID = 1L;
    private final IOException io;

    SortException(IOException io) {
      super(io);
      this.io = io;
    }
  }

  private final class Walk extends SimpleFileVisitor<Path> implements FileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isRegularFile() && file.toString().endsWith(ENDING)) {
        read(file);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      unreadable(file, e);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
      if (e != null) {
        unreadable(directory, e);
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
