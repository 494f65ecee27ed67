package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal (fault 72): the upsert and the merge in Java are the same function, and it does not depend
 * on order, batches or repetition. Method: rows of a real table against rows from Java, all
 * columns, for all pairs of states and for random histories with the sweep; and the same checks
 * against statements that are wrong on purpose, each of which they must find.
 */
class MergePropertyIT {
  private static final int EXECUTIONS = Integer.getInteger("agentlog.merge.executions", 500);

  private final Postgres database = Backends.postgres().newDatabase();
  private Connection connection;

  @BeforeEach
  void connect() throws Exception {
    connection = database.connect();
    prepare(connection);
  }

  /** Makes tables of another shape before the checks do. */
  void prepare(Connection unused) throws Exception {}

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyStateMeetingEveryOtherGivesTheRowOfJavaAndAReplayWritesNothing(boolean failed)
      throws SQLException {
    assertThat(checks(Tables.EXECUTIONS, failed).pairs(1)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void randomHistoriesWithSweepsGiveTheRowOfJavaAndAReplayWritesNothing(long seed)
      throws SQLException {
    assertThat(checks(Tables.EXECUTIONS, seed % 2 == 0).histories(seed, EXECUTIONS)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("wrongStatements")
  void wrongStatementIsFound(Mutation mutation) throws SQLException {
    TableInsert<ExecutionRow> wrong =
        new TableInsert<>(
            Tables.EXECUTIONS.table(), Tables.EXECUTIONS.columns(), mutation.statement());
    Optional<String> found = checks(wrong, false).pairs(1);

    assertThat(found.or(() -> unchecked(wrong))).as(mutation.name).isPresent();
  }

  @Test
  void mutationsDifferFromEachOther() {
    Map<String, String> statements = new TreeMap<>();
    for (Mutation mutation : wrongStatements()) {
      assertThat(statements.put(mutation.statement(), mutation.name)).isNull();
    }
  }

  private Optional<String> unchecked(TableInsert<ExecutionRow> statement) {
    try {
      return checks(statement, false).histories(1, EXECUTIONS);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private MergeChecks checks(TableInsert<ExecutionRow> statement, boolean failed)
      throws SQLException {
    return new MergeChecks(new MergeTables(connection, statement), failed);
  }

  static Mutation[] wrongStatements() {
    return new Mutation[] {
      new Mutation(
          "keeps the bits of all ends",
          Tables.MERGE.substring(
              Tables.MERGE.indexOf("((t.seen | EXCLUDED.seen) & 3"),
              Tables.MERGE.indexOf(",\n  progress_seq")),
          "t.seen | EXCLUDED.seen"),
      new Mutation(
          "merges progress with the other keys",
          Tables.MERGE.substring(
              Tables.MERGE.indexOf("    || CASE WHEN EXCLUDED.progress_seq"),
              Tables.MERGE.indexOf(",\n  status ")),
          ""),
      new Mutation(
          "takes keys by the completion alone",
          "(EXCLUDED.seen & 4::int2, EXCLUDED.progress_seq) > (t.seen & 4::int2, t.progress_seq)",
          "(EXCLUDED.seen & 4::int2) > (t.seen & 4::int2)"),
      new Mutation(
          "takes keys by the progress alone",
          "(EXCLUDED.seen & 4::int2, EXCLUDED.progress_seq) > (t.seen & 4::int2, t.progress_seq)",
          "EXCLUDED.progress_seq > t.progress_seq"),
      new Mutation(
          "takes the keys that came last",
          "ELSE EXCLUDED.metadata || COALESCE(t.metadata, '{}') END",
          "ELSE COALESCE(t.metadata, '{}') || EXCLUDED.metadata END"),
      new Mutation(
          "keeps the error of a provisional end",
          "error_message = CASE WHEN /*end wins*/ THEN EXCLUDED.error_message ELSE t.error_message"
              + " END",
          "error_message = COALESCE(t.error_message, EXCLUDED.error_message)"),
      new Mutation(
          "takes the quality apart from the end",
          "quality_score = CASE WHEN /*end wins*/ THEN EXCLUDED.quality_score ELSE t.quality_score"
              + " END",
          "quality_score = EXCLUDED.quality_score"),
      new Mutation(
          "takes the first decision that came",
          "LEAST(t.routing_decision_id, EXCLUDED.routing_decision_id),",
          "COALESCE(t.routing_decision_id, EXCLUDED.routing_decision_id),"),
      new Mutation(
          "overlooks a decision that comes alone",
          "\n"
              + "   OR LEAST(t.routing_decision_id, EXCLUDED.routing_decision_id) IS DISTINCT FROM"
              + " t.routing_decision_id",
          ""),
      new Mutation("overlooks an end that comes alone", "\n   OR /*end wins*/\n", "\n"),
      new Mutation(
          "overlooks a late start",
          "WHERE ((EXCLUDED.seen & ~t.seen) & 3::int2) <> 0",
          "WHERE ((EXCLUDED.seen & ~t.seen) & 2::int2) <> 0"),
      new Mutation(
          "overlooks a later progress", "\n   OR EXCLUDED.progress_seq > t.progress_seq\n", "\n"),
      new Mutation(
          "writes every replay", Tables.MERGE.substring(Tables.MERGE.indexOf("\nWHERE")), ""),
      new Mutation(
          "takes the progress that came last",
          "GREATEST(t.progress_seq, EXCLUDED.progress_seq)",
          "GREATEST(EXCLUDED.progress_seq, 0)"),
      new Mutation(
          "takes the status that came last",
          "status        = CASE WHEN /*end wins*/ THEN EXCLUDED.status        ELSE t.status       "
              + " END",
          "status = EXCLUDED.status"),
      new Mutation(
          "loses the prompt with a later event",
          "COALESCE(t.user_prompt, EXCLUDED.user_prompt)",
          "EXCLUDED.user_prompt"),
      new Mutation(
          "takes the tokens that came last", usage("input_tokens"), "EXCLUDED.input_tokens"),
      new Mutation(
          "adds tokens up",
          usage("output_tokens"),
          "COALESCE(t.output_tokens + EXCLUDED.output_tokens, t.output_tokens,"
              + " EXCLUDED.output_tokens)"),
      new Mutation(
          "keeps the cost of an earlier event",
          usage("cost"),
          "COALESCE(CASE WHEN EXCLUDED.usage_seq > t.usage_seq THEN EXCLUDED.cost END, t.cost)"),
      new Mutation(
          "keeps the model of the first event",
          usage("model"),
          "COALESCE(t.model, EXCLUDED.model)"),
      new Mutation(
          "overlooks usage that comes alone", "\n   OR EXCLUDED.usage_seq > t.usage_seq\n", "\n"),
      new Mutation(
          "forgets which usage is later",
          "usage_seq = GREATEST(t.usage_seq, EXCLUDED.usage_seq)",
          "usage_seq = EXCLUDED.usage_seq"),
      new Mutation(
          "loses the root with a later event",
          "COALESCE(t.root_execution_id, EXCLUDED.root_execution_id)",
          "EXCLUDED.root_execution_id"),
      new Mutation(
          "prefers the lower rank of two ends",
          "(EXCLUDED.seen & 60::int2) < (t.seen & 60::int2)",
          "(EXCLUDED.seen & 60::int2) > (t.seen & 60::int2)"),
      new Mutation(
          "prefers the later of two ends of a kind",
          "EXCLUDED.completed_at < t.completed_at",
          "EXCLUDED.completed_at > t.completed_at"),
      new Mutation(
          "leaves two ends of a kind to chance", "EXCLUDED.completed_at < t.completed_at", "false"),
      new Mutation(
          "lets an event without an end win",
          "((EXCLUDED.seen & 60::int2) <> 0 AND (",
          "(true AND ("),
    };
  }

  private static String usage(String column) {
    return "CASE WHEN EXCLUDED.usage_seq > t.usage_seq THEN EXCLUDED.%1$s ELSE t.%1$s END"
        .formatted(column);
  }

  /** One change that makes the statement wrong. */
  record Mutation(String name, String right, String wrong) {
    String statement() {
      String marked = Tables.MERGE;
      String changed =
          marked.contains(right)
              ? marked.replace(right, wrong).replace(Tables.END_WINS_MARK, Tables.END_WINS)
              : marked.replace(Tables.END_WINS_MARK, Tables.END_WINS.replace(right, wrong));
      assertThat(changed).as(name).isNotEqualTo(Tables.EXECUTIONS.onConflict());
      return changed;
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
