package io.agentlog.agent.sink.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentlog.event.Event;
import io.agentlog.event.SampleEvents;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSinkTest {
  private static final long MIB = 1L << 20;
  private static final Duration WEEK = Duration.ofDays(7);

  @TempDir Path base;
  private final SettableClock clock = new SettableClock();
  private final List<FileSink> sinks = new ArrayList<>();

  @AfterEach
  void close() {
    sinks.forEach(FileSink::close);
  }

  @Test
  void eachEventIsOneLineOfItsJson() throws Exception {
    FileSink sink = sink("019b7cdd-1f00-7a10-8c00-5d2e9b7f4c11");
    List<Event> events =
        List.of(
            SampleEvents.started(SampleEvents.header(1, 0), "line 1\nline 2\u2028line 3 Ü 😀"),
            SampleEvents.completed());

    sink.write(events);
    sink.write(List.of(SampleEvents.progress(SampleEvents.header(5, 9), "late")));

    assertThat(names()).containsExactly("events-20261122T213000Z-5d2e9b7f4c11-0001.jsonl");
    assertThat(Files.readString(files().get(0)).split("\n", -1))
        .containsExactly(
            json(events.get(0)),
            json(events.get(1)),
            json(SampleEvents.progress(SampleEvents.header(5, 9), "late")),
            "");
  }

  /** Otherwise the journal forgets events that a loss of power takes from the file. */
  @Test
  void linesAndTheNameOfTheirFileAreForcedBeforeTheyCountAsDelivered()
      throws Exception { // Fault 16
    FileSink sink = sink("019b7cdd-1f00-7a10-8c00-5d2e9b7f4c11");
    Path recorded = Files.createTempFile("forces", ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jdk.FileForce").withoutThreshold();
      recording.start();
      sink.write(List.of(SampleEvents.started(SampleEvents.header(1, 0), "first")));
      sink.write(List.of(SampleEvents.completed()));
      recording.stop();
      recording.dump(recorded);
      String file = files().get(0).toString();
      List<String> forced =
          RecordingFile.readAllEvents(recorded).stream()
              .map(event -> event.getString("path"))
              .toList();
      assertThat(forced).filteredOn(file::equals).hasSize(2);
      assertThat(forced).contains(String.valueOf(files().get(0).getParent()));
    } finally {
      Files.delete(recorded);
    }
  }

  @Test
  void placeIsTheFolderWhoeverWritesThere() {
    assertThat(sink("a").fingerprint()).isEqualTo(sink("b").fingerprint());
    assertThat(folderFingerprint(base.resolve("x/../svc"))).isEqualTo(sink("a").fingerprint());
    assertThat(folderFingerprint(base.resolve("other"))).isNotEqualTo(sink("a").fingerprint());
  }

  private String folderFingerprint(Path folder) {
    return new FileSink(folder, new UUID(0, 1), MIB, WEEK, MIB, clock).fingerprint();
  }

  @Test
  void nothingIsOpenToOthers() throws Exception {
    sink("a").write(events(1));

    for (Path folder : List.of(base.resolve("svc"), base.resolve("svc/events"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
          .isEqualTo("rwx------");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files().get(0))))
        .isEqualTo("rw-------");
  }

  @Test
  void folderThatOthersMayReadIsClosedToThem() throws Exception {
    Path events = Files.createDirectories(base.resolve("svc/events"));
    Files.setPosixFilePermissions(events, PosixFilePermissions.fromString("rwxr-xr-x"));

    sink("a").write(events(1));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(events)))
        .isEqualTo("rwx------");
  }

  @Test
  void fileIsClosedAtItsSizeAndNoBatchIsSplit() throws Exception {
    FileSink sink = sink("a", 2_000, WEEK, MIB);

    sink.write(events(3));
    sink.write(events(2));
    sink.write(events(40)); // More than a whole file.

    assertThat(files())
        .extracting(file -> Files.readAllLines(file).size())
        .containsExactly(3, 2, 40);
  }

  @Test
  void openFileThatIsTooOldIsFollowedByTheNext() throws Exception {
    FileSink sink = sink("a");
    sink.write(events(1));
    clock.now = clock.now.plus(WEEK).minusSeconds(1);
    sink.write(events(1));
    assertThat(files()).hasSize(1);

    clock.now = clock.now.plusSeconds(1);
    sink.write(events(1));

    assertThat(names())
        .hasSize(2)
        .last()
        .isEqualTo("events-20261129T213000Z-00000000000a-0002.jsonl");
  }

  @Test
  void closedFilesGoWhenTheyAreTooOld() throws Exception {
    FileSink sink = sink("a", 1, WEEK, MIB);
    sink.write(events(1));
    Path first = files().get(0);
    Files.setLastModifiedTime(first, FileTime.from(clock.now));
    Path foreign = Files.writeString(first.resolveSibling("notes.jsonl"), "mine");
    Files.setLastModifiedTime(foreign, FileTime.from(clock.now));

    clock.now = clock.now.plus(WEEK).plusSeconds(1);
    sink.write(events(1));

    assertThat(names())
        .containsExactly("events-20261129T213001Z-00000000000a-0002.jsonl", "notes.jsonl");
    assertThat(sink.removedEarlyCount()).isZero();
  }

  @Test
  void fileThatAnotherWriterHasOpenStaysHoweverOldItIs() throws Exception {
    sink("b").write(events(1));
    Path theirs = files().get(0);
    Files.setLastModifiedTime(theirs, FileTime.from(clock.now.minus(WEEK).minusSeconds(1)));

    sink("a").write(events(1));

    assertThat(theirs).exists();
    assertThat(files()).hasSize(2);
  }

  @Test
  void oldestFilesGoFirstWhenAllAreOverTheTotal() throws Exception {
    FileSink sink = sink("a", 1, WEEK, 2_000);
    for (int i = 0; i < 8; i++) {
      sink.write(events(1)); // About 400 bytes, a file each.
      Path newest = files().get(files().size() - 1);
      Files.setLastModifiedTime(newest, FileTime.from(clock.now));
      clock.now = clock.now.plusSeconds(60);
    }

    assertThat(sink.removedEarlyCount()).isPositive();
    assertThat(names().get(names().size() - 1)).endsWith("-0008.jsonl");
    assertThat(names()).noneMatch(name -> name.endsWith("-0001.jsonl"));
    assertThat(names()).hasSize(8 - (int) sink.removedEarlyCount());
  }

  @Test
  void halfAFailedWriteIsCutOffBeforeTheNext() throws Exception {
    FileSink sink = sink("a");
    sink.write(events(1));
    Thread.currentThread().interrupt(); // Closes the channel under the write.
    assertThatThrownBy(() -> sink.write(events(1))).isInstanceOf(SinkUnavailableException.class);
    assertThat(Thread.interrupted()).isTrue();
    Files.writeString(files().get(0), "{\"event_ty", StandardOpenOption.APPEND);

    sink.write(events(1));

    assertThat(files()).hasSize(1);
    assertThat(Files.readAllLines(files().get(0)))
        .containsExactly(json(events(1).get(0)), json(events(1).get(0)));
  }

  @Test
  void fileThatWasMovedAwayIsFollowedByANewOne() throws Exception {
    FileSink sink = sink("a");
    sink.write(events(1));
    Files.move(files().get(0), base.resolve("taken.jsonl"));

    sink.write(events(2));

    assertThat(files()).hasSize(1);
    assertThat(Files.readAllLines(files().get(0))).hasSize(2);
  }

  @Test
  void placeThatIsAFileIsAnOutageThatNamesItAndTheOption() throws Exception {
    Files.writeString(base.resolve("svc"), "");
    FileSink sink = sink("a");

    assertThatThrownBy(() -> sink.write(events(1)))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining(base.resolve("svc/events").toString())
        .hasMessageContaining("is not a folder")
        .hasMessageContaining("agentlog.dir");

    Files.delete(base.resolve("svc"));
    sink.write(events(1)); // And it goes on when that is put right.
    assertThat(files()).hasSize(1);
  }

  @Test
  void linkIsNotFollowed() throws Exception {
    Path elsewhere = Files.createDirectory(base.resolve("elsewhere"));
    Files.createDirectory(base.resolve("svc"));
    Files.createSymbolicLink(base.resolve("svc/events"), elsewhere);

    assertThatThrownBy(() -> sink("a").write(events(1))).hasMessageContaining("is a symbolic link");
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void fullDiskIsAnOutageAndLeavesWholeLines() throws Exception {
    Path mount = Files.createDirectory(base.resolve("small"));
    assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=64k", "agentlog-test", mount.toString()));
    try {
      FileSink sink = new FileSink(mount.resolve("svc"), id("a"), 10 * MIB, WEEK, MIB, clock);
      sinks.add(sink);
      sink.write(events(10));
      assertThatThrownBy(() -> sink.write(events(1_000)))
          .isInstanceOf(SinkUnavailableException.class)
          .hasMessageContaining("No space left on device")
          .hasMessageContaining("agentlog.dir");
      Path file = filesIn(mount.resolve("svc/events")).get(0);
      assertThat(Files.readAllLines(file)).hasSize(10).allMatch(line -> line.endsWith("}"));

      sink.write(events(2));

      assertThat(Files.readAllLines(file)).hasSize(12).allMatch(line -> line.endsWith("}"));
      sink.close();
    } finally {
      run("umount", mount.toString());
    }
  }

  private FileSink sink(String instance) {
    return sink(instance, 64 * MIB, WEEK, 1_024 * MIB);
  }

  private FileSink sink(String instance, long sizeMax, Duration ageMax, long totalMax) {
    FileSink sink =
        new FileSink(base.resolve("svc"), id(instance), sizeMax, ageMax, totalMax, clock);
    sinks.add(sink);
    return sink;
  }

  private static UUID id(String text) {
    return text.length() == 36 ? UUID.fromString(text) : new UUID(0, Long.parseLong(text, 16));
  }

  private static List<Event> events(int count) {
    List<Event> events = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      events.add(SampleEvents.progress(SampleEvents.header(i, i), "stage"));
    }
    return events;
  }

  private static String json(Event event) {
    return new String(EventJsonWriter.write(event), java.nio.charset.StandardCharsets.UTF_8);
  }

  private List<String> names() throws IOException {
    return files().stream().map(file -> file.getFileName().toString()).toList();
  }

  private List<Path> files() throws IOException {
    return filesIn(base.resolve("svc/events"));
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static boolean run(String... command) throws Exception {
    try {
      Process process = new ProcessBuilder(command).inheritIO().start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static final class SettableClock extends Clock {
    Instant now = Instant.parse("2026-11-22T21:30:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
