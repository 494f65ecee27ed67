package io.agentlog.postgres;

import org.jspecify.annotations.Nullable;

/**
 * Something about a table that is not ours and that will refuse some rows.
 *
 * @param text what it is
 * @param remedy the statement that takes it away without touching a row or a type; null if there is
 *     none
 */
record Obstacle(String text, @Nullable String remedy) {
  @Override
  public String toString() {
    return text;
  }
}
