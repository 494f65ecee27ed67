package io.agentlog.insight.browser;

import static java.util.stream.Collectors.toCollection;

import io.agentlog.backends.Postgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/** Hostile texts, and rows that have them wherever an application's or a user's text can be. */
final class Payloads {
  private static final Pattern CODE = Pattern.compile("\\\\u([0-9A-F]{4})");
  private static final int LONG_TEXT = 1 << 20;

  /** The ends of a long text must not run either. */
  private static final String LONG_END = "</script><img src=x onerror=alert('long')>";

  private static final List<String> STATEMENTS =
      List.of(
          """
          INSERT INTO agent_instances (instance_id, service, since, renewed_at, lease_until)
          SELECT i, p, now() - interval '1 minute', now(), now() + interval '1 day'
          FROM (SELECT ?::uuid AS i, ?::text AS p) x""",
          """
          INSERT INTO agent_routing_decisions (id, correlation_id, session_id, user_request, user_request_hash, selected_agent,
            confidence_score, routing_strategy, trigger_confidence, alternatives, reasoning, routing_time_ms)
          SELECT i, i, i, p, encode(sha256(convert_to(p, 'UTF8')), 'hex'), p, 0.9, p, 0.5,
            jsonb_build_array(jsonb_build_object('agent', p, 'confidence', 0.5, 'reason', p)), p, 3
          FROM (SELECT ?::uuid AS i, ?::text AS p) x""",
          """
          INSERT INTO agent_execution_logs (execution_id, correlation_id, session_id, agent_name, user_prompt, user_prompt_sha256,
            user_prompt_length, status, started_at, completed_at, duration_ms, duration_us, error_type, error_message, metadata,
            project_path, project_name, instance_id, routing_decision_id, trace_id, kind, seen, progress_seq, quality_score)
          SELECT i, i, i, left(p, 300), p, encode(sha256(convert_to(p, 'UTF8')), 'hex'), length(p), 'failed', now() - interval '3 s',
            now() - interval '1 s', 2000, 2000000, left(p, 300), p,
            jsonb_build_object(left(p, 300), p, 'correlation_id_raw', left(p, 300), 'progress', jsonb_build_object('stage', left(p, 300),
              'percent', p), 'nested', jsonb_build_object(left(p, 300), jsonb_build_array(p))),
            p, left(p, 300), i, i, p, 'method', 7, 2, 0.4
          FROM (SELECT ?::uuid AS i, ?::text AS p) x""",
          """
          INSERT INTO agent_execution_logs (execution_id, correlation_id, session_id, parent_execution_id, agent_name, user_prompt,
            status, started_at, metadata, project_name, instance_id, kind, seen, progress_seq)
          SELECT overlay(i::text placing '1' from 1)::uuid, i, i, i, left(p, 300), p, 'in_progress', now() - interval '2 s',
            jsonb_build_object('progress', jsonb_build_object('stage', left(p, 300), 'percent', p)), left(p, 300), i, 'method', 3, 2
          FROM (SELECT ?::uuid AS i, ?::text AS p) x""",
          """
          INSERT INTO agent_execution_progress (execution_id, seq, stage, percent, occurred_at, metadata)
          SELECT i, s, left(p, 300), 10 * s, now() - (4 - s) * interval '0.5 s', jsonb_build_object(left(p, 300), p)
          FROM (SELECT ?::uuid AS i, ?::text AS p) x, generate_series(2, 3) AS s""",
          """
          INSERT INTO agent_insight_alerts (fingerprint, rule, kind, rule_hash, labels, rule_labels, channels, state, since, worse_looks,
            incident_id, started_at, muted, last_look, verdict, evidence)
          SELECT i::text, p, 'failure-rate', '', jsonb_build_object('agent', p, 'stage', p, 'error_type', p), jsonb_build_object(p, p),
            ARRAY[p], (ARRAY['firing', 'pending', 'recovering', 'resolved'])[1 + length(p) % 4], now() - interval '1 min', 2, i, now(), false, now(), 'worse', e
          FROM (SELECT i, left(p, 300) AS p, jsonb_build_object('summary', left(p, 300), 'n', 9, 'k', 3, 'value', 0.3, 'unit', left(p, 300),
            'examples', jsonb_build_array(i)) AS e FROM (SELECT ?::uuid AS i, ?::text AS p) x) y""",
          """
          INSERT INTO agent_insight_alert_events (at, fingerprint, rule, rule_hash, labels, incident_id, state_before, since, state, reason, evidence)
          SELECT now(), i::text, left(p, 300), '', jsonb_build_object('agent', left(p, 300)), i, 'pending', now(), s, left(p, 300), NULL
          FROM (SELECT ?::uuid AS i, ?::text AS p) x, unnest(ARRAY['firing', 'resolved']) AS s""",
          """
          INSERT INTO agent_insight_outbox (delivery_id, incident_id, fingerprint, channel, kind, payload, created_at, attempts, next_at, last_error)
          SELECT i, i, i::text, left(p, 300), left(p, 300), '{}', now(), 1, now(), left(p, 300) FROM (SELECT ?::uuid AS i, ?::text AS p) x""",
          """
          INSERT INTO agent_insight_assessments (execution_id, rule, rule_hash, agent_name, completed_at, verdict, score, detail, assessed_at)
          SELECT i, left(p, 300), left(p, 300), left(p, 300), now() - interval '1 s', left(p, 300), 0.5, jsonb_build_object('text', left(p, 300)), now()
          FROM (SELECT ?::uuid AS i, ?::text AS p) x""",
          """
          INSERT INTO agent_insight_scores (level, bucket, agent_name, rule, rule_hash, assessed, failed, warned, left_out, score_sum, score_bins,
            score_counts, computed_at)
          SELECT 2, date_trunc('hour', now()), i::text || left(p, 300), left(p, 300), left(p, 300), 1, 1, 0, 0, 0.5, '{100}', '{1}', now()
          FROM (SELECT ?::uuid AS i, ?::text AS p) x""");

  private Payloads() {}

  /** Returns the texts; the last is of 1 MiB. */
  static List<String> all() throws IOException {
    try (InputStream in = Payloads.class.getResourceAsStream("payloads.txt")) {
      if (in == null) {
        throw new IllegalStateException("no payloads.txt");
      }
      List<String> texts =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .map(Payloads::unescape)
              .collect(toCollection(ArrayList::new));
      texts.add("<x>".repeat((LONG_TEXT - LONG_END.length()) / 3) + LONG_END);
      return texts;
    }
  }

  private static String unescape(String line) {
    return CODE.matcher(line.replace("\\\\", "\uE000"))
        .replaceAll(code -> String.valueOf((char) Integer.parseInt(code.group(1), 16)))
        .replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace('\uE000', '\\');
  }

  /** The execution that has the text with this number. */
  static UUID id(int number) {
    return new UUID(0x019b_7cde_0a63_7000L | number, 0x8000_0000_0000_0000L | number);
  }

  /** Writes an execution that failed and one that runs for each text. */
  static void write(Postgres database, List<String> texts) throws SQLException {
    try (Connection connection = database.connect()) {
      for (String sql : STATEMENTS) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
          for (int i = 0; i < texts.size(); i++) {
            statement.setObject(1, id(i));
            statement.setString(2, texts.get(i));
            statement.executeUpdate();
          }
        }
      }
    }
  }
}
