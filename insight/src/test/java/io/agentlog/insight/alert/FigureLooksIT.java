package io.agentlog.insight.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.rules.Rules;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Looks at the tables of a real database. */
@Timeout(120)
class FigureLooksIT {
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void nothingIsSaidOfErrorsThatNobodyCounts() throws Exception {
    try (AlertFixture fixture = new AlertFixture();
        FigureLooks looks = new FigureLooks(fixture.config)) {
      for (Condition condition :
          List.of(
              new Condition.NewError(HOUR, Duration.ofDays(30), 3),
              new Condition.Abandoned(HOUR, 2))) {
        AlertRule rule =
            new AlertRule(
                "r", List.of("*"), condition, 0.01, List.of(), HOUR, HOUR, HOUR, Map.of(), "");
        Rules rules = AlertFixture.rules(List.of(), List.of(rule));
        rolledUp(fixture, "10 minutes");
        assertThatThrownBy(() -> looks.look(rules, rule, Instant.now(), Set.of()))
            .isInstanceOf(SinkUnavailableException.class)
            .hasMessageContaining("the trends are counted up to");

        rolledUp(fixture, "10 seconds");
        assertThat(looks.look(rules, rule, Instant.now(), Set.of())).containsOnlyKeys(Map.of());
      }
    }
  }

  private static void rolledUp(AlertFixture fixture, String ago) {
    fixture.database.execute(
        """
        INSERT INTO agent_insight_state (key, tick, cursor) VALUES ('rollup', 1, now() - interval '%1$s')
        ON CONFLICT (key) DO UPDATE SET cursor = EXCLUDED.cursor"""
            .formatted(ago));
  }
}
