package io.agentlog.postgres;

import io.agentlog.config.Config;
import io.agentlog.event.TokenCounts;
import io.agentlog.postgres.CostSum.Amount;
import io.agentlog.sink.SinkUnavailableException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Computes costs again from the tokens in the tables: of calls of models, and of the executions
 * that made them. Each batch of executions is one transaction, so an interrupted run has done some
 * of them wholly; doing it again changes nothing twice.
 *
 * <p>Executions that still run are left out, because their next event brings the costs that the
 * application has computed. One thread.
 */
public final class Repricing {
  /** Executions of one transaction. */
  static final int BATCH = 200;

  private static final UUID FIRST = new UUID(0, 0);

  private static final String NEXT =
      """
      SELECT DISTINCT execution_id FROM agent_model_calls
      WHERE execution_id > ? AND started_at >= ? AND started_at < ? ORDER BY execution_id LIMIT ?
      """;

  /** Locks in the order of the IDs, so that two runs don't wait for each other. */
  private static final String EXECUTIONS =
      """
      SELECT execution_id, status = 'in_progress' AS runs, model_calls, cost, cost_currency
      FROM agent_execution_logs WHERE execution_id = ANY (?) ORDER BY execution_id FOR UPDATE
      """;

  private static final String CALLS =
      """
      SELECT execution_id, seq, provider, response_model, request_model, input_tokens, output_tokens,
        cache_read_tokens, cache_write_tokens, reasoning_tokens, cost, cost_currency, price_version,
        COALESCE(started_at >= ? AND started_at < ?, false) AS wanted,
        COALESCE(metadata ->> 'delegated', '') = 'true' AS delegated
      FROM agent_model_calls WHERE execution_id = ANY (?) ORDER BY execution_id, seq
      """;

  private static final String CHANGE_CALLS =
      """
      UPDATE agent_model_calls c SET cost = v.cost, cost_currency = v.currency, price_version = v.version
      FROM unnest(?, ?, ?, ?, ?) AS v (execution_id, seq, cost, currency, version)
      WHERE c.execution_id = v.execution_id AND c.seq = v.seq
      """;

  private static final String CHANGE_EXECUTIONS =
      """
      UPDATE agent_execution_logs l SET cost = v.cost, cost_currency = v.currency, updated_at = now()
      FROM unnest(?, ?, ?) AS v (execution_id, cost, currency) WHERE l.execution_id = v.execution_id
      """;

  private final PostgresTarget target;

  /** Does no I/O. The configuration names the database. */
  public Repricing(Config config) {
    this.target = PostgresTarget.of(config);
  }

  /**
   * A price of a call.
   *
   * @param nanos billionths of the currency
   */
  public record Priced(long nanos, String currency, String version) {}

  /** Computes what a call costs. */
  @FunctionalInterface
  public interface Prices {
    /** Returns the cost; null if the model has no price or the tokens don't tell it. */
    @Nullable Priced of(
        @Nullable String provider,
        @Nullable String responseModel,
        @Nullable String requestModel,
        TokenCounts tokens);
  }

  /**
   * Counts of what was done.
   *
   * @param calls that reported tokens in the time
   * @param changed calls whose cost, currency or version of prices is another now
   * @param unpriced calls without a new cost, which keep what they had
   * @param executions whose sum is another now
   * @param incomplete executions that keep their sum, because not all of their calls are in the
   *     table
   * @param running executions that were left out
   */
  public record Counts(
      long calls, long changed, long unpriced, long executions, long incomplete, long running) {
    private Counts plus(Counts more) {
      return new Counts(
          calls + more.calls,
          changed + more.changed,
          unpriced + more.unpriced,
          executions + more.executions,
          incomplete + more.incomplete,
          running + more.running);
    }
  }

  /**
   * Counts and costs of a run.
   *
   * @param before costs of the changed calls as they were, by currency
   * @param after costs of the same calls, by currency
   */
  public record Result(
      Counts counts, Map<String, BigDecimal> before, Map<String, BigDecimal> after) {}

  private record Key(UUID executionId, int seq) {}

  private record Row(@Nullable Integer modelCalls, Amount amount) {}

  /** Returns the database whose costs are computed, without secrets. */
  public String place() {
    return target.toString();
  }

