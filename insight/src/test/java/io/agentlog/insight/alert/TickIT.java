package io.agentlog.insight.alert;

import static io.agentlog.insight.alert.AlertFixture.QUICK;
import static io.agentlog.insight.alert.AlertFixture.channel;
import static io.agentlog.insight.alert.AlertFixture.rule;
import static io.agentlog.insight.alert.AlertFixture.rules;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.insight.rules.Channel;
import io.agentlog.insight.rules.Mute;
import io.agentlog.insight.rules.Rules;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what looks say becomes states, history and messages, whole or not at all. Method: ticks
 * over a real database, with looks that say what the test wants.
 */
@Timeout(120)
class TickIT {
  private static final URI ANY = URI.create("http://127.0.0.1:1/");
  private static final Channel OPS = channel("ops", Channel.Type.WEBHOOK, ANY);
  private static final Channel AM = channel("am", Channel.Type.ALERTMANAGER, ANY);
  private static final Rules RULES = rules(List.of(OPS));

  private static AlertFixture fixture;
  private Ticker ticker;

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
  }

  @AfterEach
  void close() {
    ticker.close();
  }

  @Test
  void alertIsToldWhenItFiresAndWhenItIsOver() throws Exception {
    fixture.worse.add("a");
    fixture.tick(ticker, RULES);
    fixture.tick(ticker, RULES); // Tells nothing new.
    assertThat(fixture.states()).containsEntry("hung a", "firing");
    assertThat(fixture.messages()).containsExactly("ops firing hung a");

    fixture.worse.clear();
    fixture.tick(ticker, RULES);
    assertThat(fixture.messages()).containsExactly("ops firing hung a", "ops resolved hung a");
    assertThat(fixture.events("hung"))
        .containsExactly("a learning -> firing", "a firing -> resolved");
    assertThat(
            fixture.list(
                "SELECT count(DISTINCT incident_id) || ' ' || count(DISTINCT delivery_id) FROM"
                    + " agent_insight_outbox"))
        .containsExactly("1 2");
    assertThat(fixture.list("SELECT payload ->> 'url' FROM agent_insight_outbox LIMIT 1").get(0))
        .isEqualTo(
            "https://insight.internal/alerts/"
                + fixture.list("SELECT incident_id FROM agent_insight_outbox LIMIT 1").get(0));
  }

  @Test
  void firingAlertIsToldAgainAfterADay() throws Exception {
    Rules both = rules(List.of(OPS, AM));
    fixture.worse.add("a");
    fixture.tick(ticker, both);
    fixture.ago("agent_insight_alerts", "notified_at", "25 hours");
    fixture.tick(ticker, both);

    assertThat(fixture.messages())
        .as("an Alertmanager reminds by itself")
        .containsExactly("ops firing hung a", "am firing hung a", "ops reminder hung a");
  }

  @Test
  void tickIsLookedAtOnce() throws Exception {
    AlertTimes hourly =
        new AlertTimes(
            Duration.ofDays(365),
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
            QUICK.endsAfter(),
            QUICK.resolvedFor());
    try (Ticker first = new Ticker(fixture.config, fixture, hourly, "");
        Ticker second = new Ticker(fixture.config, fixture, hourly, "")) {
      assertThat(first.tick(RULES, List.of(), null).looked()).isTrue();
      assertThat(second.tick(RULES, List.of(), null).looked()).isFalse();
      assertThat(first.tick(RULES, List.of(), null).looked()).isFalse();
    }
  }

  @Test
  void nothingIsWrittenByATickThatFails() throws Exception {
    fixture.worse.add("a");
    Looks broken =
        (rules, rule, at, known) -> {
          if (rule.name().equals("second")) {
            throw new AssertionError("a fault");
          }
          return fixture.look(rules, rule, at, known);
        };
    Rules two = rules(List.of(OPS), List.of(rule("first", "ops"), rule("second", "ops")));
    try (Ticker failing = new Ticker(fixture.config, broken, QUICK, "")) {
      assertThatThrownBy(() -> fixture.tick(failing, two)).hasMessage("a fault");
    }

    assertThat(fixture.states()).isEmpty();
    assertThat(fixture.list("SELECT key FROM agent_insight_state")).isEmpty();
    fixture.tick(ticker, two);
    assertThat(fixture.messages()).containsExactly("ops firing first a", "ops firing second a");
  }

  @Test
  void removedRuleAndAgentThatIsGoneEndTheirAlerts() throws Exception {
    fixture.worse.addAll(List.of("a", "b"));
    fixture.tick(ticker, RULES);
    fixture.agents.remove("b");
    fixture.ago("agent_insight_alerts", "last_look", "10 minutes");
    fixture.tick(ticker, RULES);
    assertThat(fixture.states()).doesNotContainKey("hung b").containsEntry("hung a", "firing");

    fixture.ago("agent_insight_alerts", "last_look", "10 minutes");
    fixture.tick(ticker, rules(List.of(OPS), List.of()));

    assertThat(fixture.states()).doesNotContainKey("hung a");
    assertThat(fixture.events("hung"))
        .containsExactlyInAnyOrder(
            "a learning -> firing",
            "b learning -> firing",
            "b firing -> resolved nothing to look at",
            "a firing -> resolved rule removed");
    assertThat(fixture.messages())
        .contains("ops resolved hung a", "ops resolved hung b")
        .hasSize(4);
    assertThat(
            fixture.list(
                "SELECT payload ->> 'reason' FROM agent_insight_outbox ORDER BY id DESC LIMIT 1"))
        .containsExactly("rule removed");
  }

  @Test
  void ruleThatIsRemovedInAMuteIsToldOfAfterwards() throws Exception {
    fixture.worse.add("a");
    fixture.tick(ticker, RULES);
    Instant now = Instant.now();
    Mute mute = new Mute(now.minusSeconds(60), now.plusSeconds(3_600), List.of("*"));
    for (int i = 0; i < 2; i++) {
      fixture.ago("agent_insight_alerts", "last_look", "10 minutes");
      fixture.tick(ticker, rules(List.of(OPS), List.of(), mute));
    }
    assertThat(fixture.messages()).containsExactly("ops firing hung a");
    assertThat(fixture.states()).containsEntry("hung a", "resolved");

    fixture.tick(ticker, rules(List.of(OPS), List.of()));
    assertThat(fixture.messages()).containsExactly("ops firing hung a", "ops resolved hung a");
    assertThat(fixture.states()).doesNotContainKey("hung a");
    assertThat(fixture.events("hung"))
        .contains("a firing -> resolved rule removed")
        .doesNotContain("a resolved -> resolved rule removed");
  }

  @Test
  void ruleThatAnotherProgramLooksAtIsNotRemoved() throws Exception {
    Rules other = rules(List.of(OPS), List.of(rule("other", "ops")));
    fixture.worse.add("a");
    for (int i = 0; i < 3; i++) {
      fixture.tick(ticker, RULES);
      fixture.tick(ticker, other);
      fixture.tick(ticker, rules(List.of(OPS), List.of())); // A file that is half written.
    }

    assertThat(fixture.messages()).containsExactly("ops firing hung a", "ops firing other a");
    assertThat(fixture.events("hung")).containsExactly("a learning -> firing");
  }

  @Test
  void changedLimitKeepsTheIncident() throws Exception {
    fixture.worse.add("a");
    fixture.tick(ticker, RULES);
    List<String> incident = fixture.list("SELECT incident_id FROM agent_insight_outbox");
    fixture.database.execute("UPDATE agent_insight_alerts SET rule_hash = 'of another limit'");
    fixture.tick(ticker, RULES);

    assertThat(fixture.messages()).hasSize(1);
    assertThat(
            fixture.list(
                "SELECT incident_id FROM agent_insight_alerts WHERE rule = 'hung' AND state ="
                    + " 'firing'"))
        .isEqualTo(incident);
    assertThat(
            fixture.list("SELECT DISTINCT rule_hash FROM agent_insight_alerts WHERE rule = 'hung'"))
        .containsExactly("hash of hung");
  }

  @Test
  void muteHoldsBackUntilItIsOver() throws Exception {
    Instant now = Instant.now();
    Mute mute = new Mute(now.minusSeconds(60), now.plusSeconds(3_600), List.of("a"));
    fixture.worse.addAll(List.of("a", "b"));
    fixture.tick(ticker, rules(List.of(OPS), mute));
    assertThat(fixture.messages()).containsExactly("ops firing hung b");
    assertThat(fixture.states()).containsEntry("hung a", "firing");

    fixture.tick(ticker, RULES);
    assertThat(fixture.messages()).containsExactly("ops firing hung b", "ops firing hung a");
  }

  @Test
  void alertsStayAsTheyAreWhileNothingCanBeSeen() throws Exception {
    fixture.worse.add("a");
    fixture.tick(ticker, RULES);
    fixture.blind = "the figures can't be read: run this";
    assertThat(fixture.tick(ticker, RULES).problem()).isEqualTo(fixture.blind);
    assertThat(fixture.states())
        .containsEntry("hung a", "firing")
        .containsEntry("blind", "inactive");

    fixture.ago("agent_insight_alerts", "unknown_since", "11 minutes");
    fixture.tick(ticker, RULES);
    fixture.tick(ticker, RULES);
    assertThat(fixture.messages()).containsExactly("ops firing hung a", "ops firing blind");
    assertThat(
            fixture
                .list(
                    "SELECT evidence ->> 'summary' FROM agent_insight_alerts WHERE rule = 'blind'")
                .get(0))
        .contains("hung", fixture.blind);

    fixture.blind = null;
    fixture.tick(ticker, RULES);
    assertThat(fixture.messages())
        .containsExactly("ops firing hung a", "ops firing blind", "ops resolved blind");
  }

  @Test
  void faultOfOneRuleSilencesNoOther() throws Exception {
    Looks broken =
        (rules, rule, at, known) -> {
          if (rule.name().equals("first")) {
            throw new IllegalStateException("a fault");
          }
          return fixture.look(rules, rule, at, known);
        };
    fixture.worse.add("a");
    try (Ticker half = new Ticker(fixture.config, broken, QUICK, "")) {
      Rules two = rules(List.of(OPS), List.of(rule("first", "ops"), rule("second", "ops")));
      assertThat(fixture.tick(half, two).problem()).contains("rule first", "a fault");
    }
    assertThat(fixture.messages()).containsExactly("ops firing second a");
  }

  @Test
  void mistakesOfTheRulesFileAreAnAlert() throws Exception {
    fixture.tick(ticker, RULES, List.of("rules.yaml, line 3: 'kind' is wrong"));
    fixture.tick(ticker, RULES);
    assertThat(fixture.messages())
        .containsExactly("ops firing rules-invalid", "ops resolved rules-invalid");
    assertThat(
            fixture
                .list("SELECT payload ->> 'summary' FROM agent_insight_outbox ORDER BY id LIMIT 1")
                .get(0))
        .contains("a mistake", "line 3");
  }

  @Test
  void timeWithoutTicksIsAGap() throws Exception {
    fixture.worse.add("a");
    fixture.tick(ticker, RULES);
    fixture.database.execute("UPDATE agent_insight_state SET cursor = cursor - interval '1 hour'");
    fixture.tick(ticker, RULES);

    assertThat(
            fixture.list(
                "SELECT state || ' ' || (at - since > interval '59 minutes') FROM"
                    + " agent_insight_alert_events WHERE rule = ''"))
        .containsExactly("gap true");
    assertThat(fixture.messages()).hasSize(1);
  }

  @Test
  void clockThatWentBackIsSaid() throws Exception {
    fixture.tick(ticker, RULES);
    fixture.database.execute(
        "UPDATE agent_insight_state SET tick = tick + 600000, cursor = cursor + interval '10"
            + " minutes'");

    assertThat(ticker.tick(RULES, List.of(), null).problem())
        .contains("the clock of")
        .contains("went back");
  }

  @Test
  void outageThatChannelsWereToldOfIsResolvedOnce() throws Exception {
    Outage outage = new Outage(new UUID(1, 2), Duration.ofMinutes(12), List.of("ops"));
    ticker.tick(RULES, List.of(), outage);
    ticker.tick(RULES, List.of(), outage); // Another program was told of the same.

    assertThat(fixture.messages()).containsExactly("ops resolved blind");
    assertThat(fixture.events("blind")).containsExactly("learning -> firing", "firing -> resolved");
  }

  @Test
  void outageWhileBlindFiresIsResolvedBesideIt() throws Exception {
    fixture.blind = "the figures can't be read";
    fixture.tick(ticker, RULES);
    fixture.ago("agent_insight_alerts", "unknown_since", "11 minutes");
    fixture.tick(ticker, RULES);
    fixture.blind = null;
    Outage outage = new Outage(new UUID(3, 4), Duration.ofMinutes(12), List.of("ops"));
    for (int i = 0; i < 2; i++) { // The second is another program, which was told of the same.
      while (!ticker.tick(RULES, List.of(), outage).looked()) {
        Thread.onSpinWait(); // Two looks within a millisecond are one tick.
      }
      assertThat(fixture.messages())
          .containsExactly("ops firing blind", "ops resolved blind", "ops resolved blind");
    }
    assertThat(
            fixture.list(
                "SELECT count(DISTINCT incident_id) FROM agent_insight_outbox WHERE kind ="
                    + " 'resolved'"))
        .containsExactly("2");
  }

  @Test
  void alertmanagerIsNotToldForEverOfWhatIsOver() throws Exception {
    String repeated =
        "SELECT kind FROM agent_insight_outbox WHERE next_at IS NOT NULL AND repeat_until IS NOT"
            + " NULL";
    Rules am = rules(List.of(AM));
    fixture.worse.add("a");
    fixture.tick(ticker, am);
    fixture.database.execute("UPDATE agent_insight_outbox SET delivered_at = now()");
    fixture.worse.clear();
    fixture.tick(ticker, am);
    assertThat(fixture.list(repeated)).containsExactly("resolved");

    fixture.database.execute("UPDATE agent_insight_outbox SET delivered_at = now()");
    fixture.worse.add("a"); // Without a cooldown it is another incident.
    fixture.tick(ticker, am);
    assertThat(fixture.list(repeated)).containsExactly("firing");

    fixture.database.execute("UPDATE agent_insight_outbox SET delivered_at = now()");
    fixture.worse.clear();
    fixture.tick(ticker, RULES); // The file has the channel no longer.
    assertThat(fixture.list(repeated)).isEmpty();
  }
}
