package io.agentlog.insight.evaluate;

import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Takes an alert from one state to the next by a look.
 *
 * <pre>
 *  LEARNING, INACTIVE, RESOLVED --worse--&gt; PENDING --worse again--&gt; FIRING
 *  FIRING --value back--&gt; RECOVERING --back for keep-firing--&gt; RESOLVED --cooldown over--&gt; INACTIVE
 *  RECOVERING --value not back--&gt; FIRING
 * </pre>
 *
 * A rule without windows needs no second look: it found a row, and chance has no part in that. Of
 * one with windows, a single value that is not back does not end {@code RECOVERING}: the newest
 * part of a window has few executions.
 *
 * <p>An alert that fires again within {@code cooldown} after its end, or within the shortest
 * window, which still has executions from before the cure, is the same incident. It is told again
 * only if it still fires when that time is over. It is the same incident, too, while the channels
 * still believe that it fires, since a mute held back that it was over. A look that could not see
 * anything leaves all as it is.
 */
public final class AlertStep {
  private static final int LOOKS_MIN = 2;

  private AlertStep() {}

  /**
   * Takes a step.
   *
   * @param isMuted whether nothing may be told now; what is then still true is told afterwards
   * @param fresh the identity of an incident that begins with this look
   */
  public static Step next(
      AlertRule rule, AlertStatus before, Look look, boolean isMuted, UUID fresh) {
    if (look.verdict() == Look.Verdict.UNKNOWN) {
      Instant since = before.unknownSince() == null ? look.at() : before.unknownSince();
      return new Step(seen(before, look.at(), since), null);
    }
    AlertStatus seen = seen(before, look.at(), null);
    AlertStatus after =
        before.isOn()
            ? whileOn(rule, seen, look)
            : whileOff(rule, seen, look, before.lastLook(), fresh);
    return isMuted ? new Step(after, null) : tell(rule, after, look.at());
  }

  /**
   * Ends an alert whose rule or agent is gone.
   *
   * @param isMuted whether nothing may be told now; those who were told that it fires are told
   *     afterwards that it is over
   */
  public static Step removed(AlertStatus before, Instant at, boolean isMuted) {
    boolean isTold = before.told() == Step.Message.FIRING;
    if (before.isOn()) {
      return toldOfEnd(ended(before, at), at, isTold && !isMuted);
    }
    return isTold && isMuted
        ? new Step(before, null)
        : toldOfEnd(become(before, AlertState.INACTIVE, at, 0, null), at, isTold);
  }

  private static Step toldOfEnd(AlertStatus after, Instant at, boolean isTold) {
    return isTold
        ? new Step(told(after, Step.Message.RESOLVED, at), Step.Message.RESOLVED)
        : new Step(after, null);
  }

  private static AlertStatus whileOn(AlertRule rule, AlertStatus status, Look look) {
    Instant backSince = status.backSince() == null ? look.at() : status.backSince();
    if (!look.isBack()) {
      int looks = status.state() == AlertState.RECOVERING ? status.worseLooks() + 1 : LOOKS_MIN;
      return looks < looksMin(rule)
          ? become(status, AlertState.RECOVERING, look.at(), looks, backSince)
          : become(status, AlertState.FIRING, look.at(), looks, null);
    }
    return look.at().isBefore(backSince.plus(rule.keepFiring()))
        ? become(status, AlertState.RECOVERING, look.at(), 0, backSince)
        : ended(status, look.at());
  }

  private static AlertStatus ended(AlertStatus status, Instant at) {
    return new AlertStatus(
        AlertState.RESOLVED,
        at,
        0,
        status.incident(),
        status.startedAt(),
        at,
        null,
        status.unknownSince(),
        status.told(),
        status.notifiedAt(),
        status.lastLook());
  }

