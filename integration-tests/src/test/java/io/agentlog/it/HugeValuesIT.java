package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a value of any size and shape costs the application no more than what is kept of it.
 * Method: run {@link HugeValuesApp} with the shipped jar in a heap that has room for its prompt
 * once, and read the rows.
 */
class HugeValuesIT {
  private static final int EXECUTIONS = 6;
  private static final int PROMPT_BYTES_MAX = 256 << 10;
  private static final int GRAPH_BYTES_MAX = 64 << 10;

  @TempDir private Path directory;

  @Test
  void valuesOfAnySizeAreCutAndFlagged() { // Faults 62 and 66
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory)
                .postgres(database)
                .service("huge")
                .options("-Xmx192m", "-XX:+UseSerialGC")
                .start(HugeValuesApp.class)) {
      app.awaitLine("done", Duration.ofSeconds(60));
      Rows.awaitEnded(database, EXECUTIONS, Duration.ofSeconds(30));
      app.endInput();
      app.awaitSuccess();
      assertThat(app.stderr())
          .anyMatch(line -> line.contains("stopped: 6 executions, 12 events recorded, dropped 0"));
      assertThat(app.stderr()).noneMatch(line -> line.contains("suppressed"));
      assertThat(
              Rows.of(
                  database,
                  "SELECT length(user_prompt) AS length, user_prompt_length, metadata->>'user_prompt_truncated'"
                      + " AS cut, user_prompt_sha256 = encode(sha256(user_prompt::bytea), 'hex') AS hashed"
                      + " FROM agent_execution_logs WHERE agent_name = 'huge' ORDER BY started_at"))
          .element(1)
          .isEqualTo(
              Map.of(
                  "length",
                  PROMPT_BYTES_MAX,
                  "user_prompt_length",
                  HugeValuesApp.PROMPT_CHARS,
                  "cut",
                  "true",
                  "hashed",
                  true));
      List<Map<String, Object>> graphs =
          Rows.of(
              database,
              "SELECT user_prompt, length(metadata::text) AS length, metadata->'graph'->>'name' AS name,"
                  + " status FROM agent_execution_logs WHERE agent_name = 'graph' ORDER BY started_at");
      assertThat(graphs)
          .extracting(row -> row.get("user_prompt"))
          .containsExactly("cyclic", "deep", "wide");
      assertThat(graphs)
          .allSatisfy(
              row -> {
                assertThat(row).containsEntry("status", "success");
                assertThat((Integer) row.get("length")).isLessThan(GRAPH_BYTES_MAX);
              });
      assertThat(graphs.get(0)).containsEntry("name", "loop");
    }
  }
}
