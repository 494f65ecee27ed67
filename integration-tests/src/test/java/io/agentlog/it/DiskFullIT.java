package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.backends.TcpForwarder;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import io.agentlog.it.support.Tmpfs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a full disk costs the application nothing, and costs us no more than is counted; once there
 * is space, recording goes on. Method: a real file system of 48 MiB, filled by the journal itself
 * and by somebody else; at the end each event is in the database or in the counted drop.
 */
class DiskFullIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int DISK_MEBIBYTES = 48;
  private static final int CHUNK = 500;

  /** More than what is ready and the waiting room hold: some have to be dropped. */
  private static final int TOO_MANY = 20_000;

  private static final Pattern STOPPED =
      Pattern.compile("\\[agentlog] stopped: (\\d+) executions.*dropped (\\d+).* pending (\\d+).*");

  @TempDir Path directory;
  private final Postgres database = Backends.postgres().newDatabase();
  private final TcpForwarder forwarder = new TcpForwarder(database.host(), database.port());
  private Tmpfs disk;
  private AgentJvm app;
  private long made;

  @BeforeEach
  void mount() {
    disk = Tmpfs.mount(directory.resolve("disk"), DISK_MEBIBYTES);
    forwarder.cut();
  }

  @AfterEach
  void close() {
    if (app != null) {
      app.close();
    }
    if (disk != null) {
      disk.close();
    }
    forwarder.close();
    database.close();
  }

  @Test
  void whatAFullDiskCostsIsCountedAndRecordingGoesOn() { // Faults 19 and 20
    app = start();
    make(1_000);
    disk.fill(); // By somebody else, while the database is down.
    make(TOO_MANY);
    assertThat(lines("no new segment")).as("said once; %s", app.stderr()).isEqualTo(1);
    assertThat(disk.freeBytes()).isLessThan(1 << 20);

    disk.free();
    long free = disk.freeBytes();
    makeUntil("the journal grows again", () -> disk.freeBytes() < free);
    makeUntil("the journal itself has filled the disk", () -> disk.freeBytes() < 5 << 20);
    make(TOO_MANY);

    forwarder.open();
    awaitRecorded();
    stopAndCount(true);
  }

  @Test
  void anApplicationStartsOnAFullDiskAndIsRecordedDurablyOnceThereIsSpace() { // Fault 18
    disk.fill();
    app = start();
    make(TOO_MANY);
    assertThat(lines("(tmpfs: lost at a reboot")).isEqualTo(1); // Fault 13
    assertThat(lines("journal - WARN")).as("said once; %s", app.stderr()).isEqualTo(1);

    long free = disk.freeBytes();
    disk.free();
    app.await("journal on the disk", DEADLINE, () -> lines("now: events wait on the disk") == 1);
    assertThat(disk.freeBytes()).isGreaterThan(free);
    make(1_000);
    forwarder.open();
    awaitRecorded();
    stopAndCount(false); // What came meanwhile had room in the heap.
  }

  private AgentJvm start() {
    AgentJvm started =
        AgentJvm.in(disk.path())
            .postgres(database)
            .property("agentlog.postgres.host", forwarder.host())
            .property("agentlog.postgres.port", forwarder.port())
            .property("agentlog.journal.max-size", "1g")
            .property("agentlog.journal.min-free", "0")
            .property("agentlog.shutdown.wait", "20s")
            .options("-Xmx256m", "-XX:+UseSerialGC")
            .start(
                AgentJvm.classPathOf(NumberedLoad.class, AgentExecution.class), NumberedLoad.class);
    started.awaitLine("ready", DEADLINE);
    return started;
  }

  /** Executions, a few at a time, and waits until their calls have returned. */
  private void make(int count) {
    for (int i = 0; i < count; i += CHUNK) {
      made += CHUNK;
      app.say(String.valueOf(CHUNK));
      app.awaitLine("made " + made, DEADLINE);
    }
  }

  private void makeUntil(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("%s; stderr: %s", what, app.stderr()).isNegative();
      make(CHUNK);
    }
  }

  /** Until the executions of one line are all in the database. */
  private void awaitRecorded() {
    makeUntil(
        "new executions are recorded",
        () -> {
          long first = made;
          make(CHUNK);
          long giveUp = System.nanoTime() + DEADLINE.toNanos() / 6;
          while (System.nanoTime() - giveUp < 0) {
            if (recordedFrom(first) == CHUNK) {
              return true;
            }
          }
          return false; // Some were dropped: the next ones may not be.
        });
  }

  private long recordedFrom(long number) {
    return Rows.count(
        database,
        "SELECT count(*) FROM agent_execution_logs WHERE seen = 7 AND correlation_id >= ?",
        NumberedLoad.id(number));
  }

  private void stopAndCount(boolean drops) {
    app.endInput();
    app.awaitSuccess();
    String last = app.stderr().get(app.stderr().size() - 1);
    Matcher stopped = STOPPED.matcher(last);
    assertThat(stopped.matches()).as(last).isTrue();
    assertThat(stopped.group(1)).as(last).isEqualTo(String.valueOf(made));
    assertThat(stopped.group(3)).as(last).isEqualTo("0");
    long dropped = Long.parseLong(stopped.group(2));
    assertThat(dropped > 0).as(last).isEqualTo(drops);
    assertThat(Rows.eventCount(database) + dropped).as(last).isEqualTo(made * NumberedLoad.EVENTS);
    assertThat(
            Rows.count(
                database,
                "SELECT count(*) FROM agent_execution_logs WHERE seen & 1 = 1 AND"
                    + " left(repeat(correlation_id::text, 40), 1024) <> user_prompt"))
        .isZero();
  }

  private long lines(String part) {
    return app.stderr().stream().filter(line -> line.contains(part)).count();
  }
}
