package io.agentlog.insight.alert;

import static io.agentlog.insight.alert.AlertFixture.QUICK;
import static io.agentlog.insight.alert.AlertFixture.channel;
import static io.agentlog.insight.alert.AlertFixture.rules;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.insight.rules.Channel;
import io.agentlog.insight.rules.Rules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: each message arrives, in order, whatever its channel does meanwhile. Method: a real server
 * that answers as the test wants, and the steps of a delivery, one by one.
 */
@Timeout(120)
class DeliveryIT {
  private static final String ERRORS =
      "SELECT last_error FROM agent_insight_outbox WHERE last_error IS NOT NULL";

  private static AlertFixture fixture;
  private final Receiver receiver = new Receiver();
  private final Channel ops = channel("ops", Channel.Type.WEBHOOK, receiver.uri());
  private final Rules rules = rules(List.of(ops));
  private Ticker ticker;
  private Delivery delivery;

  @BeforeAll
  static void makeTables() throws Exception {
    fixture = new AlertFixture();
  }

  @AfterAll
  static void dropTables() {
    fixture.close();
  }

  @BeforeEach
  void open() {
    fixture.clear();
    ticker = new Ticker(fixture.config, fixture, QUICK, AlertFixture.URL);
    delivery = delivery(QUICK);
  }

  @AfterEach
  void close() {
    ticker.close();
    delivery.close();
    receiver.close();
  }

  private static Delivery delivery(AlertTimes times) {
    return new Delivery(fixture.config, times, new Sender(times.answerMax()));
  }

  private void fireAndResolve(Rules of) throws Exception {
    fixture.worse.add("a");
    fixture.tick(ticker, of);
    fixture.worse.clear();
    fixture.tick(ticker, of);
  }

