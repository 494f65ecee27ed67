package io.agentlog.sample.router;

/**
 * Confidence of the router in one agent. Every number is 0.0 to 1.0, rounded to four decimals.
 *
 * @param total the weighted sum of the parts, lowered when the choice is ambiguous
 * @param trigger how well the request's words match one of the agent's trigger phrases
 * @param context how well domain, files and project fit; {@value #NEUTRAL} when the request has
 *     none
 * @param capability how well the request fits what the agent can do and its example requests
 * @param historical the agent's smoothed success rate; {@value #NEUTRAL} before any feedback
 */
public record Confidence(
    double total, double trigger, double context, double capability, double historical) {
  /** Weight of the triggers in the total. */
  public static final double TRIGGER_WEIGHT = 0.40;

  /** Weight of the context in the total. */
  public static final double CONTEXT_WEIGHT = 0.30;

  /** Weight of the capabilities in the total. */
  public static final double CAPABILITY_WEIGHT = 0.20;

  /** Weight of the history in the total. */
  public static final double HISTORY_WEIGHT = 0.10;

  /** Value of a part without information. */
  public static final double NEUTRAL = 0.5;

  /** Returns the weighted sum of four parts. */
  static Confidence of(double trigger, double context, double capability, double historical) {
    return new Confidence(
        rounded(
            TRIGGER_WEIGHT * trigger
                + CONTEXT_WEIGHT * context
                + CAPABILITY_WEIGHT * capability
                + HISTORY_WEIGHT * historical),
        rounded(trigger),
        rounded(context),
        rounded(capability),
        rounded(historical));
  }

  /** Returns the same parts with another total. */
  Confidence withTotal(double newTotal) {
    return new Confidence(rounded(newTotal), trigger, context, capability, historical);
  }

  private static double rounded(double value) {
    return Math.round(Math.max(0, Math.min(1, value)) * 10_000) / 10_000.0;
  }
}
