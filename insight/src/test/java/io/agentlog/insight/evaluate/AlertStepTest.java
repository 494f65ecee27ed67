package io.agentlog.insight.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of an alert, look by look, five minutes apart. */
class AlertStepTest {
  private static final Instant START = Instant.parse("2026-03-02T08:00:00Z");

  private final List<Step.Message> messages = new ArrayList<>();
  private AlertRule rule = Simulation.rule("failures", Simulation.failures(0.05, 30));
  private AlertStatus status = AlertStatus.first(START);
  private Instant now = START;
  private boolean isMuted;

  @BeforeEach
  void beginsCalm() {
    fine();
    assertThat(status.state()).isEqualTo(AlertState.INACTIVE);
  }

  private void look(Look.Verdict verdict, boolean isBack) {
    now = now.plus(Duration.ofMinutes(5));
    Evidence evidence =
        Sums.evidence("", now, Duration.ofHours(1), 100, 50, 0.5, "share"); // New figures.
    step(new Look(now, verdict, isBack, evidence));
  }

  private void step(Look look) {
    Step step = AlertStep.next(rule, status, look, isMuted, new UUID(0, now.getEpochSecond()));
    status = step.status();
    if (step.message() != null) {
      messages.add(step.message());
    }
  }

  private void fine() {
    look(Look.Verdict.FINE, true);
  }

  private void worse() {
    look(Look.Verdict.WORSE, false);
  }

  private void worseButBack() {
    look(Look.Verdict.WORSE, true);
  }

  @Test
  void firesAtTheSecondWorseLookInARow() {
    worse();
    assertThat(status.state()).isEqualTo(AlertState.PENDING);
    fine();
    worse();
    assertThat(messages).isEmpty();
    worse();
    assertThat(status.state()).isEqualTo(AlertState.FIRING);
    assertThat(messages).containsExactly(Step.Message.FIRING);
    assertThat(status.incident()).isEqualTo(new UUID(0, now.getEpochSecond()));
  }

  @Test
  void theSameFiguresDoNotCountTwice() {
    worse();
    Instant to = now;
    for (int i = 1; i < 6; i++) {
      now = now.plus(Duration.ofMinutes(5));
      Evidence old = Sums.evidence("", to, Duration.ofHours(6), 100, 50, 0.5, "share");
      step(new Look(now, Look.Verdict.WORSE, false, old));
    }
    assertThat(status.state()).isEqualTo(AlertState.PENDING);
    worse();
    assertThat(status.state()).isEqualTo(AlertState.FIRING);
  }

  @Test
  void aFindingFiresAtOnce() {
    rule = Simulation.rule("hung", new Condition.Stuck(Duration.ofMinutes(10)));
    Finding finding =
        new Finding(Map.of("agent", "a"), "hangs", null, 1, 1, 6e8, "us", null, List.of());
    now = now.plus(Duration.ofMinutes(5));
    step(finding.look(now));
    assertThat(messages).containsExactly(Step.Message.FIRING);
    for (int i = 0; i < 4; i++) {
      now = now.plus(Duration.ofMinutes(5));
      step(Finding.none(now));
    }
    assertThat(messages).containsExactly(Step.Message.FIRING, Step.Message.RESOLVED);
  }

  @Test
  void isResolvedOnceTheValueIsBackForLongEnoughAndOneBlipIsForgiven() {
    worse();
    worse();
    worseButBack();
    assertThat(status.state()).isEqualTo(AlertState.RECOVERING);
    worse();
    assertThat(status.state()).isEqualTo(AlertState.RECOVERING);
    worseButBack();
    assertThat(messages).containsExactly(Step.Message.FIRING);
    worseButBack();
    assertThat(status.state()).isEqualTo(AlertState.RESOLVED);
    assertThat(messages).containsExactly(Step.Message.FIRING, Step.Message.RESOLVED);
    for (int i = 0; i < 20; i++) {
      worseButBack(); // The window still has what was before the cure.
    }
    assertThat(status.state()).isEqualTo(AlertState.INACTIVE);
    assertThat(messages).hasSize(2);
  }

  @Test
  void twoValuesThatAreNotBackMakeItFireOnWithoutAMessage() {
    worse();
    worse();
    worseButBack();
    worse();
    worse();
    assertThat(status.state()).isEqualTo(AlertState.FIRING);
    assertThat(messages).containsExactly(Step.Message.FIRING);
  }

