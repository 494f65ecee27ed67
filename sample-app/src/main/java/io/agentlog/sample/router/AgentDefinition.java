package io.agentlog.sample.router;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One agent that requests can be routed to, as its YAML file describes it. Checked by {@link
 * DefinitionReader}; see README.md for the fields.
 *
 * @param name unique, in kebab case; users write it after {@code @}
 * @param title name for people
 * @param description one or two sentences
 * @param retired whether the definition is kept only to explain the name
 * @param replacedBy the agent to use instead of a retired one
 * @param triggers phrases that call for the agent, in any language
 * @param domains values of {@code context.domain} that call for the agent
 * @param files file names ({@code Dockerfile}) and extensions ({@code .sql}) that call for the
 *     agent
 * @param projects words in {@code context.project} that call for the agent
 * @param capabilities phrases for what the agent can do
 * @param examples requests that the agent should get
 * @param requires context keys without which the plan can't be filled in
 * @param steps the agent's plan, with placeholders such as {@code {file}}
 */
public record AgentDefinition(
    String name,
    String title,
    String description,
    boolean retired,
    @Nullable String replacedBy,
    List<String> triggers,
    Set<String> domains,
    Set<String> files,
    Set<String> projects,
    List<String> capabilities,
    List<String> examples,
    List<String> requires,
    List<String> steps) {
  public AgentDefinition {
    triggers = List.copyOf(triggers);
    domains = Set.copyOf(domains);
    files = Set.copyOf(files);
    projects = Set.copyOf(projects);
    capabilities = List.copyOf(capabilities);
    examples = List.copyOf(examples);
    requires = List.copyOf(requires);
    steps = List.copyOf(steps);
  }
}
