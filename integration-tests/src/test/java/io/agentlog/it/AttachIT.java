package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CurrentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an application that runs already is recorded once the agent is attached, the classes that
 * it has loaded as well. Method: the JVM's own attach mechanism, on a real JVM.
 */
class AttachIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** Implements what is annotated elsewhere. */
  interface Agent {
    @AgentExecution("attached-interface")
    String answer(String prompt);
  }

  /** An application that makes one call of each for each line it is told. */
  static final class App implements Agent {
    @Override
    public String answer(String prompt) {
      return prompt;
    }

    @AgentExecution("attached")
    static boolean route(String prompt) {
      CurrentExecution.metadata("line", prompt);
      return CurrentExecution.executionId().isPresent();
    }

    public static void main(String[] args) throws IOException {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      App app = new App();
      System.out.println("before " + route("before") + " " + app.answer("before"));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(line + " " + route(line) + " " + app.answer(line));
      }
    }
  }

  @Test
  void classesThatAreLoadedAlreadyAreRecorded(@TempDir Path directory) throws Exception {
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory)
                .withoutAgent()
                .postgres(database)
                .service("attached")
                .options("-XX:+EnableDynamicAgentLoading")
                .start(App.class)) {
      app.awaitLine("before false before", DEADLINE);
      app.attach();
      app.say("first");
      app.awaitLine("first true first", DEADLINE);
      app.say("second");
      app.awaitLine("second true second", DEADLINE);
      assertThat(Rows.awaitEnded(database, 4, DEADLINE))
          .extracting(row -> row.get("agent_name") + " " + row.get("user_prompt"))
          .containsExactly(
              "attached first",
              "attached-interface first",
              "attached second",
              "attached-interface second");
      app.endInput();
      app.awaitSuccess();
      assertThat(app.stderr())
          .anyMatch(
              line ->
                  line.contains(
                      "attached to a running JVM: 2 loaded classes are recorded from now on"));
    }
  }
}
