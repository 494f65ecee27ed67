package io.agentlog.insight.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.insight.MadeTables;
import io.agentlog.insight.command.InsightCommandLine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.json.Json;

/**
 * Goal: an agent that got worse wakes somebody once, and is let go once; an agent that did not is
 * silent. Method: two weeks of two agents in the tables, one of them worse in the last hour; the
 * dashboard's own process with a rules file, a receiver of webhooks, and a browser. Looks are five
 * minutes apart, so the tables are told that the last one was earlier. The process is killed and
 * started again while the alert fires.
 */
@Timeout(300)
class WorseRouterIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Pattern LINK = Pattern.compile("http://\\S+/login\\?code=\\S+");

  private final List<Map<String, Object>> received = new CopyOnWriteArrayList<>();
  private HttpServer receiver;
  private Postgres database;

  @BeforeEach
  void start() throws Exception {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/hook",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          received.add(new Json().toType(body, Json.MAP_TYPE));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    receiver.start();
    database = MadeTables.empty();
    MadeTables.execute(database, "worse-router.sql");
    count();
  }

  /** Computes the trends, as if until after the test. */
  private void count() {
    MadeTables.execute(database, "rollup-rows.sql");
    database.execute(
        "UPDATE agent_insight_state SET cursor = now() + interval '1 hour' WHERE key = 'rollup'");
  }

  @AfterEach
  void stop() {
    receiver.stop(0);
    database.close();
  }

  @Test
  void failingAgentIsToldOnceAndSeenAndLetGo(@TempDir Path folder) throws Exception {
    try (ChildJvm process = dashboard(rules(folder))) {
      awaitState(process, "pending");
      assertThat(received).isEmpty();

      anotherLook("");
      awaitState(process, "firing");
      process.awaitWhileAlive("message", DEADLINE, () -> !received.isEmpty());
      Map<String, Object> message = received.get(0);
      assertThat(message)
          .containsEntry("status", "firing")
          .containsEntry("rule", "failures")
          .containsEntry("kind", "failure-rate");
      assertThat(message.get("labels")).asString().contains("history-lookup");
      assertThat(message.get("evidence"))
          .asString()
          .contains("baseline")
          .doesNotContain("HistoryUnavailableException");
      assertThat(state("history-steady")).isEqualTo("inactive");
      if (Files.isExecutable(Browser.CHROMIUM) && Files.isExecutable(Browser.DRIVER)) {
        isSeen(process);
      }
    }

    // It is well again: in the last twenty minutes nothing more has failed.
    database.execute(
        "UPDATE agent_execution_logs SET status = 'success', error_type = NULL WHERE completed_at > now() - interval '25 minutes'");
    count();
    anotherLook(", back_since = now() - interval '10 minutes'");
    try (ChildJvm process = dashboard(rules(folder))) {
      awaitState(process, "resolved");
      process.awaitWhileAlive("second message", DEADLINE, () -> received.size() > 1);
    }
    assertThat(received)
        .extracting(message -> message.get("status") + " " + message.get("rule"))
        .containsExactly("firing failures", "resolved failures");
    assertThat(received.get(1).get("incident_id")).isEqualTo(received.get(0).get("incident_id"));
  }

  private static void isSeen(ChildJvm process) {
    try (Browser browser = Browser.start()) {
      browser.go(link(process));
      String base = browser.driver().getCurrentUrl().replaceFirst("(http://[^/]+).*", "$1");
      browser.go(base + "/alerts");
      assertThat(browser.driver().findElement(By.cssSelector(".alert-firing h3")).getText())
          .isEqualTo("history-lookup");
      assertThat(browser.text()).contains("1 firing", "10.0 %", "2.0 %", "comparable windows");
      browser.driver().findElement(By.cssSelector(".alert-firing h3 a")).click();
      browser.await("the incident", page -> page.getCurrentUrl().startsWith(base + "/alerts/"));
      assertThat(browser.text()).contains("What happened", "delivered");
      assertThat(browser.inaccessible()).isEmpty();
      browser.driver().findElement(By.partialLinkText("this window and before")).click();
      browser.await("the agent", page -> page.getCurrentUrl().contains("/agents/history-lookup"));
      assertThat(browser.text()).contains("more failures");
      assertThat(browser.problems()).isEmpty();
    }
  }

  private Path rules(Path folder) throws IOException {
    return Files.writeString(
        folder.resolve("alerts.yaml"),
        """
        version: 1
        channels: {hook: {type: webhook, url: "http://127.0.0.1:%s/hook"}}
        defaults: {notify: [hook], keep-firing: 5m}
        rules:
          - {name: failures, kind: failure-rate, agents: ["*"], windows: [1h], max: 5%%, baseline: same-hour 28d, min-count: 30}
        """
            .formatted(Integer.toString(receiver.getAddress().getPort())));
  }

  private ChildJvm dashboard(Path rules) {
    return ChildJvm.likeThis()
        .shortLived()
        .options("-Xmx128m")
        .property("agentlog.postgres.host", database.host())
        .property("agentlog.postgres.port", database.port())
        .property("agentlog.postgres.database", database.database())
        .property("agentlog.postgres.user", database.user())
        .environment("AGENTLOG_POSTGRES_PASSWORD", database.password())
        .mainClass(
            System.getProperty("java.class.path"),
            InsightCommandLine.class.getName(),
            "dashboard",
            "--port",
            "0",
            "--no-rollup",
            "--rules",
            rules.toString())
        .start();
  }

  private static String link(ChildJvm process) {
    String link = "";
    for (String line : process.stdout()) {
      Matcher found = LINK.matcher(line);
      link = found.find() ? found.group() : link;
    }
    return link;
  }

  /** Makes the last look one of the five minutes before, so that the next one is due. */
  private void anotherLook(String more) {
    database.execute(
        "UPDATE agent_insight_alerts SET last_look = last_look - interval '5 minutes'%s WHERE rule = 'failures'"
            .formatted(more));
  }

  private void awaitState(ChildJvm process, String state) {
    process.awaitWhileAlive(
        "state " + state, DEADLINE, () -> state.equals(state("history-lookup")));
  }

  private String state(String agent) {
    try (Connection connection = database.connect();
        ResultSet row =
            connection
                .createStatement()
                .executeQuery(
                    "SELECT max(state) FROM agent_insight_alerts WHERE labels ->> 'agent' = '"
                        + agent
                        + "'")) {
      row.next();
      return String.valueOf(row.getString(1));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
