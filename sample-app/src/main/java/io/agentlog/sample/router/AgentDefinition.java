package io.agentlog.sample.router;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One agent that requests can be routed to, as its YAML file describes it. Checked by {@link
 * DefinitionReader}; see README.md for the fields.
 *
 * @param name unique, in kebab case; what users write after {@code @}
 * @param title for people
 * @param description one or two sentences
 * @param retired whether it still has a definition only so that its name can be explained
 * @param replacedBy the agent to use instead of a retired one
 * @param triggers phrases that call for it, in any language
 * @param domains values of {@code context.domain} that call for it
 * @param files file names ({@code Dockerfile}) and extensions ({@code .sql}) that call for it
 * @param projects words in {@code context.project} that call for it
 * @param capabilities what it can do
 * @param examples requests that it should get
 * @param requires context keys without which its plan can't be filled in
 * @param steps its plan, with {@code {file}} and the like to fill in
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
