package io.agentlog.sample.router;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The agents that requests can be routed to, by name. Immutable. */
final class AgentCatalog {
  /** The agent for requests that no other agent fits, if the request allows that. */
  static final String FALLBACK_AGENT = "generalist";

  private static final String RESOURCES = "/agents/";
  private static final int AGENTS_MAX = 1_000;

  private final Map<String, AgentDefinition> agents;
  private final Map<String, List<String>> broken;

  private AgentCatalog(Map<String, AgentDefinition> agents, Map<String, List<String>> broken) {
    this.agents = agents;
    this.broken = broken;
  }

  /** Loads the definitions inside the jar that {@code agents/INDEX} lists. */
  static AgentCatalog builtIn() {
    Map<String, String> sources = new LinkedHashMap<>();
    resource("INDEX")
        .lines()
        .filter(line -> !line.isBlank())
        .forEach(line -> sources.put(line.strip(), resource(line.strip())));
    return of(sources, false);
  }

  /**
   * Loads every {@code .yaml} and {@code .yml} file of a directory.
   *
   * @param lenient whether to set broken definitions aside instead of refusing them all
   * @throws InvalidDefinitionException if no definition can be used, or if one can't and lenient is
   *     off
   * @throws IOException if the directory can't be read
   */
  static AgentCatalog ofDirectory(Path directory, boolean lenient) throws IOException {
    Map<String, String> sources = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".yaml") || name.endsWith(".yml")) {
          sources.put(name, Files.readString(file));
        }
      }
    }
    return of(sources, lenient);
  }

  /** Loads definitions from texts by file name. */
  static AgentCatalog of(Map<String, String> sources, boolean lenient) {
    Map<String, AgentDefinition> agents = new TreeMap<>();
    Map<String, List<String>> broken = new TreeMap<>();
    sources.forEach(
        (file, yaml) -> {
          DefinitionReader reader = new DefinitionReader(file);
          AgentDefinition agent = reader.read(yaml);
          if (agent == null) {
            broken.put(file.replaceFirst("\\.ya?ml$", ""), reader.problems());
          } else if (agents.putIfAbsent(agent.name(), agent) != null) {
            broken.put(
                file,
                List.of("%s: name: '%s' is used by another file".formatted(file, agent.name())));
          }
        });
    for (AgentDefinition agent : List.copyOf(agents.values())) {
      String successor = agent.replacedBy();
      if (successor != null && !agents.containsKey(successor)) {
        agents.remove(agent.name());
        broken.put(
            agent.name(),
            List.of(
                "%s.yaml: replaced_by: no agent is named '%s'".formatted(agent.name(), successor)));
      }
    }
    List<String> problems = new ArrayList<>();
    broken.values().forEach(problems::addAll);
    if (agents.isEmpty()) {
      problems.add("no agent definition can be used");
    } else if (agents.size() > AGENTS_MAX) {
      problems.add(
          "there are %s definitions, at most %s are allowed".formatted(agents.size(), AGENTS_MAX));
    }
    if (!problems.isEmpty() && !(lenient && !agents.isEmpty() && agents.size() <= AGENTS_MAX)) {
      throw new InvalidDefinitionException(problems);
    }
    return new AgentCatalog(agents, broken);
  }

  /** Returns the agents that can be selected, by name. */
  List<AgentDefinition> active() {
    return agents.values().stream().filter(agent -> !agent.retired()).toList();
  }

  /** Returns the names of all agents, retired and broken ones too. */
  Collection<String> names() {
    List<String> names = new ArrayList<>(agents.keySet());
    names.addAll(broken.keySet());
    return names;
  }

  /** Returns the problems of the definitions that were set aside; empty if there are none. */
  List<String> problems() {
    return broken.values().stream().flatMap(List::stream).toList();
  }

  /** Returns the agent of that name, retired or not, or null. */
  @Nullable AgentDefinition find(String name) {
    return agents.get(name);
  }

  /**
   * Returns the agent that a request names.
   *
   * @throws UnknownAgentException if no agent has that name
   * @throws AgentUnavailableException if the agent is retired or its definition is broken
   */
  AgentDefinition named(String name) {
    List<String> problems = broken.get(name);
    if (problems != null) {
      throw new AgentUnavailableException(
          "the definition of @%s is broken: %s".formatted(name, problems.get(0)));
    }
    AgentDefinition agent = agents.get(name);
    if (agent == null) {
      String nearest = Similarity.nearest(name, agents.keySet());
      throw new UnknownAgentException(
          "no agent is named @%s%s"
              .formatted(name, nearest == null ? "" : "; did you mean @" + nearest + "?"));
    }
    if (agent.retired()) {
      String successor = agent.replacedBy();
      throw new AgentUnavailableException(
          "@%s is retired%s".formatted(name, successor == null ? "" : "; use @" + successor));
    }
    return agent;
  }

  private static String resource(String name) {
    try (InputStream in = AgentCatalog.class.getResourceAsStream(RESOURCES + name)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCES + name + " is missing in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
