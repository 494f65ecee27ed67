package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.backends.TcpForwarder;
import io.agentlog.it.support.AgentJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what a call that had gone on recorded is in the database, once, whenever the JVM is killed.
 * Method: SIGKILL a JVM under load, start the next on the same directory, again and again, the
 * database cut off in half of the rounds; then let the last one adopt what is left, and compare
 * with what the load wrote down itself: acknowledged is part of the database, the database of
 * intended.
 *
 * <p>{@code -Dagentlog.it.kills=200} makes the long run, {@code -Dagentlog.it.seed} repeats one.
 * Every other kill waits for a segment that is being made ready or a cursor that is being written;
 * what the dead directory shows is counted.
 */
class KillLoopIT {
  private static final int KILLS = Integer.getInteger("agentlog.it.kills", 8);
  private static final long SEED = Long.getLong("agentlog.it.seed", System.nanoTime());
  private static final int RATE = 2_000;
  private static final long LOAD_MILLIS_MAX = 900;
  private static final long CURSOR_BUSY_OFFSET = 256;
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration ADOPTION_DEADLINE = Duration.ofMinutes(5);
  private static final String SERVICE = "kill-loop";

  private final Random random = new Random(SEED);
  private int killsInRoll;
  private int killsInCursorWrite;

  @Test
  void whatWasAcknowledgedIsInTheDatabaseOnceHoweverOftenTheJvmIsKilled(@TempDir Path directory)
      throws Exception { // Faults 1 to 8, 26, 27.
    Path truths = Files.createDirectory(directory.resolve("truth"));
    Path state =
        Files.createDirectory(
            directory.resolve("state"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try (Postgres database = Postgres.startOwn();
        TcpForwarder forwarder = new TcpForwarder(database.host(), database.port())) {
      for (int round = 0; round < KILLS; round++) {
        if (round % 2 == 0) {
          forwarder.open();
        } else {
          forwarder.cut();
        }
        round(database, forwarder, state, truths.resolve("round-" + round), round % 4 < 2);
      }
      forwarder.open();
      adoptAll(database, forwarder, state);
      compare(database, truths);
    }
  }

  private void round(
      Postgres database, TcpForwarder forwarder, Path state, Path truth, boolean aimed) {
    Set<Path> before = instances(state);
    try (AgentJvm jvm = start(database, forwarder, state, truth, RATE)) {
      jvm.awaitLine("warm", DEADLINE);
      Path own =
          instances(state).stream()
              .filter(path -> !before.contains(path))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no instance directory; " + jvm.stderr()));
      long killAt =
          System.nanoTime()
              + TimeUnit.MILLISECONDS.toNanos((long) (random.nextDouble() * LOAD_MILLIS_MAX));
      long giveUpAt = killAt + TimeUnit.MILLISECONDS.toNanos(2 * LOAD_MILLIS_MAX);
      while (System.nanoTime() - killAt < 0
          || (aimed
              && !isInRoll(own)
              && !isInCursorWrite(own)
              && System.nanoTime() - giveUpAt < 0)) {
        if (System.nanoTime() - killAt < 0) {
          LockSupport.parkNanos(100_000L); // Until a moment drawn by lot; then as fast as can be.
        }
      }
      jvm.kill();
      jvm.awaitExit(DEADLINE);
      killsInRoll += isInRoll(own) ? 1 : 0;
      killsInCursorWrite += isInCursorWrite(own) ? 1 : 0;
    }
  }

  private void adoptAll(Postgres database, TcpForwarder forwarder, Path state) {
    try (AgentJvm last = start(database, forwarder, state, state.resolveSibling("unused"), 0)) {
      last.awaitLine("warm", DEADLINE);
      last.await(
          "all directories but its own are gone",
          ADOPTION_DEADLINE,
          () -> instances(state).size() == 1);
      last.endInput();
      last.awaitSuccess();
      assertThat(last.stderr())
          .filteredOn(line -> line.contains("damaged") || line.contains("keeps"))
          .isEmpty();
    }
  }

  private static AgentJvm start(
      Postgres database, TcpForwarder forwarder, Path state, Path truth, int rate) {
    return AgentJvm.in(state)
        .service(SERVICE)
        .property("agentlog.postgres.host", forwarder.host())
        .property("agentlog.postgres.port", forwarder.port())
        .property("agentlog.postgres.database", database.database())
        .property("agentlog.postgres.user", database.user())
        .property("agentlog.postgres.password", database.password())
        .options("-Xmx256m")
        .start(KillLoad.class, truth.toString(), Integer.toString(rate));
  }

  private void compare(Postgres database, Path truths) throws Exception {
    Set<UUID> intended = new HashSet<>();
    Set<UUID> acknowledged = new HashSet<>();
    readTruth(truths, intended, acknowledged);
    Map<UUID, String> found = new HashMap<>();
    List<String> wrong = new ArrayList<>();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.setFetchSize(10_000);
      ResultSet rows =
          statement.executeQuery(
              "SELECT e.correlation_id, e.status, md5(e.user_prompt), (SELECT count(*) FROM"
                  + " agent_execution_progress p WHERE p.execution_id = e.execution_id) FROM"
                  + " agent_execution_logs e WHERE e.agent_name = '"
                  + KillLoad.AGENT
                  + "'");
      while (rows.next()) {
        UUID id = rows.getObject(1, UUID.class);
        String status = rows.getString(2);
        if (found.put(id, status) != null) {
          wrong.add(id + " has two rows");
        }
        if (!intended.contains(id)) {
          wrong.add(id + " was never intended");
        }
        if (status.equals("in_progress")) {
          wrong.add(id + " is stuck");
        }
        boolean whole =
            status.equals("success")
                && md5(KillLoad.prompt(id)).equals(rows.getString(3))
                && rows.getInt(4) == 2;
        if (acknowledged.contains(id) && !whole) {
          wrong.add(id + " is " + status + " with " + rows.getInt(4) + " stages or another prompt");
        }
      }
    }
    long lost = acknowledged.stream().filter(id -> !found.containsKey(id)).count();
    String summary =
        "seed "
            + SEED
            + ": "
            + KILLS
            + " kills, "
            + killsInRoll
            + " while a segment was made ready, "
            + killsInCursorWrite
            + " while a cursor was written; "
            + intended.size()
            + " intended, "
            + acknowledged.size()
            + " acknowledged, "
            + found.size()
            + " in the database, lost "
            + lost
            + ", wrong "
            + wrong.size();
    System.out.println(summary);
    assertThat(wrong.stream().limit(10)).as(summary).isEmpty();
    assertThat(lost).as(summary).isZero();
    assertThat(acknowledged.size()).as(summary).isGreaterThan(KILLS * 200);
    // A few rounds may all miss, the more so on a busy machine; many may not.
    int struckMin = KILLS < 100 ? 0 : KILLS * 3 / 20;
    assertThat(killsInRoll + killsInCursorWrite).as(summary).isGreaterThanOrEqualTo(struckMin);
  }

  private static void readTruth(Path truths, Set<UUID> intended, Set<UUID> acknowledged)
      throws IOException {
    try (Stream<Path> files = Files.list(truths)) {
      for (Path file : files.toList()) {
        for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
          UUID id = UUID.fromString(line.substring(1));
          (line.charAt(0) == 'I' ? intended : acknowledged).add(id);
        }
      }
    }
  }

  private static Set<Path> instances(Path state) {
    Path service = state.resolve(SERVICE);
    if (!Files.isDirectory(service)) {
      return Set.of();
    }
    Set<Path> instances = new HashSet<>();
    try (Stream<Path> paths = Files.list(service)) {
      paths.filter(path -> Files.exists(path.resolve("lock"))).forEach(instances::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return instances;
  }

  private static boolean isInRoll(Path instance) {
    try (Stream<Path> files = Files.list(instance)) {
      return files.anyMatch(file -> file.toString().endsWith(".tmp"));
    } catch (IOException | UncheckedIOException e) {
      return false; // Adopted and removed meanwhile.
    }
  }

  private static boolean isInCursorWrite(Path instance) {
    Path cursor = instance.resolve("cursor-postgres");
    try (var channel = Files.newByteChannel(cursor)) {
      java.nio.ByteBuffer flag = java.nio.ByteBuffer.allocate(1);
      channel.position(CURSOR_BUSY_OFFSET);
      return channel.read(flag) == 1 && flag.get(0) != 0;
    } catch (IOException e) {
      return false; // Not there yet.
    }
  }

  private static String md5(String text) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8)));
  }
}
