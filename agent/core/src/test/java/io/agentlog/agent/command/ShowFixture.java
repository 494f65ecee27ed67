package io.agentlog.agent.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.backends.TraceRows;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import io.agentlog.log.CapturedLog;
import io.agentlog.postgres.TableSetup;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The command {@code show} in this JVM, on a database of its own with rows of a whole trace. */
abstract class ShowFixture {
  static final String REQUEST = "order-4711";

  final Postgres database = Backends.postgres().newDatabase();
  final ByteArrayOutputStream out = new ByteArrayOutputStream();
  final CapturedLog log = new CapturedLog();
  private final PrintStream outBefore = System.out;

  @BeforeEach
  void capture() {
    System.setOut(new PrintStream(out, true, UTF_8));
    assertThat(run("migrate", "-o=frameworks=off")).isZero(); // Without tables of details.
  }

  @AfterEach
  void restore() {
    System.setOut(outBefore);
    log.close();
    database.close();
  }

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(
        List.of(
            "-o=postgres.url=" + database.jdbcUrl(),
            "-o=postgres.user=" + database.user(),
            "-o=postgres.password=" + database.password()));
    return CommandLine.main(all.toArray(new String[0]));
  }

  /** Returns the lines that the command prints. */
  List<String> show(String... arguments) {
    out.reset();
    List<String> all = new ArrayList<>(List.of("show"));
    all.addAll(List.of(arguments));
    assertThat(run(all.toArray(new String[0]))).as(log.lines().toString()).isZero();
    return out.toString(UTF_8).lines().toList();
  }

  void makeTrace() throws Exception {
    try (InputStream in = TableSetup.class.getResourceAsStream("migrations/T001__trace.sql")) {
      database.execute(new String(Objects.requireNonNull(in).readAllBytes(), UTF_8));
    }
    TraceRows.add(database);
  }

  /**
   * Returns the lines of the timeline without the time, after its head and before what is in short.
   */
  static List<String> events(List<String> lines) {
    int begin = lines.indexOf("") + 1;
    List<String> after = lines.subList(begin, lines.size());
    return after.subList(0, after.contains("") ? after.indexOf("") : after.size()).stream()
        .map(line -> line.replaceFirst("^ *(\\+\\S+ ms|-)  ", ""))
        .toList();
  }

  /** Returns what the command says on standard error. */
  List<String> problems() {
    return log.lines().stream().filter(line -> line.contains("] show - ")).toList();
  }

  static String short8(String content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content.getBytes(UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  void makeCalls() throws Exception {
    try (InputStream in =
        TableSetup.class.getResourceAsStream("migrations/T003__model_calls.sql")) {
      database.execute(new String(Objects.requireNonNull(in).readAllBytes(), UTF_8));
    }
    database.execute(
        """
        UPDATE agent_execution_logs SET model = 'gpt-4o-2024', model_calls = 2, tool_calls = 1, input_tokens = 1200,
          output_tokens = 80, cache_read_tokens = 1000, cost = 0.0031, cost_currency = 'USD', usage_seq = 9 WHERE execution_id = '$1';
        UPDATE agent_execution_logs SET model_calls = 1, tool_calls = 0, usage_seq = 9 WHERE execution_id = '$2';
        INSERT INTO agent_model_calls (execution_id, seq, agent_name, framework, request_model, response_model, streaming, duration_us,
          first_token_us, input_tokens, output_tokens, cache_read_tokens, reasoning_tokens, finish_reason, cost, cost_currency,
          error_type, error_message, metadata, created_at)
        SELECT e.execution_id, seq, e.agent_name, 'langchain4j', asked, answered, false, took, first, i, o, c, r, finish, v.price, 'USD',
          error, 'no answer', v.extra::jsonb, e.completed_at
        FROM agent_execution_logs e JOIN (VALUES
          ('$1'::uuid, 5, 'gpt-4o', 'gpt-4o-2024', 20000, 3000, 1000, 50, 900, 7, 'STOP', 0.0025, NULL, '{}'),
          ('$1', 6, 'router-model', NULL, 21000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"delegated": true}'),
          ('$2', 5, NULL, NULL, 1000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'TimeoutException', '{}'))
          AS v (id, seq, asked, answered, took, first, i, o, c, r, finish, price, error, extra) ON e.execution_id = v.id\
        """
            .replace("$1", TraceRows.REFACTOR)
            .replace("$2", TraceRows.REVIEWER));
  }

  static Map<String, Object> parsed(String line) {
    try {
      return JsonReader.parse(line.getBytes(UTF_8));
    } catch (BrokenLineException e) {
      throw new AssertionError(e);
    }
  }
}
