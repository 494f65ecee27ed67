package io.agentlog.sample.router;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.ProgressStage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes down what a selected agent would do, without doing it. Stateless; any thread. */
class DryRunPlanner {
  /**
   * Fills in the steps of an agent's plan. Each call is an execution inside the routing.
   *
   * @throws MissingInputException if values for the plan are missing; the message names all of them
   */
  @AgentExecution(
      value = "agent-dry-run",
      metadata = {"agent=agent.name", "steps=result.size"})
  List<String> plan(AgentDefinition agent, RoutingRequest request) {
    Map<String, String> inputs = resolveInputs(agent, request);
    List<String> steps = new ArrayList<>();
    for (String step : agent.steps()) {
      String filled = step;
      for (Map.Entry<String, String> input : inputs.entrySet()) {
        filled = filled.replace("{" + input.getKey() + "}", input.getValue());
      }
      steps.add(filled);
    }
    return steps;
  }

  @ProgressStage(value = "resolve-inputs", percent = 50, at = ProgressStage.When.EXIT)
  private Map<String, String> resolveInputs(AgentDefinition agent, RoutingRequest request) {
    Map<String, String> inputs = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    for (String key : agent.requires()) {
      String value = request.context().get(key);
      if (value == null || value.isBlank()) {
        missing.add("context." + key);
      } else {
        inputs.put(key, value);
      }
    }
    if (!missing.isEmpty()) {
      throw new MissingInputException(
          "the plan of @%s needs %s".formatted(agent.name(), String.join(", ", missing)));
    }
    return inputs;
  }
}