  private static AlertStatus whileOff(
      AlertRule rule, AlertStatus status, Look look, Instant lastLook, UUID fresh) {
    Instant at = look.at();
    boolean isCooling = isWithin(status.endedAt(), quiet(rule), at);
    // After a cure the window is worse until the time before the cure has left it.
    boolean isOld = look.isBack() && isWithin(status.endedAt(), longest(rule.condition()), at);
    if (look.verdict() != Look.Verdict.WORSE || isOld) {
      AlertState calm =
          look.verdict() == Look.Verdict.LEARNING ? AlertState.LEARNING : AlertState.INACTIVE;
      return become(status, isCooling ? AlertState.RESOLVED : calm, at, 0, null);
    }
    int looks = status.worseLooks() + (hasNewFigures(look, lastLook) ? 1 : 0);
    if (looks < looksMin(rule)) {
      return become(status, AlertState.PENDING, at, looks, null);
    }
    // A mute may hold back that an incident is over; then it is the one that the channels know.
    boolean isSame = isCooling || status.told() == Step.Message.FIRING;
    return new AlertStatus(
        AlertState.FIRING,
        at,
        looks,
        isSame ? status.incident() : fresh,
        isSame ? status.startedAt() : at,
        isSame ? status.endedAt() : null,
        null,
        null,
        isSame ? status.told() : null,
        status.notifiedAt(),
        status.lastLook());
  }

  /** A long window is looked at less often; the same figures do not count twice. */
  private static boolean hasNewFigures(Look look, Instant lastLook) {
    Evidence evidence = look.evidence();
    return evidence == null || evidence.to() == null || evidence.to().isAfter(lastLook);
  }

  private static Step tell(AlertRule rule, AlertStatus status, Instant at) {
    boolean isTold = status.told() == Step.Message.FIRING;
    Step.Message message = null;
    if (!status.isOn()) {
      message = isTold ? Step.Message.RESOLVED : null;
    } else if (status.state() == AlertState.FIRING && !isTold) {
      message = isWithin(status.endedAt(), quiet(rule), at) ? null : Step.Message.FIRING;
    } else if (status.state() == AlertState.FIRING
        && !isWithin(status.notifiedAt(), rule.repeat(), at)) {
      message = Step.Message.REMINDER;
    }
    return new Step(message == null ? status : told(status, message, at), message);
  }

  private static boolean isWithin(@Nullable Instant since, Duration length, Instant at) {
    return since != null && at.isBefore(since.plus(length));
  }

  private static int looksMin(AlertRule rule) {
    return rule.condition() instanceof Condition.Windowed ? LOOKS_MIN : 1;
  }

  private static Duration quiet(AlertRule rule) {
    Duration shortest =
        rule.condition() instanceof Condition.Windowed windowed
            ? windowed.windows().stream().min(Duration::compareTo).orElse(Duration.ZERO)
            : Duration.ZERO;
    return shortest.compareTo(rule.cooldown()) > 0 ? shortest : rule.cooldown();
  }

  private static Duration longest(Condition condition) {
    return condition instanceof Condition.Windowed windowed
        ? windowed.windows().stream().max(Duration::compareTo).orElse(Duration.ZERO)
        : Duration.ZERO;
  }

  private static AlertStatus seen(AlertStatus status, Instant at, @Nullable Instant unknownSince) {
    return new AlertStatus(
        status.state(),
        status.since(),
        status.worseLooks(),
        status.incident(),
        status.startedAt(),
        status.endedAt(),
        status.backSince(),
        unknownSince,
        status.told(),
        status.notifiedAt(),
        at);
  }

  private static AlertStatus become(
      AlertStatus status,
      AlertState state,
      Instant at,
      int worseLooks,
      @Nullable Instant backSince) {
    return new AlertStatus(
        state,
        state == status.state() ? status.since() : at,
        worseLooks,
        status.incident(),
        status.startedAt(),
        status.endedAt(),
        backSince,
        status.unknownSince(),
        status.told(),
        status.notifiedAt(),
        status.lastLook());
  }

  private static AlertStatus told(AlertStatus status, Step.Message message, Instant at) {
    return new AlertStatus(
        status.state(),
        status.since(),
        status.worseLooks(),
        status.incident(),
        status.startedAt(),
        status.endedAt(),
        status.backSince(),
        status.unknownSince(),
        message == Step.Message.RESOLVED ? Step.Message.RESOLVED : Step.Message.FIRING,
        at,
        status.lastLook());
  }
}
