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
 * Goal: a call through a proxy, as frameworks make them, is one execution. Method: run {@link
 * ProxyApp} with the shipped jar, the JDK's proxies and Spring's CGLIB.
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
                .start(classPath, ProxyApp.class)) {
      app.awaitSuccess();
      assertThat(app.stdout()).containsExactly("done");
      Rows.awaitEnded(database, 2, Duration.ofSeconds(30));
      assertThat(
              Rows.of(
                  database,
                  "SELECT agent_name || ': ' || user_prompt AS row FROM agent_execution_logs"
                      + " ORDER BY started_at"))
          .extracting(row -> row.get("row"))
          .containsExactly("behind-jdk-proxy: jdk", "behind-cglib: cglib");
    }
  }
}
