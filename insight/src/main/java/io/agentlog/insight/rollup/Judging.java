package io.agentlog.insight.rollup;

import static java.util.Objects.requireNonNull;

import io.agentlog.config.Config;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.ScoreRule;
import io.agentlog.insight.rules.ScoreRule.Judge;
import io.agentlog.insight.rules.ScoreRule.Scorer;
import io.agentlog.insight.score.JudgeClient;
import io.agentlog.insight.score.JudgeClient.Question;
import io.agentlog.log.AgentLog;
import io.agentlog.postgres.TableTransactions;
import io.agentlog.postgres.TableTransactions.Transaction;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks judges about the executions that {@link ScoreTables} has chosen. Each is asked about at most
 * once, outside of any transaction; its minute is then judged again.
 *
 * <p>Not thread-safe: one thread; any may read the counter.
 */
final class Judging implements AutoCloseable {
  /** Executions that are taken at once. */
  static final int TAKEN_MAX = 5;

  private static final Duration STATEMENT_MAX = Duration.ofSeconds(30);

  private static final String ASKED_TODAY =
      "SELECT count(*) FROM agent_insight_judged WHERE rule_hash = ? AND asked_at >= date_trunc('day', now(), 'UTC')";

  private static final String TAKE =
      """
      UPDATE agent_insight_judged j SET asked_at = now()
      FROM (SELECT q.execution_id FROM agent_insight_judged q
            WHERE q.asked_at IS NULL AND q.rule_hash = ? AND q.completed_at > now() - ?::interval
              AND EXISTS (SELECT FROM agent_execution_logs e WHERE e.execution_id = q.execution_id)
            ORDER BY q.completed_at LIMIT ? FOR UPDATE SKIP LOCKED) AS o,
           agent_execution_logs l
      WHERE j.execution_id = o.execution_id AND j.rule_hash = ? AND l.execution_id = o.execution_id
      RETURNING l.execution_id::text, l.user_prompt, l.metadata::text, j.completed_at""";

  private static final String ANSWERED =
      "UPDATE agent_insight_judged SET score = ?::numeric, answers = ? WHERE execution_id = ?::uuid AND rule_hash = ?";

  private final TableTransactions transactions;
  private final Supplier<Rules> rules;
  private final JudgeClient client = new JudgeClient();
  private final AtomicLong failures = new AtomicLong();
  private @Nullable String logged;

  Judging(Config config, Supplier<Rules> rules) {
    this.transactions = new TableTransactions(config, "agentlog-insight");
    this.rules = rules;
  }

  private record Taken(Question question, Instant completedAt) {}

  /** Returns how many executions no judge gave a score for. Any thread. */
  long failures() {
    return failures.get();
  }

  /** Asks about some executions; returns about how many. */
  int step() throws SinkUnavailableException, InterruptedException {
    int asked = 0;
    for (ScoreRule rule : rules.get().scores()) {
      for (Scorer scorer : rule.scorers()) {
        Judge judge = scorer.judge();
        if (judge != null) {
          List<Taken> taken = take(rule, judge);
          for (Taken one : taken) {
            ask(rule, judge, one);
          }
          asked += taken.size();
        }
      }
    }
    return asked;
  }

  private List<Taken> take(ScoreRule rule, Judge judge) throws SinkUnavailableException {
    try (Transaction tx = transactions.begin(STATEMENT_MAX)) {
      if (State.lock(tx, "judge " + rule.hash()) == null) { // Two would ask more than allowed.
        return List.of();
      }
      long today = Sql.list(tx, ASKED_TODAY, row -> row.getLong(1), rule.hash()).get(0);
      long left = Math.min(TAKEN_MAX, judge.perDay() - today);
      if (left <= 0) {
        return List.of();
      }
      List<Taken> taken =
          Sql.list(
              tx,
              TAKE,
              row ->
                  new Taken(
                      new Question(row.getString(1), row.getString(2), row.getString(3)),
                      requireNonNull(Sql.time(row, 4))),
              rule.hash(),
              ScoreTables.JUDGED_WITHIN.toMinutes() + " minutes",
              left,
              rule.hash());
      tx.commit();
      return taken;
    } catch (SQLException e) {
      return failed(e);
    }
  }

  private void ask(ScoreRule rule, Judge judge, Taken taken)
      throws SinkUnavailableException, InterruptedException {
    List<Double> scores;
    try {
      scores = client.ask(judge, taken.question);
      if (logged != null) {
        AgentLog.info("judge", "the judge of score " + rule.name() + " answers again");
      }
      logged = null;
    } catch (IOException e) {
      failures.incrementAndGet();
      String problem =
          "the judge of score %s at %s gives no score: %s. The executions are scored without it"
              .formatted(rule.name(), judge.url().getHost(), AgentLog.describe(e));
      if (!problem.equals(logged)) {
        AgentLog.warn("judge", problem);
      }
      logged = problem;
      return;
    }
    try (Transaction tx = transactions.begin(STATEMENT_MAX)) {
      Sql.update(
          tx,
          ANSWERED,
          JudgeClient.median(scores),
          scores.size(),
          taken.question.execution(),
          rule.hash());
      Instant minute = Level.MINUTE.floor(taken.completedAt);
      new Backlog(tx, ScoreTables.DUTY)
          .addAgain(List.of(new Range(minute, Level.MINUTE.next(minute))));
      tx.commit();
    } catch (SQLException e) {
      failed(e);
    }
  }

  private List<Taken> failed(SQLException e) throws SinkUnavailableException {
    if (Problems.isRace(e)) {
      return new ArrayList<>();
    }
    throw Problems.outage(e, transactions);
  }

  @Override
  public void close() {
    transactions.close();
  }
}
