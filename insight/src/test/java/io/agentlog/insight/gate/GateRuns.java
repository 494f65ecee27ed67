package io.agentlog.insight.gate;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.insight.Dashboards;
import io.agentlog.insight.command.InsightCommandLine;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import io.agentlog.sink.SinkUnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** A database with the agent's tables, and runs of the command over it within this JVM. */
final class GateRuns implements AutoCloseable {
  final Postgres database = Backends.postgres().newDatabase();

  GateRuns() throws SinkUnavailableException {
    Dashboards.makeTables(database);
  }

  /**
   * What a run said.
   *
   * @param text of standard output
   */
  record Run(int status, String text) {
    Map<String, @Nullable Object> json() {
      try {
        return JsonReader.parse(text.getBytes(UTF_8));
      } catch (BrokenLineException e) {
        throw new IllegalStateException(text, e);
      }
    }

    /** Returns a check of an agent. */
    Map<?, ?> check(String agent, String check) {
      return list(json().get("agents")).stream()
          .filter(item -> agent.equals(item.get("agent")))
          .flatMap(item -> list(item.get("checks")).stream())
          .filter(item -> check.equals(item.get("check")))
          .findFirst()
          .orElseThrow(() -> new AssertionError(text));
    }

    private static List<Map<?, ?>> list(@Nullable Object value) {
      List<Map<?, ?>> list = new ArrayList<>();
      ((List<?>) Objects.requireNonNull(value)).forEach(item -> list.add((Map<?, ?>) item));
      return list;
    }
  }

  /**
   * Adds executions that started one a second before a moment, the newest a minute before.
   *
   * @param columns expressions for status, duration_us, quality_score, seen, metadata and age of
   *     the moment, of {@code n} from 1 on
   */
  void add(String agent, int count, Rows columns) {
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, duration_us, quality_score, seen, metadata, user_prompt)
        SELECT gen_random_uuid(), gen_random_uuid(), $name$%s$name$, s, t, CASE WHEN s <> 'in_progress' THEN t + us * interval '1 microsecond' END,
               us, q, seen, m, 'secret prompt'
        FROM (SELECT (%s) AS s, now() - (%s)::interval - (n + 60) * interval '1 second' AS t, (%s)::bigint AS us, (%s)::numeric(5,4) AS q, (%s) AS seen, (%s)::jsonb AS m
              FROM generate_series(1, %s) AS n) AS r"""
            .formatted(
                agent,
                columns.status,
                columns.age,
                columns.micros,
                columns.quality,
                columns.seen,
                columns.metadata,
                Integer.toString(count)));
  }

  /**
   * Gives an agent's executions the stages validate, score and decide. Score is reported at its
   * entry and at its exit, with a measured time of 1 to 100 ms; every tenth execution has none.
   */
  void addStages(String agent) {
    database.execute(
        """
        INSERT INTO agent_execution_progress (execution_id, seq, stage, occurred_at, metadata)
        SELECT e.execution_id, s.seq, s.stage, e.started_at + s.ms * interval '1 millisecond', s.metadata::jsonb
        FROM (SELECT execution_id, started_at, row_number() OVER (ORDER BY started_at) AS n FROM agent_execution_logs WHERE agent_name = '%s') AS e,
          LATERAL (VALUES (1, 'validate', 5, '{}'), (2, 'score', 10, '{}'),
            (3, 'score', 10 + n %% 100 + 1, '{"stage_duration_ms": ' || n %% 100 + 1 || '}'), (4, 'decide', 200, '{}')) AS s (seq, stage, ms, metadata)
        WHERE n %% 10 <> 0 OR s.stage <> 'score'"""
            .formatted(agent));
  }

  /** Expressions of {@code n}; the first failures of a hundred fail. */
  record Rows(
      String status, String micros, String quality, String seen, String metadata, String age) {
    static Rows healthy() {
      return new Rows(
          "CASE WHEN n % 100 = 7 THEN 'failed' ELSE 'success' END",
          "500000 + (n * 7919 % 997) * 1000",
          "0.7 + (n % 30) / 100.0",
          "5",
          "'{\"release\": \"1.4.1\"}'",
          "'0'");
    }

    Rows status(String expression) {
      return new Rows(expression, micros, quality, seen, metadata, age);
    }

    Rows micros(String expression) {
      return new Rows(status, expression, quality, seen, metadata, age);
    }

    Rows quality(String expression) {
      return new Rows(status, micros, expression, seen, metadata, age);
    }

    Rows seen(String expression) {
      return new Rows(status, micros, quality, expression, metadata, age);
    }

    Rows metadata(String json) {
      return new Rows(status, micros, quality, seen, "'" + json + "'", age);
    }

    Rows age(String interval) {
      return new Rows(status, micros, quality, seen, metadata, "'" + interval + "'");
    }
  }

  /** Runs the command with words that are separated by spaces. */
  Run run(String words) {
    return run(List.of(words.split(" ")));
  }

  Run run(List<String> words) {
    List<String> arguments = new ArrayList<>(List.of("gate"));
    arguments.addAll(words);
    Map.of(
            "postgres.host", database.host(),
            "postgres.port", Integer.toString(database.port()),
            "postgres.database", database.database(),
            "postgres.user", database.user(),
            "postgres.password", database.password())
        .forEach((key, value) -> arguments.addAll(List.of("-o", key + "=" + value)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, UTF_8));
    try {
      int status =
          new CommandLine(new InsightCommandLine()).execute(arguments.toArray(new String[0]));
      return new Run(status, out.toString(UTF_8));
    } finally {
      System.setOut(before);
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
