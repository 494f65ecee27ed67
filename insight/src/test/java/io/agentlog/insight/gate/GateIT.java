package io.agentlog.insight.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.insight.Plans;
import io.agentlog.insight.gate.GateRuns.Rows;
import io.agentlog.insight.gate.GateRuns.Run;
import io.agentlog.insight.page.Window;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a build stops if and only if an agent is worse than it may be. Method: agents that differ
 * in one thing each, in a real PostgreSQL, and the command with its exit status.
 */
@Timeout(120)
class GateIT {
  private static GateRuns gate;

  @TempDir private static Path folder;

  @BeforeAll
  static void fill() throws Exception {
    gate = new GateRuns();
    Rows healthy = Rows.healthy();
    gate.add("well", 300, healthy);
    gate.add("well", 600, healthy.age("1 day"));
    gate.add(
        "failing", 300, healthy.status("CASE WHEN n % 10 = 7 THEN 'failed' ELSE 'success' END"));
    gate.add("failing", 600, healthy.age("1 day"));
    gate.add("slow", 300, healthy.micros("500000 + (n * 7919 % 997) * 4000"));
    gate.add("slow", 600, healthy.age("1 day"));
    gate.add("poor", 300, healthy.quality("0.5 + (n % 30) / 100.0"));
    gate.add("poor", 600, healthy.age("1 day"));
    gate.add("few", 20, healthy);
    gate.add("cut", 100, healthy);
    gate.add("cut", 50, healthy.status("'failed'").seen("33"));
    gate.add("hanging", 100, healthy);
    gate.add("hanging", 50, healthy.status("'in_progress'").seen("1"));
    gate.add(
        "unsure", 100, healthy.status("CASE WHEN n % 25 = 7 THEN 'failed' ELSE 'success' END"));
    gate.add("unscored", 100, healthy.quality("NULL"));
    gate.add("released", 300, healthy);
    gate.add(
        "released",
        300,
        healthy
            .metadata("{\"release\": \"2.0.0\"}")
            .status("CASE WHEN n % 10 = 7 THEN 'failed' ELSE 'success' END"));
    gate.add("released", 300, healthy.metadata("{\"release\": \"2.0.1\"}"));
    gate.add("new", 100, healthy);
    gate.add("staged", 200, healthy);
    gate.addStages("staged");
  }

  @AfterAll
  static void drop() {
    gate.close();
  }

  @ParameterizedTest
  @CsvSource({
    "0, --agent well --max-failure-rate 2% --max-p95 2s --min-quality 0.8 --max-unfinished 0%",
    "0, --agent well --baseline 7d",
    "0, --agent well --agent cut --max-failure-rate 2%",
    "1, --agent failing --max-failure-rate 2%",
    "1, --agent failing --max-failure-rate 2% --decide sure",
    "1, --agent slow --max-p95 2s",
    "1, --agent poor --min-quality 0.8",
    "1, --agent well --agent failing --max-failure-rate 2%",
    "1, --agent few --agent failing --max-failure-rate 2%",
    "1, --agent * --max-failure-rate 2%",
    "1, --agent cut --max-unfinished 10%",
    "1, --agent hanging --max-unfinished 10%",
    "1, --agent unsure --max-failure-rate 2%",
    "1, --agent failing --baseline 7d",
    "1, --agent slow --baseline 7d",
    "1, --agent poor --baseline 7d",
    "0, --agent poor --baseline 7d --max-drop 0.3",
    "1, --agent released --select release=2.0.0 --baseline-select release=1.4.1",
    "0, --agent released --select release=2.0.1 --baseline-select release=1.4.1",
    "3, --agent unsure --max-failure-rate 2% --decide sure",
    "3, --agent few --max-failure-rate 50%",
    "3, --agent well --agent few --max-failure-rate 2%",
    "3, --agent unscored --min-quality 0.5",
    "3, --agent nobody --max-failure-rate 2%",
    "3, --agent released --select release=9 --max-failure-rate 2%",
    "0, --agent few --max-failure-rate 50% --min-count 20",
    "0, --agent new --agent well --baseline 7d",
  })
  void statusIsTheWorstOfAllChecks(int status, String words) {
    Run json = gate.run(words + " --since 2h --json");
    assertThat(json.status()).isEqualTo(status);
    assertThat(json.json()).containsEntry("exit_status", (long) status);
  }

