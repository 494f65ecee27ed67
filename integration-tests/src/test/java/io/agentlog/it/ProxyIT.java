package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Libraries;
import io.agentlog.it.support.Rows;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a call through a proxy, as frameworks make them, is one execution, whether a class of the
 * application is behind the proxy or not. Method: run {@link ProxyApp} with the shipped jar, the
 * JDK's proxies and Spring's CGLIB.
 */
class ProxyIT {
  @Test
  void callThroughAProxyIsOneExecution(@TempDir Path directory) {
    String classPath =
        String.join(
            File.pathSeparator,
            AgentJvm.classPathOf(ProxyApp.class, AgentExecution.class),
            Libraries.classPath("spring"));
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory)
                .postgres(database)
                .service("proxy")
                .property("agentlog.shutdown.wait", "30s") // It is over at once.
                .start(classPath, ProxyApp.class)) {
      app.awaitSuccess();
      assertThat(app.stdout()).containsExactly("done");
      Rows.awaitEnded(database, 9, Duration.ofSeconds(30));
      assertThat(
              Rows.of(
                  database,
                  "SELECT concat_ws(' ', agent_name, user_prompt, status, error_type, (SELECT count(*)"
                      + " FROM agent_execution_progress p WHERE p.execution_id = e.execution_id)) AS row"
                      + " FROM agent_execution_logs e ORDER BY started_at, execution_id"))
          .extracting(row -> row.get("row"))
          .containsExactly(
              "behind-jdk-proxy jdk success 0",
              "behind-jdk-proxy fails failed IllegalStateException 0",
              "behind-jdk-proxy cancelled cancelled CancellationException 0",
              "jdk-proxy-later later success 1",
              "behind-cglib cglib success 0",
              "behind-cglib fails failed IllegalStateException 0",
              "behind-cglib cancelled cancelled CancellationException 0",
              "cglib-later later success 1",
              "proxy-alone client success 1");
    }
  }
}
