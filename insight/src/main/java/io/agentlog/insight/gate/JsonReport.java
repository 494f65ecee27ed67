package io.agentlog.insight.gate;

import io.agentlog.insight.page.JsonValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The result for programs. */
public final class JsonReport {
  private JsonReport() {}

  /** Returns a map for one JSON object; keys are only added in later versions. */
  public static Map<String, @Nullable Object> of(GateResult result) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("verdict", result.verdict().toString());
    map.put("exit_status", result.exitStatus());
    map.put("from", result.window().from().toString());
    map.put("to", result.window().to().toString());
    map.put("min_count", result.minCount());
    map.put("baseline", result.baseline());
    List<@Nullable Object> agents = new ArrayList<>();
    result.agents().forEach(agent -> agents.add(JsonValues.of(agent)));
    map.put("agents", agents);
    map.put("notes", result.notes());
    return map;
  }
}
