package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.SampleEvents;
import io.agentlog.log.Finding;
import io.agentlog.sink.BatchLimits;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the sink and the commands say of a database that they can't use. */
class UnreachableDatabaseTest {
  private static final String NOT_USABLE =
      "agentlog.postgres.url is not usable: it must read jdbc:postgresql://HOST:PORT/DATABASE";

  private final TestConfig unusable =
      new TestConfig().with("postgres.url", "jdbc:mysql://db/app?password=s3cret");
  private final TestConfig usable =
      new TestConfig().with("postgres.url", "jdbc:postgresql://db/app?password=s3cret");

  @Test
  void sinkForAnotherDatabaseIsAnOutageThatSaysHowTheUrlReads() {
    try (PostgresSink sink = new PostgresSink(unusable)) {
      assertThatThrownBy(() -> sink.write(SampleEvents.documented()))
          .isInstanceOf(SinkUnavailableException.class)
          .hasMessage(NOT_USABLE);
      assertThatThrownBy(sink::connect)
          .isInstanceOf(SinkUnavailableException.class)
          .hasMessage(NOT_USABLE);
    }
  }

  @Test
  void timelineOfAnotherDatabaseIsAnOutageThatSaysHowTheUrlReads() {
    assertThatThrownBy(() -> new Timeline(unusable).of("order 4711", true))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessage(NOT_USABLE);
  }

  @Test
  void migrationOfAnotherDatabaseIsAnOutageThatSaysHowTheUrlReads() {
    assertThatThrownBy(() -> new TableSetup(unusable).run(false))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessage(NOT_USABLE);
  }

  @Test
  void checkOfAnotherDatabaseIsOneFinding() {
    assertThat(new DatabaseCheck(unusable).run())
        .containsExactly(Finding.wrong("postgres", NOT_USABLE));
  }

  @Test
  void refusedLogInIsTheSameSentenceEverywhere() throws IOException {
    try (RefusingServer server = new RefusingServer("28P01")) {
      String sentence =
          "%s refuses the log-in of user me (SQLSTATE 28P01): check agentlog.postgres.user, agentlog.postgres.password and the server's pg_hba.conf"
              .formatted(server.place());

      assertThat(new DatabaseCheck(server.config()).run())
          .containsExactly(Finding.wrong("postgres", sentence));
      assertThatThrownBy(() -> new Timeline(server.config()).of("order 4711", false))
          .isInstanceOf(SinkUnavailableException.class)
          .hasMessage(sentence);
      assertThatThrownBy(() -> new TableSetup(server.config()).run(false))
          .isInstanceOfSatisfying(
              SinkUnavailableException.class,
              outage -> {
                assertThat(outage).hasMessage(sentence);
                assertThat(outage.retryDelayMin()).isEqualTo(Duration.ofSeconds(30));
              });
    }
  }

  /** Starting, stopping and being full pass by themselves; what else is answered does not. */
  @ParameterizedTest
  @CsvSource({
    "57P03, true",
    "57P01, true",
    "57P02, true",
    "53300, true",
    "28P01, false",
    "28000, false",
    "3D000, false",
    "42501, false",
    "XX000, false"
  })
  void databaseIsAwayIfItsAnswerPassesByItself(String state, boolean isAway) throws IOException {
    try (RefusingServer server = new RefusingServer(state)) {
      DatabaseCheck check = new DatabaseCheck(server.config());
      assertThat(check.run()).hasSize(1);
      assertThat(check.away()).isEqualTo(isAway ? check.run().get(0) : null);
    }
  }

  @ParameterizedTest
  @CsvSource({"localhost:1, true", "no-such-host.invalid:5432, false", "localhost:99999, false"})
  void databaseIsAwayIfNothingAnswersAtAPlaceThatIsKnown(String place, boolean isAway) {
    DatabaseCheck check =
        new DatabaseCheck(
            new TestConfig().with("postgres.url", "jdbc:postgresql://" + place + "/a"));
    assertThat(check.run()).hasSize(1);
    assertThat(check.away() != null).isEqualTo(isAway);
  }

  @Test
  void placeOfATimelineHasNoSecrets() {
    assertThat(new Timeline(usable).place()).isEqualTo("db:5432/app");
  }

  @Test
  void sinkDescribesItselfWithoutConnecting() {
    try (PostgresSink sink = new PostgresSink(usable)) {
      assertThat(sink.name()).isEqualTo("postgres");
      assertThat(sink.target()).isEqualTo("db:5432/app");
      assertThat(sink.fingerprint()).isEqualTo(PostgresTarget.of(usable).fingerprint());
      assertThat(sink.batchLimits()).isSameAs(BatchLimits.COALESCING);
      assertThat(sink.written()).isEqualTo(new Written(0, 0, 0));
    }
  }

  @Test
  void sinkThatWroteNothingHasNothingToMaintainAndClosesWithoutConnecting() throws Exception {
    try (RefusingServer server = new RefusingServer("28P01")) {
      TestConfig pruning = server.config().with("retention", "30d");
      AtomicLong nanoTime = new AtomicLong();
      try (PostgresSink dead = new PostgresSink(pruning);
          PostgresSink own = new PostgresSink(pruning, new UUID(1, 2), "shop", nanoTime::get)) {
        nanoTime.set(Retention.RUN_NANOS); // It would be due if there were tables.
        assertThat(dead.maintain()).isFalse();
        assertThat(own.maintain()).isFalse();
      }
      assertThat(server.logInCount()).isZero();
    }
  }
}
