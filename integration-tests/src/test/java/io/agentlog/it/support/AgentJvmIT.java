package io.agentlog.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Scanner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the JVMs that the other tests start behave as asked. Method: run them without the agent, so
 * that a fault here is never the agent's.
 */
class AgentJvmIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /** Prints each line that it reads. */
  static final class Echo {
    public static void main(String[] arguments) {
      System.out.println("hello " + Runtime.version().feature());
      try (var in = new Scanner(System.in, StandardCharsets.UTF_8)) {
        while (in.hasNextLine()) {
          System.out.println(in.nextLine());
        }
      }
    }
  }

  @Test
  void applicationHearsAnswersAndIsKilled(@TempDir Path directory) {
    try (AgentJvm echo = AgentJvm.in(directory).withoutAgent().start(Echo.class)) {
      echo.awaitLine("hello " + Jdks.versionUnderTest(), DEADLINE);
      echo.say("and you");
      echo.awaitLine("and you", DEADLINE);
      echo.kill();
      assertThat(echo.awaitExit(DEADLINE)).isEqualTo(137);
      echo.assertOnlyAgentLinesOnStderr();
    }
  }

  @Test
  void terminatedApplicationEndsWithTheSignalsExitCode(@TempDir Path directory) {
    try (AgentJvm echo =
        AgentJvm.in(directory, Jdks.ofVersion(25)).withoutAgent().start(Echo.class)) {
      echo.awaitLine("hello 25", DEADLINE);
      echo.terminate();
      assertThat(echo.awaitExit(DEADLINE)).isEqualTo(143);
    }
  }
}
