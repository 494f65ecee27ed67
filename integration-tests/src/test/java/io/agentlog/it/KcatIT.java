package io.agentlog.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.it.support.AgentJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a client that is none of Java's reads the events by the README's own command. Method: that
 * command, with another broker and topic, run by a shell after the shipped agent has sent.
 */
@Timeout(120)
class KcatIT {
  private static final Pattern COMMAND =
      Pattern.compile("^kcat -b localhost:9092 -t agent-execution-logs .*$", Pattern.MULTILINE);

  @Test
  void commandOfTheReadmeShowsTheEvents(@TempDir Path directory) throws Exception {
    assumeTrue(run("kcat -V && jq --version").exitCode == 0, "kcat or jq is not installed");
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(1);
    try (AgentJvm app =
        AgentJvm.in(directory)
            .kafka(kafka, topic)
            .property("agentlog.shutdown.wait", "60s") // Its client is loaded after the only call.
            .start(LoadApp.class)) {
      app.endInput();
      app.awaitSuccess();
    }
    Matcher command = COMMAND.matcher(Files.readString(Path.of("../README.md")));
    assertThat(command.find()).as("the README's command").isTrue();

    Said said =
        run(
            command
                .group()
                .replace("localhost:9092", kafka.bootstrapServers())
                .replace("agent-execution-logs", topic));

    assertThat(said.exitCode).as(said.output).isZero();
    assertThat(said.output.lines())
        .containsExactly(
            "{\"event_type\":\"started\",\"agent_name\":\"load\",\"status\":\"in_progress\"}",
            "{\"event_type\":\"progress\",\"agent_name\":\"load\",\"status\":\"in_progress\"}",
            "{\"event_type\":\"completed\",\"agent_name\":\"load\",\"status\":\"success\"}");
  }

  private static Said run(String command) throws Exception {
    Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Said(process.exitValue(), output);
  }

  private record Said(int exitCode, String output) {}
}
