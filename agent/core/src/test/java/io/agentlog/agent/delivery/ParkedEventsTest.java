package io.agentlog.agent.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.agent.journal.JournalBatch;
import io.agentlog.agent.journal.RecordPlace;
import io.agentlog.event.Event;
import io.agentlog.event.InstanceFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParkedEventsTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

  private static final InstanceFacts FACTS =
      new InstanceFacts(new UUID(1, 2), null, "router", null, null);

  @TempDir Path temp;

  @Test
  void eachEventIsALineWithReasonAndMessageEscaped() throws IOException {
    ParkedEvents parked = parked(temp, event -> "{\"a\":1}");
    parked.park(List.of(refusal("22003", "too \"big\"\nby far"), refusal("23514", "no")));
    parked.park(List.of(refusal("23514", "no")));
    assertThat(Files.readAllLines(parked.file()))
        .hasSize(3)
        .first()
        .isEqualTo(
            "{\"time\":\"2026-01-01T00:00:00Z\",\"reason\":\"22003\","
                + "\"message\":\"too \\\"big\\\"\\nby far\",\"event\":{\"a\":1},\"target\":\"fake\","
                + "\"instance\":{\"instance_id\":\"00000000-0000-0001-0000-000000000002\","
                + "\"project_name\":\"router\"},\"record\":\"eA==\"}");
  }

  @Test
  void parkedFilesArePrivateEvenIfTheyExistedBefore() throws IOException { // Fault 31
    Path base = temp.resolve("state/agentlog");
    ParkedEvents parked = parked(base, event -> "{}");
    parked.park(List.of(refusal("r", "m")));
    assertThat(rights(base)).isEqualTo("rwx------");
    Files.setPosixFilePermissions(parked.file(), PosixFilePermissions.fromString("rw-r--r--"));
    Files.setPosixFilePermissions(
        parked.file().getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
    parked.park(List.of(refusal("r", "m")));
    assertThat(rights(parked.file())).isEqualTo("rw-------");
    assertThat(rights(parked.file().getParent())).isEqualTo("rwx------");
  }

  @Test
  void noSymbolicLinkIsFollowed() throws IOException { // Fault 29
    Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
    Path base = Files.createDirectory(temp.resolve("base"));
    Files.createSymbolicLink(base.resolve("parked"), elsewhere);
    ParkedEvents parked = parked(base, event -> "{}");
    assertThatThrownBy(() -> parked.park(List.of(refusal("r", "m"))))
        .isInstanceOf(IOException.class);
    Files.delete(base.resolve("parked"));
    Files.createDirectory(base.resolve("parked"));
    Files.createSymbolicLink(parked.file(), elsewhere.resolve("target"));
    assertThatThrownBy(() -> parked.park(List.of(refusal("r", "m"))))
        .isInstanceOf(IOException.class);
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void lineThatWasTornDoesNotSpoilTheNext() throws IOException {
    parked(temp, event -> "{}").park(List.of(refusal("r", "m")));
    Path file = temp.resolve("parked/fake.jsonl");
    Files.writeString(file, "{\"torn", StandardOpenOption.APPEND);
    parked(temp, event -> "{}").park(List.of(refusal("r", "m")));
    assertThat(Files.readAllLines(file))
        .hasSize(3)
        .last()
        .asString()
        .endsWith("\"record\":\"eA==\"}");
  }

  @Test
  void fileBeyondItsLimitIsRefusedAndNamed() throws IOException {
    ParkedEvents parked = new ParkedEvents(temp, new FakeSink(), FACTS, event -> "{}", CLOCK, 10);
    parked.park(List.of(refusal("r", "m")));
    assertThatThrownBy(() -> parked.park(List.of(refusal("r", "m"))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("fake.jsonl is larger than 10 bytes");
  }

  @Test
  void eventWithoutJsonIsParkedByItsIdentity() throws IOException {
    ParkedEvents parked =
        parked(
            temp,
            event -> {
              throw new IllegalStateException("no JSON");
            });
    parked.park(List.of(refusal("r", "m")));
    assertThat(Files.readString(parked.file()))
        .contains("\"event\":{\"execution_id\":\"" + TestEvents.executionId(1) + "\",\"seq\":1");
  }

  private static ParkedEvents parked(Path base, Function<Event, String> eventJson) {
    return new ParkedEvents(
        base, new FakeSink(), FACTS, eventJson, CLOCK, ParkedEvents.FILE_BYTES_MAX);
  }

  private static Refusal refusal(String reason, String message) {
    byte[] record = {'x'};
    return new Refusal(
        new Undelivered(
            TestEvents.decode(record),
            record,
            new Undelivered.Source(
                new JournalBatch(List.of(record), i -> new RecordPlace(0, i), record))),
        reason,
        message,
        true);
  }

  private static String rights(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
