package io.agentlog.agent.status;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A framework that the application has and whose agents are recorded.
 *
 * @param name as in the option {@code frameworks}
 * @param version as its jar says
 * @param hooksMatched count of its methods that are woven when their classes are loaded
 * @param hooksMissing methods that this version does not have, so that something is not recorded
 */
public record FrameworkStatus(
    String name, String version, int hooksMatched, List<String> hooksMissing) {
  /** Most missing methods that are listed; the first line on stderr has all. */
  static final int MISSING_MAX = 8;

  public FrameworkStatus {
    hooksMissing = List.copyOf(hooksMissing);
  }

  Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("version", version);
    fields.put("hooks_matched", hooksMatched);
    fields.put(
        "hooks_missing", hooksMissing.subList(0, Math.min(MISSING_MAX, hooksMissing.size())));
    return fields;
  }
}
