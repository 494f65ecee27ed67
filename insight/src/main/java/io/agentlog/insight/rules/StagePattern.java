package io.agentlog.insight.rules;

import java.time.Duration;
import java.util.List;

/**
 * The stages that executions of an agent should have.
 *
 * @param agents names of agents; "*" is any number of characters
 * @param stages the declaration as the file has it, such as {@code validate score{1,3} [review]
 *     decide}
 * @param othersForbidden whether stages that it does not name are a deviation
 * @param failedMayStop whether a failed execution may end before the pattern does
 * @param limits longest times
 * @param hash SHA-256 of what it says, 64 hexadecimal digits
 */
public record StagePattern(
    List<String> agents,
    String stages,
    boolean othersForbidden,
    boolean failedMayStop,
    List<Limit> limits,
    String hash) {
  /**
   * How long it may take from a stage to another.
   *
   * @param from a stage
   * @param to the same stage for its own duration
   */
  public record Limit(String from, String to, Duration max) {}
}