  /**
   * Computes the costs of calls that began in a time. A database whose applications have not called
   * a model yet has none.
   *
   * @param since first moment
   * @param until moment after the last
   * @param isTrial true to change nothing, and count all the same
   * @throws SinkUnavailableException if the database can't be changed; the message says what to do
   */
  public Result run(Instant since, Instant until, boolean isTrial, Prices prices)
      throws SinkUnavailableException {
    if (!target.isUsable()) {
      throw new SinkUnavailableException(target.notUsable(), null);
    }
    try (Connection connection = new AgentDataSource(target).getConnection()) {
      connection.setAutoCommit(false);
      String schema = Home.find(connection).schema();
      if (schema == null) {
        throw new SQLException("no schema has been selected to use", "3F000");
      }
      String quoted = SqlStates.quoted(schema);
      Counts counts = new Counts(0, 0, 0, 0, 0, 0);
      if (has(connection, quoted + ".agent_execution_logs")
          && !has(connection, quoted + ".agent_model_calls")) {
        return new Result(counts, Map.of(), Map.of()); // Made with the first detail.
      }
      Work work =
          new Work(connection, quoted, Timestamp.from(since), Timestamp.from(until), prices);
      UUID last = FIRST;
      while (true) {
        List<UUID> ids = work.next(last);
        if (ids.isEmpty()) {
          return new Result(counts, work.before, work.after);
        }
        counts = counts.plus(work.reprice(ids));
        if (isTrial) {
          connection.rollback();
        } else {
          connection.commit();
        }
        last = ids.get(ids.size() - 1);
      }
    } catch (SQLException e) {
      throw outage(e);
    }
  }