  @Test
  void whatFiresAgainSoonIsTheSameIncidentAndIsToldIfItLasts() {
    resolve();
    UUID incident = status.incident();
    Instant resolved = now;
    worse();
    worse();
    assertThat(status.state()).isEqualTo(AlertState.FIRING);
    assertThat(status.incident()).isEqualTo(incident);
    while (now.isBefore(resolved.plus(Duration.ofMinutes(55)))) {
      worse();
      assertThat(messages).hasSize(2);
    }
    worse();
    assertThat(messages)
        .containsExactly(Step.Message.FIRING, Step.Message.RESOLVED, Step.Message.FIRING);
  }

  private void resolve() {
    worse();
    worse();
    for (int i = 0; i < 4; i++) {
      fine();
    }
    assertThat(status.state()).isEqualTo(AlertState.RESOLVED);
  }

  @Test
  void whatFiresAgainLaterIsAnotherIncident() {
    resolve();
    UUID incident = status.incident();
    for (int i = 0; i < 13; i++) {
      fine();
    }
    worse();
    worse();
    assertThat(status.incident()).isNotEqualTo(incident);
    assertThat(messages).hasSize(3);
  }

  @Test
  void aLookThatSeesNothingChangesNothing() {
    worse();
    worse();
    AlertStatus before = status;
    now = now.plus(Duration.ofMinutes(5));
    step(Look.unknown(now));
    assertThat(status.state()).isEqualTo(AlertState.FIRING);
    assertThat(status.since()).isEqualTo(before.since());
    assertThat(status.unknownSince()).isEqualTo(now);
    worse();
    assertThat(status.unknownSince()).isNull();
    assertThat(messages).hasSize(1);
  }

  @Test
  void aMuteHoldsBackMessagesThatAreToldAfterwardsIfTheyAreStillTrue() {
    isMuted = true;
    worse();
    worse();
    assertThat(status.state()).isEqualTo(AlertState.FIRING);
    isMuted = false;
    worse();
    assertThat(messages).containsExactly(Step.Message.FIRING);
  }

  @Test
  void whatFiresAgainInAMuteThatHeldBackItsEndIsTheSameIncident() {
    worse();
    worse();
    UUID incident = status.incident();
    isMuted = true;
    for (int i = 0; i < 30; i++) {
      fine();
    }
    assertThat(status.state()).isEqualTo(AlertState.INACTIVE);
    worse();
    worse();
    assertThat(status.state()).isEqualTo(AlertState.FIRING);
    isMuted = false;
    worse();
    assertThat(status.incident()).isEqualTo(incident);
    assertThat(messages).containsExactly(Step.Message.FIRING);
    for (int i = 0; i < 4; i++) {
      fine();
    }
    assertThat(messages).containsExactly(Step.Message.FIRING, Step.Message.RESOLVED);
  }

  @Test
  void isToldAgainAfterTheRepeatTime() {
    worse();
    worse();
    for (int i = 0; i < 24 * 12; i++) {
      worse();
    }
    assertThat(messages).containsExactly(Step.Message.FIRING, Step.Message.REMINDER);
  }

  @Test
  void aRuleThatIsRemovedResolvesItsAlert() {
    worse();
    worse();
    Step step = AlertStep.removed(status, now, false);
    assertThat(step.message()).isEqualTo(Step.Message.RESOLVED);
    assertThat(step.status().state()).isEqualTo(AlertState.RESOLVED);
    assertThat(AlertStep.removed(step.status(), now, false).message()).isNull();
  }

  @Test
  void aRuleThatIsRemovedInAMuteIsToldOfWhenTheMuteIsOver() {
    worse();
    worse();
    Step muted = AlertStep.removed(status, now, true);
    assertThat(muted.message()).isNull();
    assertThat(muted.status().state()).isEqualTo(AlertState.RESOLVED);
    Step again = AlertStep.removed(muted.status(), now, true);
    assertThat(again.message()).isNull();
    assertThat(again.status().state()).isEqualTo(AlertState.RESOLVED);
    assertThat(AlertStep.removed(again.status(), now, false).message())
        .isEqualTo(Step.Message.RESOLVED);
  }
}
