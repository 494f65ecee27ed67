package io.agentlog.insight.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.agentlog.backends.Postgres;
import io.agentlog.insight.MadeTables;
import io.agentlog.insight.Plans;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: looks every ten seconds read no table as a whole. Method: the server's plans of all
 * statements of looks.
 */
class PlansIT {
  private static Postgres database;

  @BeforeAll
  static void makeTables() throws Exception {
    database = MadeTables.empty();
  }

  @AfterAll
  static void drop() {
    database.close();
  }

  static Stream<Arguments> statements() {
    return Stream.of(
        arguments("agents", FigureRows.AGENTS, "agent_insight_rollup_pkey"),
        arguments("figures", FigureRows.ROWS, "agent_insight_rollup_pkey"),
        arguments("verdicts", FigureRows.CHECKED, "agent_insight_scores_pkey"),
        arguments(
            "changes",
            FigureRows.CHANGED.formatted(FigureRows.CHANGED_CHECKS),
            "agent_insight_rollup_pkey"),
        arguments("running", FigureRows.RUNNING, "agent_execution_logs_running"),
        arguments("stuck", StuckExecutions.RUNNING, "agent_execution_logs_running"),
        arguments("usual time", StuckExecutions.USUAL, "agent_insight_rollup_pkey"),
        arguments("abandoned", AbandonedExecutions.STATEMENT, "agent_insight_errors_pkey"),
        arguments("loops that run", StageLoops.STATEMENT, "agent_execution_logs_running"),
        arguments("loops that ended", StageLoops.STATEMENT, "agent_execution_logs_completed"),
        arguments("stages of loops", StageLoops.STATEMENT, "agent_execution_progress_pkey"),
        arguments("errors", NewErrors.GROUPS, "agent_insight_errors_pkey"),
        arguments("errors of before", NewErrors.SEEN, "agent_insight_errors_pkey"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("statements")
  void indexLeadsToTheRows(String name, String sql, String index) throws Exception {
    String plan = Plans.ofLargeTables(database, sql);
    assertThat(plan).contains("using " + index);
    assertThat(plan).doesNotContainPattern("Seq Scan on agent_(execution|routing|insight)");
  }
}
