package io.agentlog.insight.backtest;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.insight.Dashboards;
import io.agentlog.insight.MadeTables;
import io.agentlog.insight.backtest.Backtest.Report;
import io.agentlog.insight.backtest.Backtest.RuleOutcome;
import io.agentlog.insight.command.InsightCommandLine;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.RulesFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Goal: a backtest finds what went wrong in the past, when it did, and nothing where nothing has
 * changed. Method: 26 days of two agents in a real database, of which one fails for four hours.
 */
class BacktestIT {
  private static final Instant NOW = Instant.parse("2026-03-20T12:00:00Z");
  private static final Instant BAD = Instant.parse("2026-03-18T09:00:00Z");

  private static final String ROWS =
      """
      SELECT setseed(0.5);
      INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at, completed_at, duration_us, quality_score, seen)
      SELECT gen_random_uuid(), a, CASE WHEN random() < CASE WHEN a = 'bad' AND t >= '2026-03-18 09:00Z' AND t < '2026-03-18 13:00Z'
               THEN 0.4 ELSE 0.02 END THEN 'failed' ELSE 'success' END, t, t, 1000000 + random() * 1000000, 0.9, 7
      FROM unnest('{bad,good}'::text[]) a,
        LATERAL (SELECT timestamptz '2026-03-20 12:00Z' - random() * interval '26 days' AS t FROM generate_series(1, 40000)) g\
      """;

  private static final String RULES =
      """
      version: 1
      rules:
        - {name: failures, kind: failure-rate, agents: ["*"], windows: [1h, 6h], max: 5%, baseline: same-hour 21d}
        - {name: slower, kind: latency, agents: ["*"], windows: [1h, 6h], quantile: 95%, baseline: same-hour 21d}
        - {name: hung, kind: stuck, after: 10m}
      """;

  @Test
  void findsWhatWentWrongAndWhen(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("rules.yaml"), RULES);
    RulesFile.Outcome read = RulesFile.read(file);
    assertThat(read.problems()).isEmpty();
    Rules rules = requireNonNull(read.rules());
    try (Postgres database = MadeTables.empty()) {
      database.execute(ROWS);
      Report report =
          new Backtest(Dashboards.config(database), rules, Duration.ofDays(4), 3)
              .run(NOW, line -> {});
      RuleOutcome failures = report.rules().get(0);
      assertThat(failures.agents()).containsExactly("bad", "good");
      assertThat(failures.learning()).isEmpty();
      assertThat(failures.alarms()).hasSize(1);
      Replay.Alarm alarm = failures.alarms().get(0);
      assertThat(alarm.agent()).isEqualTo("bad");
      assertThat(alarm.begin()).isBetween(BAD, BAD.plus(Duration.ofHours(1)));
      assertThat(alarm.end()).isBetween(BAD.plusSeconds(14_400), BAD.plusSeconds(18_000));
      assertThat(alarm.evidence().summary()).startsWith("bad: ").contains("failed");
      assertThat(requireNonNull(failures.falseAlarms()).weeks()).isEqualTo(3);
      assertThat(report.rules().get(1).alarms()).isEmpty();
      assertThat(report.rules().get(2).problem()).contains("no statistics");
    }
  }

  @Test
  void historyOfLessThanAnHourIsSaidToBeTooShort(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("rules.yaml"), RULES);
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int status;
    try (Postgres database = MadeTables.empty()) {
      database.execute(
          "INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at,"
              + " completed_at, duration_us, seen) VALUES (gen_random_uuid(), 'new', 'success',"
              + " now(), date_trunc('hour', now()) + interval '1 hour', 1, 7)");
      System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
      status =
          new CommandLine(new InsightCommandLine())
              .execute(
                  "backtest",
                  file.toString(),
                  "-o",
                  "postgres.url=" + database.jdbcUrl(),
                  "-o",
                  "postgres.user=" + database.user(),
                  "-o",
                  "postgres.password=" + database.password());
    } finally {
      System.setOut(before);
    }
    assertThat(status).isZero();
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("so there is nothing to look at", "try again after it");
  }
}