  @Test
  void linesForPeopleHaveTheSameStatus() {
    Run run = gate.run("--agent well --agent failing --agent few --max-failure-rate 2% --since 2h");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.text().lines())
        .contains(
            "few: 20 ended",
            "  undecided  failure rate 5.00 % (1 of 20), 95 % interval 0.89 % to 23.61 %, limit 2"
                + " %, n 20: fewer than 30 executions",
            "  pass       failure rate 1.00 % (3 of 300), 95 % interval 0.34 % to 2.90 %, limit 2"
                + " %, n 300",
            "gate: fail (1 of 3 checks failed)");
  }

  @ParameterizedTest
  @CsvSource({"well", "failing", "slow", "poor", "few", "cut", "hanging", "unsure", "unscored"})
  void figuresAreThoseOfTheRows(String agent) throws Exception {
    Run run =
        gate.run(
            "--since 2h --json --max-failure-rate 2% --max-p95 2s --min-quality 0.8"
                + " --max-unfinished 0% --agent "
                + agent);
    try (Connection connection = gate.database.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT count(*) FILTER (WHERE real) AS n, count(*) FILTER (WHERE real AND status = 'failed') AS failed,
                       count(*) FILTER (WHERE NOT real) AS unfinished, percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_us) FILTER (WHERE real) AS p95,
                       avg(quality_score) FILTER (WHERE real)::float8 AS quality, count(quality_score) FILTER (WHERE real) AS scored
                FROM (SELECT *, status <> 'in_progress' AND seen & 56 = 0 AS real FROM agent_execution_logs) AS e
                WHERE agent_name = '%s' AND started_at > now() - interval '2 hours'\
                """
                    .formatted(agent))) {
      row.next();
      long n = row.getLong("n");
      assertThat(n).isPositive();
      expect(run.check(agent, "failure rate"), (double) row.getLong("failed") / n, n);
      long unfinished = row.getLong("unfinished");
      expect(
          run.check(agent, "unfinished"), unfinished / (double) (n + unfinished), n + unfinished);
      expect(run.check(agent, "p95"), row.getDouble("p95"), n);
      Object quality = row.getObject("quality");
      expect(run.check(agent, "quality"), quality, row.getLong("scored"));
    }
  }

  private static void expect(Map<?, ?> check, Object value, long n) {
    Object found = check.get("value");
    assertThat(found == null ? null : ((Number) found).doubleValue()).isEqualTo(value);
    assertThat(check.get("n")).isEqualTo(n);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--agent a --since 2x --max-p95 2s | --since 2x is not",
        "--agent a --since 2h --until 1h --max-p95 2s |",
        "--agent a --since 1h --until 2h --max-p95 2s | ends before it begins",
        "--agent a --since 900d --max-p95 2s | at most 400 days",
        "--agent a --since 2h --until +1000000000-12-31T23:59:59Z --max-p95 2s | is not a time of"
            + " the years 2000 to 2999",
        "--agent a --since 0001-01-01 --max-p95 2s | is not a time of the years 2000 to 2999",
        "--agent LONG --since 2h --max-p95 2s | has 600 bytes, and a name has at most 512",
        "--agent a --since 2h | nothing to judge by",
        "--agent a --since 2h --max-p95 2 | --max-p95 2 is not a duration",
        "--agent a --since 2h --max-p95 0s | --max-p95 0s is not a duration",
        "--agent a --since 2h --max-failure-rate 2 | --max-failure-rate 2 is not a share",
        "--agent a --since 2h --max-failure-rate 101% | is not a share",
        "--agent a --since 2h --max-failure-rate -1% | is not a share",
        "--agent a --since 2h --min-quality 80 | is not a score",
        "--agent a --since 2h --max-p95 2s --min-count 0 | --min-count 0",
        "--agent a --since 2h --max-p95 2s --decide maybe | neither point nor sure",
        "--agent a --since 2h --max-p95 2s --max-drop 0.1 | give --baseline",
        "--agent a --since 2h --baseline-select r=1 | with themselves",
        "--agent a --since 2h --select r=1 --baseline-select r=1 | with themselves",
        "--agent a --since 2h --baseline f.json --baseline-select r=1 | is a file",
        "--agent a --since 2h --baseline /nowhere/f.json | no such file",
        "--agent a --since 2h --max-p95 2s --junit /nowhere/f.xml | no folder /nowhere",
        "--agent a --since 2h --max-p95 2s --markdown / | is a folder",
        "--agent a --since 2h --save-baseline /nowhere/f.json | no folder /nowhere",
      })
  void argumentsWithoutSenseAreRefused(String words, String problem) {
    Run run = gate.run(words.replace("LONG", "ä".repeat(300)) + " --json");
    if (problem == null) { // The window is an hour long.
      assertThat(run.status()).isEqualTo(3);
      return;
    }
    assertThat(run.status()).isEqualTo(2);
    assertThat(String.valueOf(run.json().get("problem"))).contains(problem);
  }

  @Test
  void withoutDatabaseTheStatusIsTwo() {
    Run run =
        gate.run(
            "--agent a --since 2h --max-p95 2s --json -o"
                + " postgres.url=jdbc:postgresql://127.0.0.1:1/none");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.json()).containsOnlyKeys("problem");
  }

  @Test
  void baselineFileIsComparedLikeTheRowsItWasMadeOf() throws Exception {
    Path file = folder.resolve("baseline.json");
    List<String> agents = List.of("well", "failing", "slow", "poor");
    List<String> words = new ArrayList<>();
    agents.forEach(agent -> words.addAll(List.of("--agent", agent)));
    List<String> save = new ArrayList<>(words);
    save.addAll(List.of("--since", "7d", "--until", "2h", "--save-baseline", file.toString()));
    assertThat(gate.run(save).status()).isZero();
    assertThat(Files.readString(file)).doesNotContain("secret", "1.4.1").endsWith("\n]}\n");

    Run byFile = gate.run(with(words, "--since", "2h", "--json", "--baseline", file.toString()));
    Run byRows = gate.run(with(words, "--since", "2h", "--json", "--baseline", "7d"));
    assertThat(byFile.status()).isEqualTo(1);
    assertThat(byFile.json().get("agents")).isEqualTo(byRows.json().get("agents"));
  }

  private static List<String> with(List<String> words, String... more) {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of(more));
    return all;
  }

  @Test
  void runThatFailsSavesNoBaseline() {
    Path file = folder.resolve("unsaved.json");
    Run run =
        gate.run("--agent failing --since 2h --json --max-failure-rate 2% --save-baseline " + file);
    assertThat(run.status()).isEqualTo(1);
    assertThat(String.valueOf(run.json().get("notes"))).contains("is not saved");
    assertThat(file).doesNotExist();
  }

  @Test
  void emptyBaselineIsNoneYet() throws Exception {
    Path file = Files.createFile(folder.resolve("empty.json"));
    Run run = gate.run("--agent well --since 2h --json --max-p95 2s --baseline " + file);
    assertThat(run.status()).isZero();
    assertThat(String.valueOf(run.json().get("notes")))
        .contains("is empty, so nothing is compared");
    assertThat(gate.run("--agent well --since 2h --baseline " + file).status())
        .as("nothing was judged at all")
        .isEqualTo(3);
  }

  @Test
  void agentOfTheBaselineThatRanNoMoreIsUndecided() throws Exception {
    Path file = folder.resolve("gone.json");
    gate.add("gone", 100, Rows.healthy().age("20 days"));
    assertThat(gate.run("--agent gone --since 30d --save-baseline " + file).status()).isZero();
    Run run = gate.run("--agent * --select release=2.0.1 --since 2h --json --baseline " + file);
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.check("gone", "failures against the baseline").get("n")).isEqualTo(0L);
  }

  @ParameterizedTest
  @CsvSource({
    "0, --agent staged --max-stage-p95 score=200ms --max-stage-p95 decide=2s",
    "1, --agent staged --max-stage-p95 score=50ms",
    "0, --agent staged --agent well --max-stage-p95 score=200ms",
    "3, --agent staged --max-stage-p95 scroe=1s",
    "1, --agent staged --rules RULES --max-violations 1%",
    "0, --agent staged --rules RULES --max-violations 10%",
    "0, --agent staged --rules RULES --min-auto-score 0.9",
    "1, --agent staged --rules RULES --min-auto-score 0.99",
    "3, --agent well --rules RULES --max-violations 1%",
    "2, --agent staged --max-violations 1%",
    "2, --agent staged --rules RULES --max-p95 2s",
    "2, --agent staged --rules /nowhere --max-violations 1%",
  })
  void stagesAndRulesAreJudged(int status, String words) throws Exception {
    Path rules =
        Files.writeString(
            folder.resolve("rules.yaml"),
            """
            version: 1
            patterns:
              - {agent: staged, stages: "validate score decide"}
            scores:
              - {name: answer, agent: staged, scorers: [{kind: no-error}, {kind: pattern}]}
            """);
    Run run = gate.run(words.replace("RULES", rules.toString()) + " --since 2h --json");
    assertThat(run.status()).as(run.text()).isEqualTo(status);
  }

  @Test
  void figuresOfStagesAreThoseOfTheRows() throws Exception {
    Run run = gate.run("--agent staged --since 2h --json --max-stage-p95 score=1s");
    try (Connection connection = gate.database.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT count(*) AS n, percentile_disc(0.95) WITHIN GROUP (ORDER BY (p.metadata ->> 'stage_duration_ms')::float8 * 1000) AS p95
                FROM agent_execution_progress p JOIN agent_execution_logs e USING (execution_id)
                WHERE e.agent_name = 'staged' AND p.stage = 'score' AND p.metadata ? 'stage_duration_ms'\
                """)) {
      row.next();
      assertThat(row.getLong("n")).isEqualTo(180);
      expect(run.check("staged", "p95 of stage score"), row.getDouble("p95"), 180);
    }
  }

  @ParameterizedTest
  @CsvSource({"well, agent_execution_logs_agent", ", agent_execution_logs_started"})
  void indexOfTheAgentsTablesLeadsToTheRows(String agent, String index) throws Exception {
    List<String> agents = agent == null ? List.of() : List.of(agent);
    Window window = new Window(Instant.EPOCH, Instant.now());
    StringBuilder plan = new StringBuilder();
    try (Connection connection = gate.database.connect();
        Statement settings = connection.createStatement()) {
      settings.execute("SET enable_seqscan = off; SET enable_bitmapscan = off"); // It is small.
      try (PreparedStatement statement =
          connection.prepareStatement(
              "EXPLAIN " + RowReader.statement(agents, Map.of("release", "1")))) {
        int next = RowReader.bind(statement, window, agents, Map.of("release", "1"));
        statement.setInt(next, 1);
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            plan.append(rows.getString(1)).append('\n');
          }
        }
      }
    }
    assertThat(plan.toString())
        .contains("using " + index)
        .containsPattern("Index Cond.*started_at >=");
  }

  @ParameterizedTest
  @ValueSource(strings = {"well", ""})
  void indexesLeadToStagesAndDecisions(String agent) throws Exception {
    List<String> agents = agent.isEmpty() ? List.of() : List.of(agent);
    String plan =
        Plans.ofLargeTables(gate.database, StageReader.statement(agents, Map.of("release", "1")));
    assertThat(plan)
        .contains("agent_execution_progress_pkey", "agent_routing_decisions_pkey")
        .containsPattern("Index Cond.*started_at >=")
        .containsPattern("Index Cond.*correlation_id =")
        .doesNotContainPattern("Seq Scan on agent_(execution|routing)");
  }
}
