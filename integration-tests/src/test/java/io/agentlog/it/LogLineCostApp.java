package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures what a line of Logback costs that is formatted and written to {@code /dev/null}.
 * Argument: {@code inside} or {@code outside} an execution. Run it by hand with a Logback on the
 * class path, without the agent, with {@code log.mdc=false} and {@code log.mdc=true}; it prints
 * nanoseconds a line, the median of eleven rounds after as many for warm-up.
 */
final class LogLineCostApp {
  private static final int ROUNDS = 22;
  private static final int LINES = 100_000;
  private static final String CONFIGURATION =
      """
      <configuration>
        <appender name="NULL" class="ch.qos.logback.core.FileAppender">
          <file>/dev/null</file>
          <encoder>
            <pattern>%d %-5level %logger - %msg %X{agent_execution_id} %X{correlation_id}%n</pattern>
          </encoder>
        </appender>
        <root level="INFO"><appender-ref ref="NULL"/></root>
      </configuration>
      """;

  private LogLineCostApp() {}

  static class Agent {
    @AgentExecution("cost")
    void log(String prompt, Logger log) {
      logAll(log);
    }
  }

  private static void logAll(Logger log) {
    for (int i = 0; i < LINES; i++) {
      log.info("line {} of some words about what the agent does", i);
    }
  }

  public static void main(String[] args) throws Exception {
    Path configuration = Files.createTempFile("logback", ".xml");
    Files.writeString(configuration, CONFIGURATION);
    System.setProperty("logback.configurationFile", configuration.toString());
    Logger log = LoggerFactory.getLogger("cost");
    Agent agent = new Agent();
    agent.log("first", log); // So that every class is woven, whichever way is measured.
    long[] nanos = new long[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long begun = System.nanoTime();
      if (args[0].equals("inside")) {
        agent.log("cost", log);
      } else {
        logAll(log);
      }
      nanos[round] = (System.nanoTime() - begun) / LINES;
    }
    Files.delete(configuration);
    long[] measured = Arrays.copyOfRange(nanos, ROUNDS / 2, ROUNDS);
    Arrays.sort(measured);
    System.out.println(args[0] + " " + measured[measured.length / 2] + " ns");
  }
}
