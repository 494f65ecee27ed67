package io.agentlog.insight.score;

/**
 * A rule as it is now. Figures of two versions are never mixed.
 *
 * @param rule name of a score rule; {@link #PATTERN} for a declaration of stages
 * @param hash SHA-256 of what it says, 64 hexadecimal digits
 */
public record RuleVersion(String rule, String hash) {
  /** The rule of declarations of stages, of which an agent has one at most. */
  public static final String PATTERN = "pattern";
}
