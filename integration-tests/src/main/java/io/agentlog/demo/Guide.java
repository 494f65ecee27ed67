package io.agentlog.demo;

import io.agentlog.backends.ChildJvm;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** The guide, an AI service of LangChain4j that knows nothing of agentlog, and what it left. */
final class Guide {
  private static final String[] QUESTIONS = {
    "my pods are in CrashLoopBackOff", "why is this SQL query slow?", "ring the bells"
  };

  private static final String MAIN = "io.agentlog.sample.guide.GuideApp";
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private Guide() {}

  /** Asks the guide, shows its executions and checks them. */
  static void show(
      Screen screen, ChildJvm.Builder withAgent, Path jar, Path prices, Connection connection)
      throws SQLException {
    screen.heading("An AI service of LangChain4j, without an annotation");
    try (ChildJvm jvm =
        withAgent
            .property("agentlog.service", "guide")
            .property("agentlog.prices", prices)
            .property(
                "agentlog.shutdown.wait", "30s") // Its short life ends before the first batch.
            .options("-Xmx256m")
            .mainClass(jar.toString(), MAIN, QUESTIONS)
            .start()) {
      int exitCode = jvm.awaitExit(DEADLINE);
      jvm.stdout().forEach(line -> screen.line("  " + Screen.cell(line)));
      Counts.require(
          exitCode == 0,
          "the guide ended with exit code %d: %s"
              .formatted(exitCode, String.join(" | ", jvm.stderr())));
    }
    screen.query(
        connection,
        "SELECT kind, agent_name, status, model, model_calls, tool_calls, input_tokens,"
            + " output_tokens, cost, cost_currency AS currency, user_prompt FROM"
            + " agent_execution_logs WHERE agent_name = 'guide' ORDER BY started_at");
    screen.query(
        connection,
        "SELECT c.seq, c.response_model, c.finish_reason, c.input_tokens, c.output_tokens, c.cost,"
            + " c.price_version FROM agent_model_calls c JOIN agent_execution_logs e USING"
            + " (execution_id) WHERE e.agent_name = 'guide' ORDER BY e.started_at, c.seq LIMIT 2");
    long costs =
        Counts.of(
            connection,
            "SELECT count(*) FROM agent_execution_logs WHERE agent_name = 'guide' AND status ="
                + " 'success' AND kind = 'ai_service' AND model_calls = 2 AND tool_calls = 1 AND"
                + " cost > 0");
    Counts.require(
        costs == QUESTIONS.length,
        costs + " executions of the guide have tokens and a cost instead of " + QUESTIONS.length);
  }
}
