package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.log.CapturedLog;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the report is written, and what becomes of a refusal. */
class InstanceReportTest {
  private static final UUID INSTANCE = UUID.fromString("019a0000-0000-7000-8000-0000000000ff");
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final String WRITE = "UPDATE agent_instances";

  private final CapturedLog log = new CapturedLog();
  private final FakeDatabase database = new FakeDatabase();
  private final PostgresTarget target =
      PostgresTarget.of(new TestConfig().with("postgres.url", "jdbc:postgresql://db/app?user=me"));
  private long now = -5 * SECOND_NANOS; // System.nanoTime may be negative.
  private @Nullable String text = "{\"running\":1}";
  private final InstanceReport report = new InstanceReport(INSTANCE, () -> text, target, () -> now);

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void reportIsWrittenInATransactionOfItsOwn() throws SQLException {
    assertThat(report.isDue()).isTrue();
    report.write(database.connection());

    assertThat(database.statements().get(1))
        .isEqualTo(new FakeDatabase.Ran(InstanceReport.WRITE, List.of(text, INSTANCE)));
    assertThat(database.log()).first().asString().startsWith("SET LOCAL statement_timeout");
    assertThat(database.log()).endsWith("commit");
    assertThat(report.isDue()).isFalse();
  }

  @Test
  void changedTextIsDueAfterTenSecondsAndTheSameTextAfterAMinute() throws SQLException {
    report.write(database.connection());
    pass(9);
    text = "{\"running\":2}";
    assertThat(report.isDue()).isFalse();
    pass(1);
    assertThat(report.isDue()).isTrue();
    report.write(database.connection());
    pass(59);
    assertThat(report.isDue()).isFalse();
    pass(10); // It looks once in ten seconds.
    assertThat(report.isDue()).isTrue();
    report.write(database.connection());

    assertThat(database.count(WRITE)).isEqualTo(3);
  }

  @Test
  void nothingIsWrittenBeforeThereIsAReportNorIfItIsTooLong() throws SQLException {
    text = null;
    assertThat(report.isDue()).isFalse();
    pass(10);
    text = "\u20ac".repeat(InstanceReport.BYTES_MAX / 3 + 1);
    assertThat(report.isDue()).isFalse();
    report.write(database.connection());
    assertThat(database.log()).isEmpty();
    pass(10);
    text = "x".repeat(InstanceReport.BYTES_MAX);

    assertThat(report.isDue()).isTrue();
  }

  @Test
  void missingColumnIsReportedOnceAndTriedAgainTenMinutesLater() throws SQLException {
    database.on(WRITE, FakeDatabase.refused("42703"), FakeDatabase.refused("42703"), 1);
    report.write(database.connection());
    assertThat(database.log()).endsWith("rollback");
    assertThat(report.lacksColumn()).isTrue();
    pass(599);
    assertThat(report.isDue()).isFalse();
    pass(1);
    assertThat(report.isDue()).isTrue();
    report.write(database.connection());
    report.writeLast(database.connection()); // It would be refused again.
    assertThat(database.count(WRITE)).isEqualTo(2);
    pass(600);
    report.write(database.connection());

    assertThat(report.lacksColumn()).isFalse();
    assertThat(log.lines())
        .containsExactly(
            "[agentlog] postgres - the dashboard can't show the counters and sinks of this JVM,"
                + " because agent_instances at db:5432/app takes no report (SQLSTATE 42703: no). Run"
                + " java -jar agentlog.jar migrate, once as the owner of the table");
  }

  @Test
  void missingRightIsReportedWithTheGrant() throws SQLException {
    database.on(WRITE, FakeDatabase.refused("42501"));
    report.write(database.connection());

    assertThat(report.lacksColumn()).isFalse();
    assertThat(log.lines())
        .hasSize(1)
        .first()
        .asString()
        .endsWith("Run GRANT SELECT, INSERT, UPDATE ON agent_instances TO \"me\"");
  }

  @Test
  void conflictThatPassesIsNotReportedAndTriedAgainWithTheNextRenewal() throws SQLException {
    database.on(WRITE, FakeDatabase.refused("55P03"));
    report.write(database.connection());
    pass(10);

    assertThat(report.isDue()).isTrue();
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void unreachableServerIsThrown() {
    SQLException broken = FakeDatabase.broken();
    database.on(WRITE, broken);

    assertThatThrownBy(() -> report.write(database.connection())).isSameAs(broken);
    assertThat(database.log()).doesNotContain("rollback");
  }

  private void pass(long seconds) {
    now += seconds * SECOND_NANOS;
  }
}
