package io.agentlog.insight.rollup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.agentlog.backends.Backends;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.ScoreRule;
import io.agentlog.insight.rules.ScoreRule.Judge;
import io.agentlog.insight.rules.ScoreRule.Scorer;
import io.agentlog.insight.rules.ScoreRule.Source;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A judge is a real server; the executions are rows of a real database. */
@Timeout(120)
class JudgingIT {
  private final Queue<String> questions = new ConcurrentLinkedQueue<>();
  private final Queue<String> answers = new ConcurrentLinkedQueue<>();

  @Test
  void theMedianOfTheAnswersIsPartOfTheScore() throws Exception {
    answers.addAll(
        List.of(
            "{\"score\": 0.9, \"label\": \"good\", \"explanation\": \"secret\"}",
            "{\"score\": 0.25}",
            "{\"score\": 0.1}",
            "{\"score\": 2}"));
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/score",
        exchange -> {
          questions.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          byte[] answer = String.valueOf(answers.poll()).getBytes(UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    Rules rules = rules("http://localhost:" + server.getAddress().getPort() + "/score");
    try (RollupFixture fixture = new RollupFixture(Backends.postgres().newDatabase());
        ScoreTables tables = new ScoreTables(fixture.config(), () -> rules, true);
        Judging judging = new Judging(fixture.config(), () -> rules)) {
      fixture.database.execute(
          """
          INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, duration_ms, seen,
            user_prompt, metadata)
          SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, gen_random_uuid(), 'a', status, now() - age - interval '1 second', now() - age,
                 1, seen, 'prompt ' || n, '{"n": 1}'
          FROM (VALUES (1, 'success', 5, interval '9 minutes'), (2, 'success', 5, interval '8 minutes'), (3, 'success', 5, interval '7 minutes'),
            (4, 'cancelled', 5, interval '7 minutes'), (5, 'failed', 9, interval '7 minutes'), (6, 'success', 5, interval '2 hours'))
            AS v (n, status, seen, age)""");
      ScoreTablesIT.judgeAll(fixture, tables);
      assertThat(
              fixture.list(
                  "SELECT right(execution_id::text, 1) FROM agent_insight_judged ORDER BY 1"))
          .containsExactly("1", "2", "3");

      fixture.database.execute( // Of executions that were deleted meanwhile.
          "INSERT INTO agent_insight_judged SELECT gen_random_uuid(), repeat('3', 64), now() - interval '50 minutes' FROM generate_series(1, 9)");
      while (judging.step() > 0) {
        // Each of those that a day allows.
      }
      assertThat(questions).hasSize(4); // Two of the three; the fourth answer is no score.
      assertThat(questions.peek())
          .isEqualTo(
              "{\"execution\":\"00000000-0000-0000-0000-000000000001\",\"prompt\":\"prompt 1\",\"metadata\":{\"n\":1}}");
      assertThat(judging.failures()).isEqualTo(1);

      ScoreTablesIT.judgeAll(fixture, tables);
      assertThat(
              fixture.list(
                  "SELECT execution_id || ' ' || verdict || ' ' || score || ' ' || detail FROM agent_insight_assessments"))
          .containsExactly(
              "00000000-0000-0000-0000-000000000001 warn 0.5000 {\"judge\": 0.25, \"no-error\": 1.0}");
      assertThat(fixture.list("SELECT j::text FROM agent_insight_judged j").toString())
          .doesNotContain("secret", "good", "prompt");
      judging.step();
      assertThat(questions).hasSize(4);
    } finally {
      server.stop(0);
    }
  }

  private static Rules rules(String url) {
    return new Rules(
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(
            new ScoreRule(
                "answer",
                List.of("a"),
                List.of(
                    new Scorer(Source.NO_ERROR, 1, null, null),
                    new Scorer(Source.JUDGE, 1, null, new Judge(URI.create(url), 1, 3, 2))),
                0.8,
                0.4,
                "3".repeat(64))));
  }
}
