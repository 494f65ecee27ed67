package io.agentlog.benchmarks.insight;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures how long after its end an execution is in the stream of the live page, while some
 * application makes executions: {@code url=} names a running dashboard, {@code token=} its token,
 * {@code seconds=} how long the stream is read. {@code POSTGRES_HOST}, {@code _PORT}, {@code
 * _DATABASE}, {@code _USER} and {@code _PASSWORD} name the database, which knows when each ended.
 *
 * <p>The clocks of the three must be one. An end that came before the first message does not count.
 */
public final class LiveDelay {
  private static final Pattern EXECUTION = Pattern.compile("/executions/([0-9a-f-]{36})");

  private final Map<UUID, Long> seen = new HashMap<>();
  private long firstMillis;

  /** Takes {@code url=}, {@code token=} and {@code seconds=}. */
  public static void main(String[] arguments) throws IOException, SQLException {
    Map<String, String> settings = new HashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      settings.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    LiveDelay program = new LiveDelay();
    program.read(
        settings.getOrDefault("url", "http://127.0.0.1:4090"),
        settings.getOrDefault("token", ""),
        Integer.parseInt(settings.getOrDefault("seconds", "60")));
    program.report(System.getenv());
  }

  private void read(String url, String token, int seconds) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(url + "/live/stream").toURL().openConnection();
    connection.setRequestProperty("Authorization", "Bearer " + token);
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine();
          line != null && System.nanoTime() < end;
          line = lines.readLine()) {
        int ended = line.startsWith("data: ") ? line.indexOf("\"ended\":\"") : -1;
        if (ended >= 0) {
          note(line, ended);
        }
      }
    }
  }

  /** A part is a string, so it ends with the first quote that nothing escapes. */
  private void note(String line, int from) {
    long now = System.currentTimeMillis();
    firstMillis = firstMillis == 0 ? now : firstMillis;
    Matcher end = Pattern.compile("(?<!\\\\)\"").matcher(line);
    int to = end.find(from + "\"ended\":\"".length()) ? end.start() : line.length();
    Matcher execution = EXECUTION.matcher(line).region(from, to);
    while (execution.find()) {
      seen.putIfAbsent(UUID.fromString(execution.group(1)), now);
    }
  }

  private void report(Map<String, String> environment) throws SQLException {
    List<Long> millis = new ArrayList<>();
    long last = seen.values().stream().mapToLong(Long::longValue).max().orElse(0);
    long ended = 0;
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://%s:%s/%s"
                    .formatted(
                        environment.get("POSTGRES_HOST"),
                        environment.getOrDefault("POSTGRES_PORT", "5432"),
                        environment.getOrDefault("POSTGRES_DATABASE", "postgres")),
                environment.getOrDefault("POSTGRES_USER", "postgres"),
                environment.getOrDefault("POSTGRES_PASSWORD", ""));
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT execution_id, (extract(epoch FROM completed_at) * 1000)::bigint FROM agent_execution_logs"
                    + " WHERE completed_at >= to_timestamp(?::float8 / 1000) AND completed_at < to_timestamp(?::float8 / 1000)")) {
      statement.setLong(1, firstMillis);
      statement.setLong(2, last - 3_000);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          ended++;
          Long at = seen.get(rows.getObject(1, UUID.class));
          if (at != null) {
            millis.add(Math.max(0, at - rows.getLong(2)));
          }
        }
      }
    }
    Collections.sort(millis);
    System.out.println(
        String.format(
            Locale.ROOT,
            "%,d executions ended, %,d of them were listed; from the end to the stream p50 %,d ms, p99 %,d ms, greatest %,d ms",
            ended,
            millis.size(),
            at(millis, 0.50),
            at(millis, 0.99),
            at(millis, 1)));
  }

  private static long at(List<Long> sorted, double share) {
    return sorted.isEmpty()
        ? -1
        : sorted.get(Math.min(sorted.size() - 1, (int) (share * sorted.size())));
  }
}
