package io.agentlog.insight.handler;

import io.agentlog.backends.Postgres;
import io.agentlog.insight.Dashboards;
import io.agentlog.insight.rollup.Migrate;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A database with the tables of the trends, and a dashboard over it. */
final class TrendFixture implements AutoCloseable {
  final Postgres database;
  final Dashboards dashboard;

  /**
   * Makes the tables of the trends.
   *
   * @param database with the agent's tables; closed with this
   */
  TrendFixture(Postgres database, boolean texts) throws SinkUnavailableException {
    this.database = database;
    new Migrate(Dashboards.config(database)).run(line -> {});
    this.dashboard = Dashboards.start(Dashboards.config(database), texts);
  }

  /**
   * Fills the tables of the trends from all rows, by SQL that has nothing to do with the rollup.
   */
  void fill() {
    try (InputStream in =
        TrendFixture.class.getResourceAsStream("/io/agentlog/insight/rollup-rows.sql")) {
      database.execute(
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the first row of a statement. */
  List<@Nullable Object> row(String sql, @Nullable Object... parameters) throws SQLException {
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      try (ResultSet rows = statement.executeQuery()) {
        List<@Nullable Object> row = new ArrayList<>();
        rows.next();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.add(rows.getObject(i));
        }
        return row;
      }
    }
  }

  double value(String sql, @Nullable Object... parameters) throws SQLException {
    return ((Number) Objects.requireNonNull(row(sql, parameters).get(0))).doubleValue();
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return dashboard.get(path);
  }

  Map<String, @Nullable Object> json(String path)
      throws IOException, InterruptedException, BrokenLineException {
    HttpResponse<String> answer = get(path);
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(path + ": " + answer.body());
    }
    return JsonReader.parse(answer.body().getBytes(StandardCharsets.UTF_8));
  }

  @SuppressWarnings("unchecked")
  static Map<String, @Nullable Object> map(@Nullable Object value) {
    return (Map<String, @Nullable Object>) Objects.requireNonNull(value);
  }

  @SuppressWarnings("unchecked")
  static List<Map<String, @Nullable Object>> list(@Nullable Object value) {
    return (List<Map<String, @Nullable Object>>) Objects.requireNonNull(value);
  }

  static double number(@Nullable Object value) {
    return ((Number) Objects.requireNonNull(value)).doubleValue();
  }

  @Override
  public void close() {
    dashboard.close();
    database.close();
  }
}
