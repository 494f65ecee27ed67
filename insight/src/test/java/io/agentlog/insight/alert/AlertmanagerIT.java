package io.agentlog.insight.alert;

import static io.agentlog.insight.alert.AlertFixture.QUICK;
import static io.agentlog.insight.alert.AlertFixture.channel;
import static io.agentlog.insight.alert.AlertFixture.rules;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentlog.insight.Await;
import io.agentlog.insight.rules.Channel;
import io.agentlog.insight.rules.Rules;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an Alertmanager tells its own receivers once that an alert fires and once that it is over,
 * and also if nobody tells it any more. Method: the real program, from the machine's packages.
 */
@Timeout(120)
class AlertmanagerIT {
  private static final Path PROGRAM = Path.of("/usr/bin/prometheus-alertmanager");

  @TempDir private Path folder;
  private final Receiver receiver = new Receiver();
  private Process process;

  @AfterEach
  void close() throws InterruptedException {
    if (process != null) {
      process.destroy();
      process.waitFor();
    }
    receiver.close();
  }

  /** Starts the program, which tells the receiver of each alert by itself. */
  private URI start() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(PROGRAM), "prometheus-alertmanager is not installed");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path config = folder.resolve("alertmanager.yml");
    Files.writeString(
        config,
        """
        route: {receiver: test, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
        receivers: [{name: test, webhook_configs: [{url: '%s', send_resolved: true}]}]
        """
            .formatted(receiver.uri()));
    process =
        new ProcessBuilder(
                PROGRAM.toString(),
                "--config.file=" + config,
                "--storage.path=" + folder,
                "--web.listen-address=127.0.0.1:" + port,
                "--cluster.listen-address=")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    URI uri = URI.create("http://127.0.0.1:" + port);
    HttpRequest ready = HttpRequest.newBuilder(uri.resolve("/-/ready")).build();
    Await.until(
        () ->
            HttpClient.newHttpClient().send(ready, BodyHandlers.discarding()).statusCode() == 200);
    return uri;
  }

  private List<String> told() {
    return receiver.posts().stream().map(post -> post.text("status")).toList();
  }

  @Test
  void alertIsToldOnceAndResolvedOnce() throws Exception {
    Rules rules = rules(List.of(channel("am", Channel.Type.ALERTMANAGER, start())));
    try (AlertFixture fixture = new AlertFixture();
        Ticker ticker = new Ticker(fixture.config, fixture, QUICK, AlertFixture.URL);
        Delivery delivery = new Delivery(fixture.config, QUICK, new Sender(QUICK.answerMax()))) {
      fixture.worse.add("a <b> \"c\"");
      fixture.agents.add("a <b> \"c\"");
      fixture.tick(ticker, rules);
      for (int i = 0; i < 5; i++) {
        delivery.step(rules);
      }
      Await.until(() -> told().equals(List.of("firing")));
      delivery.step(rules);

      fixture.worse.clear();
      fixture.tick(ticker, rules);
      for (int i = 0; i < 5; i++) {
        delivery.step(rules);
      }
      Await.until(() -> told().equals(List.of("firing", "resolved")));
      assertThat(fixture.list("SELECT count(*) FROM agent_insight_outbox WHERE last_error IS NULL"))
          .containsExactly("2");
      assertThat(receiver.posts().get(1).body())
          .contains("\"alertname\":\"hung\"", "\"severity\":\"page\"", "\"summary\":");
    }
  }

  @Test
  void alertIsOverIfNobodyTellsOfItAnyMore() throws Exception {
    Rules rules = rules(List.of(channel("am", Channel.Type.ALERTMANAGER, start())));
    AlertTimes brief =
        new AlertTimes(
            QUICK.tick(),
            QUICK.settle(),
            QUICK.gap(),
            QUICK.blindAfter(),
            QUICK.poll(),
            QUICK.claim(),
            QUICK.answerMax(),
            QUICK.retryMin(),
            QUICK.retryMax(),
            QUICK.giveUpAfter(),
            QUICK.refresh(),
            Duration.ofSeconds(3),
            QUICK.resolvedFor());
    try (AlertFixture fixture = new AlertFixture();
        Ticker ticker = new Ticker(fixture.config, fixture, brief, AlertFixture.URL);
        Delivery delivery = new Delivery(fixture.config, brief, new Sender(brief.answerMax()))) {
      fixture.worse.add("a");
      fixture.tick(ticker, rules);
      delivery.step(rules);
    }
    Await.until(() -> told().equals(List.of("firing", "resolved")));
  }
}
