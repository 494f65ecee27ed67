package io.agentlog.insight.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.insight.Dashboard;
import io.agentlog.insight.evaluate.TimeSpan;
import io.agentlog.insight.query.Database;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The times in which an alert fired, from its history in a real database. */
@Timeout(120)
class PastFiringsIT {
  private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");

  @Test
  void onlyTheTimeInWhichItFiredIsLeftOut() throws Exception {
    try (AlertFixture fixture = new AlertFixture();
        Database reader = Dashboard.database(fixture.config)) {
      event(fixture, "09:00", "pending", "firing");
      event(fixture, "09:10", "firing", "recovering");
      event(fixture, "09:15", "recovering", "firing");
      event(fixture, "10:00", "recovering", "resolved");
      event(fixture, "10:05", "resolved", "pending");
      event(fixture, "10:10", "pending", "resolved"); // Nothing fired.
      PastFirings past = new PastFirings(reader);
      past.refresh(NOW);

      assertThat(past.of("f")).isEqualTo(List.of(new TimeSpan(at("09:00"), at("10:00"))));
    }
  }

  private static Instant at(String time) {
    return Instant.parse("2026-03-02T" + time + ":00Z");
  }

  private static void event(AlertFixture fixture, String time, String before, String state) {
    fixture.database.execute(
        """
        INSERT INTO agent_insight_alert_events (at, fingerprint, rule, rule_hash, labels, state_before, since, state)
        VALUES ('%1$s', 'f', 'failures', '', '{}', '%2$s', '%1$s', '%3$s')"""
            .formatted(at(time), before, state));
  }
}