  @Test
  void webhookIsToldWhatWhereSinceWhenAndWhy() throws Exception {
    Channel signed =
        new Channel("ops", Channel.Type.WEBHOOK, List.of(receiver.uri()), "a key of mine");
    fixture.worse.add("a");
    fixture.tick(ticker, rules(List.of(signed)));

    assertThat(delivery.step(rules(List.of(signed)))).isEqualTo(1);
    assertThat(delivery.step(rules(List.of(signed)))).isZero();

    Receiver.Post post = receiver.posts().get(0);
    assertThat(post.json())
        .containsEntry("version", 1L)
        .containsEntry("status", "firing")
        .containsEntry("rule", "hung")
        .containsEntry("kind", "stuck")
        .containsEntry("ends_at", null)
        .containsEntry("summary", "a hangs")
        .containsKeys("delivery_id", "incident_id", "starts_at", "evidence", "url");
    assertThat(String.valueOf(post.json().get("labels"))).isEqualTo("{agent=a, severity=page}");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("a key of mine".getBytes(UTF_8), "HmacSHA256"));
    assertThat(post.signature())
        .isEqualTo("sha256=" + HexFormat.of().formatHex(mac.doFinal(post.body().getBytes(UTF_8))));
  }

  @Test
  void channelThatFailsGetsEachMessageInTheirOrderAfterwards() throws Exception {
    receiver.answer(500);
    fireAndResolve(rules);
    for (int i = 0; i < 3; i++) {
      assertThat(delivery.step(rules)).as("the end waits for the begin").isEqualTo(1);
    }
    assertThat(fixture.list(ERRORS)).containsExactly("it answers 500");

    receiver.answer(200);
    assertThat(delivery.step(rules) + delivery.step(rules)).isEqualTo(2);

    assertThat(receiver.told()).containsExactly("firing hung", "resolved hung");
    assertThat(receiver.posts().get(0).text("incident_id"))
        .isEqualTo(receiver.posts().get(1).text("incident_id"));
    assertThat(fixture.list("SELECT attempts FROM agent_insight_outbox ORDER BY id"))
        .containsExactly("4", "1");
    assertThat(fixture.list(ERRORS)).isEmpty();
    assertThat(List.of(delivery.deliveredCount(), delivery.failureCount())).containsExactly(2L, 3L);
  }

  @Test
  void redirectIsNotFollowed() throws Exception {
    try (Receiver elsewhere = new Receiver()) {
      receiver.redirectTo(elsewhere.uri());
      fixture.worse.add("a");
      fixture.tick(ticker, rules);
      delivery.step(rules);

      assertThat(elsewhere.posts()).isEmpty();
      assertThat(fixture.list(ERRORS).get(0)).contains("307", "redirects are not followed");
    }
  }

  @Test
  void channelThatHangsKeepsNoOtherWaiting() throws Exception {
    receiver.answer(0);
    try (Receiver quick = new Receiver()) {
      Rules both = rules(List.of(ops, channel("quick", Channel.Type.WEBHOOK, quick.uri())));
      fixture.worse.addAll(List.of("a", "b"));
      fixture.tick(ticker, both);

      assertThat(delivery.step(both)).isEqualTo(4);

      assertThat(quick.posts()).hasSize(2);
      assertThat(fixture.list(ERRORS)).hasSize(2).containsOnly("no answer within 2 s");
    }
  }

  @Test
  void messageThatNobodyTakesForADayIsGivenUp() throws Exception {
    URI nobody = receiver.uri();
    receiver.close();
    Rules dead = rules(List.of(channel("ops", Channel.Type.WEBHOOK, nobody)));
    fireAndResolve(dead);
    delivery.step(dead);
    assertThat(fixture.list(ERRORS)).containsExactly("nothing takes connections at its address");

    fixture.ago("agent_insight_outbox", "created_at", "25 hours");
    delivery.step(dead);
    assertThat(delivery.undeliverableCount()).isEqualTo(1);
    assertThat(
            fixture.list(
                "SELECT kind FROM agent_insight_outbox WHERE next_at IS NULL AND delivered_at IS NULL"))
        .containsExactly("firing");
    assertThat(delivery.step(dead)).as("the next of the incident").isEqualTo(1);
    assertThat(delivery.step(dead)).isZero();
  }

  @Test
  void messageOfAChannelThatIsGoneWaitsForIt() throws Exception {
    fixture.worse.add("a");
    fixture.tick(ticker, rules);
    delivery.step(Rules.NONE);
    assertThat(fixture.list(ERRORS).get(0)).contains("no channel of this name");

    delivery.step(rules);
    assertThat(receiver.told()).containsExactly("firing hung");
  }

  @Test
  void claimOfAProgramThatDiedEnds() throws Exception {
    fixture.worse.add("a");
    fixture.tick(ticker, rules);
    fixture.database.execute(
        "UPDATE agent_insight_outbox SET claimed_until = now() + interval '60 seconds', attempts = 1");
    assertThat(delivery.step(rules)).isZero();

    fixture.ago("agent_insight_outbox", "claimed_until", "61 seconds");
    assertThat(delivery.step(rules)).isEqualTo(1);
    assertThat(receiver.told()).containsExactly("firing hung");
  }

  @Test
  void waitsLongerAfterEachFailure() throws Exception {
    receiver.answer(503);
    fixture.worse.add("a");
    fixture.tick(ticker, rules);
    try (Delivery patient = delivery(AlertTimes.USUAL)) {
      for (String wait : List.of("5", "10", "20", "40", "80", "160", "320", "600", "600")) {
        assertThat(patient.step(rules)).isEqualTo(1);
        assertThat(
                fixture.list(
                    "SELECT round(extract(epoch FROM next_at - now()) / 5) * 5 FROM agent_insight_outbox"))
            .containsExactly(wait);
        fixture.database.execute("UPDATE agent_insight_outbox SET next_at = now()");
      }
    }
  }

  @Test
  void slackGetsATextThatCallsNobody() throws Exception {
    Rules slack = rules(List.of(channel("ops", Channel.Type.SLACK, receiver.uri())));
    String odd = "<!channel> & " + "x".repeat(4_000);
    fixture.agents.add(odd);
    fixture.worse.add(odd);
    fixture.tick(ticker, slack);
    delivery.step(slack);

    Receiver.Post post = receiver.posts().get(0);
    assertThat(post.text("text"))
        .startsWith("*Firing: hung* agent &lt;!channel&gt; &amp; xxx")
        .doesNotContain("<!channel>");
    assertThat(post.text("blocks").length()).isLessThan(SlackText.LENGTH_MAX + 100);
    assertThat(post.text("blocks")).contains("<https://insight.internal/alerts/");
    assertThat(SlackText.escapeAndCut("&&&", 13)).isEqualTo("&amp;&amp;...");
  }

  @Test
  void alertmanagerIsToldAgainWhileItFiresAndForSomeTimeAfterwards() throws Exception {
    Rules am = rules(List.of(channel("am", Channel.Type.ALERTMANAGER, receiver.uri())));
    fixture.worse.add("a");
    fixture.tick(ticker, am);
    for (int i = 0; i < 3; i++) {
      assertThat(delivery.step(am)).isEqualTo(1);
    }
    fixture.worse.clear();
    fixture.tick(ticker, am);
    for (int i = 0; i < 3; i++) {
      assertThat(delivery.step(am)).as("only the end").isEqualTo(1);
    }
    fixture.database.execute(
        "UPDATE agent_insight_outbox SET repeat_until = now() WHERE repeat_until IS NOT NULL");
    delivery.step(am);
    assertThat(delivery.step(am)).isZero();

    assertThat(receiver.posts())
        .extracting(Receiver.Post::path)
        .containsOnly("/hook/api/v2/alerts");
    List<String> startsAt =
        receiver.posts().stream()
            .map(post -> post.body().replaceAll(".*\"startsAt\":\"([^\"]+)\".*", "$1"))
            .distinct()
            .toList();
    assertThat(startsAt).hasSize(1);
    assertThat(receiver.posts().get(0).body())
        .contains(
            "\"labels\":{\"agent\":\"a\",\"severity\":\"page\",\"alertname\":\"hung\"}",
            "\"annotations\":{\"summary\":\"a hangs\"",
            "\"generatorURL\":\"https://insight.internal/alerts/");
  }

  @Test
  void clockOfAnAlertmanagerIsTheOneThatCounts() throws Exception {
    List<String> bodies = new CopyOnWriteArrayList<>();
    try (ServerSocket past = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> answerFromThePast(past, bodies));
      server.start();
      URI uri = URI.create("http://127.0.0.1:" + past.getLocalPort());
      Rules am = rules(List.of(channel("am", Channel.Type.ALERTMANAGER, uri)));
      fixture.worse.add("a");
      fixture.tick(ticker, am);
      delivery.step(am);
      delivery.step(am);
      server.join();
    }
    assertThat(bodies.get(0)).doesNotContain("2020-11-30");
    assertThat(bodies.get(1))
        .contains("\"startsAt\":\"2020-11-30T10:0", "\"endsAt\":\"2020-11-30T10:0");
  }

  /** Answers twice; the JDK's own server sets the header Date itself. */
  private static void answerFromThePast(ServerSocket server, List<String> bodies) {
    for (int i = 0; i < 2; i++) {
      try (Socket socket = server.accept()) {
        byte[] read = new byte[8_192];
        String text = "";
        while (!text.endsWith("}]")) {
          text += new String(read, 0, socket.getInputStream().read(read), UTF_8);
        }
        bodies.add(text);
        socket
            .getOutputStream()
            .write(
                """
                HTTP/1.1 200 OK\r
                Date: Mon, 30 Nov 2020 10:00:00 GMT\r
                Content-Length: 0\r
                Connection: close\r
                \r
                """
                    .getBytes(UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void twoProgramsSendEachMessageOnce() throws Exception {
    for (int i = 0; i < 60; i++) {
      fixture.agents.add("agent " + i);
      fixture.worse.add("agent " + i);
    }
    fixture.tick(ticker, rules);
    fixture.worse.clear();
    fixture.tick(ticker, rules);
    List<Thread> programs = List.of(program(), program());
    programs.forEach(Thread::start);
    for (Thread program : programs) {
      program.join();
    }

    assertThat(receiver.posts()).hasSize(120);
    assertThat(receiver.posts().stream().map(post -> post.text("delivery_id")))
        .doesNotHaveDuplicates();
  }

  private Thread program() {
    AlertTimes times =
        AlertFixture.times(
            t ->
                new AlertTimes(
                    t.tick(),
                    t.settle(),
                    t.gap(),
                    t.blindAfter(),
                    t.poll(),
                    t.claim(),
                    Duration.ofSeconds(20),
                    t.retryMin(),
                    t.retryMax(),
                    t.giveUpAfter(),
                    t.refresh(),
                    t.endsAfter(),
                    t.resolvedFor()));
    return new Thread(
        () -> {
          try (Delivery own = delivery(times)) {
            while (!fixture
                .list("SELECT id FROM agent_insight_outbox WHERE next_at IS NOT NULL LIMIT 1")
                .isEmpty()) {
              own.step(rules);
            }
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void alertmanagerThatHasBecomeAWebhookIsToldOnce() throws Exception {
    Channel am = channel("ops", Channel.Type.ALERTMANAGER, receiver.uri());
    fixture.worse.add("a");
    fixture.tick(ticker, rules(List.of(am)));
    delivery.step(rules(List.of(am)));

    delivery.step(rules);

    assertThat(receiver.posts()).hasSize(1);
    assertThat(delivery.step(rules)).isZero();
  }
}
