package io.agentlog.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * Question: how soon after its end is an execution's last event on the Kafka topic, and how many
 * bytes does an event take there?
 *
 * <p>Method: an application with the shipped agent makes executions of two stages at a fixed rate.
 * One time runs from the event's own {@code completed_at} to the broker's stamp, which is in whole
 * milliseconds and may be one too small. The other runs until a consumer here has the event, which
 * is later than the acknowledgement. Application, broker and consumer share one clock.
 *
 * <p>A run counts only if there are four events for each call and the agent dropped nothing.
 */
public final class EndToTopic {
  private static final List<String> KEYS = List.of("rate", "seconds", "threads", "prompt", "heap");
  private static final long DRAIN_SECONDS_MAX = 60;

  private EndToTopic() {}

  /** Takes {@code KEY=value} for each of the keys above; the defaults take half a minute. */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = Names.settings(arguments, KEYS);
    Path folder = MeasuredProcess.newFolder();
    boolean counts;
    try (LoadTopic topic = new LoadTopic(System.getenv())) {
      counts = measure(topic, settings, folder);
    } finally {
      MeasuredProcess.remove(folder);
    }
    if (!counts) {
      System.exit(1);
    }
  }

  private static boolean measure(LoadTopic topic, Map<String, String> settings, Path folder)
      throws IOException, InterruptedException, ExecutionException {
    String rate = settings.getOrDefault("rate", "100");
    String seconds = settings.getOrDefault("seconds", "30");
    long calls = Long.parseLong(rate) * Long.parseLong(seconds);
    File stderr = folder.resolve("stderr").toFile();
    List<String> options =
        List.of(
            "-Xmx" + settings.getOrDefault("heap", "512m"),
            "-javaagent:%s=service=load,shutdown.wait=%ds,dir='%s',%s"
                .formatted(ShippedAgent.jar(), DRAIN_SECONDS_MAX, folder, topic.agentArguments()));
    Process process =
        new ProcessBuilder(
                MeasuredProcess.command(
                    options,
                    PacedApp.class,
                    rate,
                    seconds,
                    settings.getOrDefault("threads", "2"),
                    settings.getOrDefault("prompt", "1024")))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(stderr)
            .start();
    long events = calls * AnnotatedExecution.EVENTS;
    topic.read(
        process, events, Duration.ofSeconds(Long.parseLong(seconds) + 2 * DRAIN_SECONDS_MAX));
    process.destroyForcibly().waitFor(); // The process has ended already unless it hangs.
    String said = Files.readString(stderr.toPath());

    print("end to the broker's append", topic.appendedMicros());
    print("end to the consumer's receipt", topic.readMicros());
    System.out.printf(
        Locale.ROOT,
        "%,d events; JSON of one without a prompt %.0f B; on the topic %.0f B an event%n",
        topic.eventCount(),
        topic.bytesWithoutPrompt(),
        (double) topic.logBytes() / topic.eventCount());
    boolean complete =
        topic.eventCount() == events
            && topic.completedCount() == calls
            && said.contains("dropped 0")
            && said.contains("pending 0, parked 0");
    if (!complete) {
      System.out.printf(
          Locale.ROOT,
          "VOID: %,d calls, %,d events, %,d of them ends%n%s%n",
          calls,
          topic.eventCount(),
          topic.completedCount(),
          said);
    }
    return complete;
  }

  private static void print(String what, Percentiles micros) {
    System.out.printf(
        Locale.ROOT,
        "%s: p50 %.1f ms, p99 %.1f ms, greatest %.1f ms%n",
        what,
        micros.at(50) / 1e3,
        micros.at(99) / 1e3,
        micros.at(100) / 1e3);
  }
}
