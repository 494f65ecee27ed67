package io.agentlog.insight.figures;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.insight.MadeTables;
import io.agentlog.insight.command.InsightCommandLine;
import io.agentlog.json.JsonReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Goal: the command says what rules would see at the traffic that there is. Method: 28 days of made
 * hours in the rollup's table, and the command within this JVM.
 */
@Timeout(180)
class RulesCheckIT {
  private static Postgres database;
  @TempDir private Path folder;

  @BeforeAll
  static void fill() throws Exception {
    database = MadeTables.empty();
    // 'router' has 600 executions an hour, 12 of them failed; 'rare' has one.
    database.execute(
        """
        INSERT INTO agent_insight_rollup
        SELECT level, at, agent, '', n, n - failed, failed, 0, 0, n, failed, 0, ARRAY[700, 750], ARRAY[n - n / 20, n / 20], n, 0,
               ARRAY[100, 150, 180]::smallint[], ARRAY[n / 10, n / 2, n - n / 10 - n / 2], now()
        FROM (VALUES ('router', 600, 12), ('rare', 1, 0)) AS a (agent, per_hour, failures)
        CROSS JOIN (SELECT 2 AS level, date_trunc('hour', now()) - h * interval '1 hour' AS at, 1 AS hours FROM generate_series(1, 750) AS h
                    UNION ALL SELECT 1, date_trunc('hour', now()) - m * interval '5 minutes', 1 / 12.0 FROM generate_series(1, 180) AS m
                    UNION ALL SELECT 3, date_trunc('day', now()) - d * interval '1 day', 24 FROM generate_series(0, 31) AS d) AS t
        CROSS JOIN LATERAL (SELECT (per_hour * hours)::int AS n, (failures * hours)::int AS failed) AS s;
        INSERT INTO agent_execution_logs (execution_id, agent_name, status, started_at)
        VALUES (gen_random_uuid(), 'rare', 'in_progress', now() - interval '20 minutes')""");
    database.execute("ANALYZE");
  }

  @AfterAll
  static void drop() {
    database.close();
  }

  @Test
  void saysWhichChangeEachRuleSees() throws Exception {
    Run run =
        run(
            """
            version: 1
            rules:
              - {name: failures, kind: failure-rate, baseline: same-hour 28d}
              - {name: limit, kind: failure-rate, windows: [1h], max: 5%, agents: [router]}
              - {name: slower, kind: latency, min-increase: 200ms, agents: [router]}
              - {name: worse, kind: quality, agents: [router]}
              - {name: silent, kind: no-traffic}
              - {name: hung, kind: stuck, after: 10m}
            """);

    assertThat(run.status).isZero();
    String text = String.join("\n", run.lines);
    assertThat(text).contains("failures (failure-rate), shared by 2 agents");
    assertThat(line(run, "failures", "router"))
        .matches(
            "  router: usually 2 % fail; seen within 1h from \\S+ % of 59\\d executions on, seen within 6h from \\S+ % of 35\\d\\d executions on");
    assertThat(line(run, "failures", "rare"))
        .matches(
            "  rare: nothing is seen within 1h( and 6h)?: rare has too little to compare with.*");
    assertThat(line(run, "limit", "router"))
        .matches("  router: seen within 1h from \\S+ % of 59\\d executions on");
    assertThat(line(run, "slower", "router"))
        .matches(
            "  router: 95 % usually take up to \\S+ s; seen within 1h once \\S+ % of 59\\d executions take over .*");
    assertThat(line(run, "worse", "router"))
        .matches("  router: the mean score is usually \\S+; seen within 1h once \\S+ % of .*");
    assertThat(line(run, "silent", "router"))
        .matches("  router: usually 59\\d executions in 1h; seen when there is none");
    assertThat(line(run, "hung", "rare")).contains("1 execution is in progress for too long");
  }

  @Test
  void longerWindowsSeeSmallerChangesAndFewerAgentsSeeMore() throws Exception {
    String rule = "version: 1\nrules: [{name: failures, kind: failure-rate, agents: [%s]}]";
    List<Double> two = seen(run(rule.formatted("router, rare"), "--json"));
    List<Double> one = seen(run(rule.formatted("router"), "--json"));

    assertThat(two.get(0)).isGreaterThan(two.get(1)).isBetween(0.05, 0.10);
    assertThat(one.get(0)).isLessThanOrEqualTo(two.get(0));
  }

  @Test
  void agentThatIsNotKnownIsNamed() throws Exception {
    Run run = run("version: 1\nrules: [{name: hung, kind: stuck, after: 10m, agents: [routr]}]");

    assertThat(run.status).isEqualTo(1);
    assertThat(run.lines)
        .contains(
            "rule 'hung': no execution of agent 'routr' has ended in the last 90 days; did you mean 'router'?");
  }

  @Test
  void fileWithAMistakeIsNotLookedAt() throws Exception {
    Run run = run("version: 1\nrules: [{name: hung, kind: stuk}]");

    assertThat(run.status).isEqualTo(1);
    assertThat(run.lines)
        .containsExactly(
            "alerts.yaml:2: 'kind' 'stuk' is not known; did you mean 'stuck'?",
            "the file is not used as long as it has mistakes");
  }

  private static String line(Run run, String rule, String agent) {
    int at = 0;
    while (!run.lines.get(at).startsWith(rule + " (")) {
      at++;
    }
    return run.lines.stream()
        .skip(at)
        .filter(line -> line.startsWith("  " + agent + ":"))
        .findFirst()
        .orElseThrow();
  }

  private static List<Double> seen(Run run) {
    for (Object agent :
        (List<?>) ((Map<?, ?>) ((List<?>) run.json.get("rules")).get(0)).get("agents")) {
      if ("router".equals(((Map<?, ?>) agent).get("agent"))) {
        return ((List<?>) ((Map<?, ?>) agent).get("windows"))
            .stream().map(w -> ((Number) ((Map<?, ?>) w).get("seen_from")).doubleValue()).toList();
      }
    }
    throw new AssertionError(run.lines);
  }

  private record Run(int status, List<String> lines, Map<String, Object> json) {}

  private Run run(String yaml, String... more) throws Exception {
    Path file = Files.writeString(folder.resolve("alerts.yaml"), yaml);
    List<String> command = new ArrayList<>(List.of("rules", "check", file.toString()));
    command.addAll(
        List.of(
            "-o", "postgres.url=" + database.jdbcUrl(),
            "-o", "postgres.user=" + database.user(),
            "-o", "postgres.password=" + database.password()));
    command.addAll(List.of(more));
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int status;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      status = new CommandLine(new InsightCommandLine()).execute(command.toArray(String[]::new));
    } finally {
      System.setOut(before);
    }
    String out = bytes.toString(StandardCharsets.UTF_8);
    return new Run(
        status,
        out.lines().toList(),
        out.startsWith("{")
            ? Objects.requireNonNull(JsonReader.parse(out.getBytes(StandardCharsets.UTF_8)))
            : Map.of());
  }
}
