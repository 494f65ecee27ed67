package io.agentlog.agent.prices;

import java.util.ArrayList;
import java.util.List;

/** Models that were left out, the first ones with their reasons. Not thread-safe. */
final class LeftOut {
  private static final int NAMED_MAX = 3;
  private static final int NAME_SHOWN_MAX = 60;

  private final List<String> named = new ArrayList<>();
  private int count;

  void add(String model, String reason) {
    count++;
    if (named.size() < NAMED_MAX) {
      named.add(shown(model) + " (" + reason + ")");
    }
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Names the first ones, and counts the others. */
  String describe() {
    String text = String.join(", ", named);
    return count > named.size() ? text + " and %s more".formatted(count - named.size()) : text;
  }

  /** Returns a name for a message, cut if it is long. */
  static String shown(String model) {
    return model.length() <= NAME_SHOWN_MAX
        ? model
        : model.substring(0, NAME_SHOWN_MAX) + "... (%s characters)".formatted(model.length());
  }
}
