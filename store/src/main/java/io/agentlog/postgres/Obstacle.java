package io.agentlog.postgres;

import org.jspecify.annotations.Nullable;

/**
 * A property of a table that agentlog did not make and that will refuse some rows.
 *
 * @param text describes the property
 * @param remedy the statement that removes it without touching a row or a type; null if there is
 *     none
 */
record Obstacle(String text, @Nullable String remedy) {
  @Override
  public String toString() {
    return text;
  }
}
