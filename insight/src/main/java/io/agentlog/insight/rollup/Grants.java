package io.agentlog.insight.rollup;

import java.util.List;

/** Rights that the dashboard's users need. */
final class Grants {
  private static final List<String> AGENT_TABLES =
      List.of(
          "agent_execution_logs",
          "agent_execution_progress",
          "agent_routing_decisions",
          "agent_instances");

  /** Tables that the agent makes with the first detail; a database may have none of them. */
  private static final List<String> DETAIL_TABLES =
      List.of(
          "agent_prompts",
          "agent_prompt_texts",
          "agent_file_operations",
          "agent_intelligence_usage",
          "agent_model_calls");

  /** Tables of the dashboard. */
  static final List<String> TABLES =
      List.of(
          "agent_insight_rollup",
          "agent_insight_errors",
          "agent_insight_decisions",
          "agent_insight_prompts",
          "agent_insight_provisional",
          "agent_insight_dirty",
          "agent_insight_state",
          "agent_insight_alerts",
          "agent_insight_alert_events",
          "agent_insight_outbox",
          "agent_insight_losses",
          "agent_insight_assessments",
          "agent_insight_scores",
          "agent_insight_drops",
          "agent_insight_judged");

  private Grants() {}

  /** Returns the statements by which a user may keep the tables. */
  static String writer(String user) {
    return "GRANT SELECT ON %s TO %s; GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %s"
        .formatted(String.join(", ", AGENT_TABLES), user, String.join(", ", TABLES), user);
  }

  /** Returns the statement by which a user may read everything. */
  static String reader(String user) {
    return "GRANT SELECT ON %s, %s TO %s"
        .formatted(String.join(", ", AGENT_TABLES), String.join(", ", TABLES), user);
  }

  /** Returns the statement by which a user may read details, once their tables are there. */
  static String detailReader(String user) {
    return "GRANT SELECT ON %s TO %s".formatted(String.join(", ", DETAIL_TABLES), user);
  }
}