  private static boolean has(Connection connection, String table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_catalog.to_regclass(?) IS NOT NULL")) {
      statement.setString(1, table);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  private SinkUnavailableException outage(SQLException e) {
    if (SqlStates.isMissingRight(e)) {
      return new SinkUnavailableException(
          "user %s may not change costs at %s (%s): run GRANT SELECT, UPDATE ON agent_model_calls, agent_execution_logs TO %1$s, or use another user"
              .formatted(SqlStates.quoted(target.user()), target, SqlStates.shortText(e)),
          e);
    }
    if (SqlStates.isSchemaError(e)) {
      return new SinkUnavailableException(
          "the tables of agentlog are not at %s (%s): name the database and the schema that the applications use, or run migrate there"
              .formatted(target, SqlStates.shortText(e)),
          e);
    }
    return SqlStates.outage(e, target, false);
  }

  /** Statements of one run. */
  private static final class Work {
    private final Connection connection;
    private final String schema;
    private final Timestamp since;
    private final Timestamp until;
    private final Prices prices;
    private final Map<String, BigDecimal> before = new TreeMap<>();
    private final Map<String, BigDecimal> after = new TreeMap<>();

    private Work(
        Connection connection, String schema, Timestamp since, Timestamp until, Prices prices) {
      this.connection = connection;
      this.schema = schema;
      this.since = since;
      this.until = until;
      this.prices = prices;
    }

    private PreparedStatement prepare(String sql) throws SQLException {
      return connection.prepareStatement(TableNames.qualified(sql, schema));
    }

    /** Begins a transaction, and returns the executions after one, in the order of their IDs. */
    private List<UUID> next(UUID last) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET LOCAL search_path = pg_catalog, pg_temp");
      }
      List<UUID> ids = new ArrayList<>();
      try (PreparedStatement statement = prepare(NEXT)) {
        statement.setObject(1, last);
        statement.setTimestamp(2, since);
        statement.setTimestamp(3, until);
        statement.setInt(4, BATCH);
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            ids.add(row.getObject(1, UUID.class));
          }
        }
      }
      return ids;
    }

    private Counts reprice(List<UUID> ids) throws SQLException {
      Map<UUID, Row> rows = new LinkedHashMap<>();
      Set<UUID> running = new HashSet<>();
      readRows(ids, rows, running);
      Map<UUID, CostSum> sums = new LinkedHashMap<>();
      Map<Key, Priced> changes = new LinkedHashMap<>();
      long calls = 0;
      long unpriced = 0;
      try (PreparedStatement statement = prepare(CALLS)) {
        statement.setTimestamp(1, since);
        statement.setTimestamp(2, until);
        statement.setArray(3, uuids(ids));
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            UUID id = row.getObject("execution_id", UUID.class);
            if (running.contains(id)) {
              continue;
            }
            Amount amount = new Amount(row.getBigDecimal("cost"), row.getString("cost_currency"));
            TokenCounts tokens = tokens(row);
            if (row.getBoolean("wanted") && !tokens.equals(TokenCounts.UNKNOWN)) {
              calls++;
              Priced price =
                  prices.of(
                      row.getString("provider"),
                      row.getString("response_model"),
                      row.getString("request_model"),
                      tokens);
              BigDecimal cost = price == null ? null : Cost.of(price.nanos());
              if (price == null || cost == null) {
                unpriced++;
              } else {
                Amount computed = new Amount(cost, price.currency());
                if (!amount.isAs(computed)
                    || !price.version().equals(row.getString("price_version"))) {
                  changes.put(new Key(id, row.getInt("seq")), price);
                  add(before, amount);
                  add(after, computed);
                }
                amount = computed;
              }
            }
            sums.computeIfAbsent(id, none -> new CostSum())
                .add(amount, row.getBoolean("delegated"));
          }
        }
      }
      changeCalls(changes);
      return new Counts(calls, changes.size(), unpriced, 0, 0, running.size())
          .plus(changeExecutions(rows, sums));
    }

    private static void add(Map<String, BigDecimal> sums, Amount amount) {
      if (amount.cost() != null && amount.currency() != null) {
        sums.merge(amount.currency(), amount.cost(), BigDecimal::add);
      }
    }

    private void readRows(List<UUID> ids, Map<UUID, Row> rows, Set<UUID> running)
        throws SQLException {
      try (PreparedStatement statement = prepare(EXECUTIONS)) {
        statement.setArray(1, uuids(ids));
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            UUID id = row.getObject("execution_id", UUID.class);
            if (row.getBoolean("runs")) {
              running.add(id);
            } else {
              rows.put(
                  id,
                  new Row(
                      row.getObject("model_calls", Integer.class),
                      new Amount(row.getBigDecimal("cost"), row.getString("cost_currency"))));
            }
          }
        }
      }
    }

    private void changeCalls(Map<Key, Priced> changes) throws SQLException {
      if (changes.isEmpty()) {
        return;
      }
      List<Priced> prices = List.copyOf(changes.values());
      try (PreparedStatement statement = prepare(CHANGE_CALLS)) {
        statement.setArray(1, uuids(changes.keySet().stream().map(Key::executionId).toList()));
        statement.setArray(2, array("int4", changes.keySet().stream().map(Key::seq).toArray()));
        statement.setArray(
            3, array("numeric", prices.stream().map(price -> Cost.of(price.nanos())).toArray()));
        statement.setArray(4, array("text", prices.stream().map(Priced::currency).toArray()));
        statement.setArray(5, array("text", prices.stream().map(Priced::version).toArray()));
        statement.executeUpdate();
      }
    }

    private Counts changeExecutions(Map<UUID, Row> rows, Map<UUID, CostSum> sums)
        throws SQLException {
      List<UUID> ids = new ArrayList<>();
      List<@Nullable Object> costs = new ArrayList<>();
      List<@Nullable Object> currencies = new ArrayList<>();
      long incomplete = 0;
      for (Map.Entry<UUID, Row> entry : rows.entrySet()) {
        Row row = entry.getValue();
        CostSum sum = sums.getOrDefault(entry.getKey(), new CostSum());
        Amount after = sum.amount();
        if (row.modelCalls() != null && sum.calls() < row.modelCalls()) {
          incomplete++;
        } else if (!row.amount().isAs(after)) {
          ids.add(entry.getKey());
          costs.add(after.cost());
          currencies.add(after.currency());
        }
      }
      if (!ids.isEmpty()) {
        try (PreparedStatement statement = prepare(CHANGE_EXECUTIONS)) {
          statement.setArray(1, uuids(ids));
          statement.setArray(2, array("numeric", costs.toArray()));
          statement.setArray(3, array("text", currencies.toArray()));
          statement.executeUpdate();
        }
      }
      return new Counts(0, 0, 0, ids.size(), incomplete, 0);
    }

    private java.sql.Array uuids(List<UUID> ids) throws SQLException {
      return array("uuid", ids.toArray());
    }

    private java.sql.Array array(String type, @Nullable Object[] values) throws SQLException {
      return connection.createArrayOf(type, values);
    }

    private static TokenCounts tokens(ResultSet row) throws SQLException {
      return new TokenCounts(
          row.getObject("input_tokens", Long.class),
          row.getObject("output_tokens", Long.class),
          row.getObject("cache_read_tokens", Long.class),
          row.getObject("cache_write_tokens", Long.class),
          row.getObject("reasoning_tokens", Long.class));
    }
  }
}
