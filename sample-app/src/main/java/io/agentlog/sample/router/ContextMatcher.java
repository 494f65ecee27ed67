package io.agentlog.sample.router;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Scores how an agent fits the context of a request: its domain, its files and its project. A hint
 * that no agent knows doesn't count. Immutable; any thread.
 */
final class ContextMatcher {
  private static final double DOMAIN_WEIGHT = 0.5;
  private static final double FILE_WEIGHT = 0.3;
  private static final double PROJECT_WEIGHT = 0.2;

  private final Set<String> domains = new HashSet<>();
  private final Set<String> files = new HashSet<>();
  private final Set<String> projects = new HashSet<>();

  /**
   * Fit of one agent to a context.
   *
   * @param score 0.0 to 1.0; {@value Confidence#NEUTRAL} if the request gives no hint
   * @param explanation for people; may be empty
   */
  record Fit(double score, String explanation) {}

  ContextMatcher(List<AgentDefinition> agents) {
    for (AgentDefinition agent : agents) {
      domains.addAll(agent.domains());
      files.addAll(agent.files());
      projects.addAll(agent.projects());
    }
  }

  /** Reads the hints of a request once. The returned function scores agents by these hints. */
  Function<AgentDefinition, Fit> bind(RoutingRequest request, RequestText text) {
    String domain = known(request.domain());
    Set<String> fileHints = new LinkedHashSet<>();
    for (String file : request.files()) {
      fileHints.addAll(fileHints(file));
    }
    if (request.files().isEmpty()) {
      text.fileNames().forEach(file -> fileHints.addAll(fileHints(file)));
    }
    Set<String> projectHints = new LinkedHashSet<>();
    if (request.projectName() != null) {
      for (String word :
          request.projectName().toLowerCase(Locale.ROOT).split("[^\\p{Alnum}]+", -1)) {
        if (projects.contains(word)) {
          projectHints.add(word);
        }
      }
    }
    return agent -> fit(agent, domain, fileHints, projectHints);
  }

  private static Fit fit(
      AgentDefinition agent, @Nullable String domain, Set<String> fileHints, Set<String> projects) {
    double given = 0;
    double met = 0;
    List<String> reasons = new ArrayList<>();
    if (domain != null) {
      given += DOMAIN_WEIGHT;
      if (agent.domains().contains(domain)) {
        met += DOMAIN_WEIGHT;
        reasons.add("domain '" + domain + "' fits");
      } else {
        reasons.add("domain '" + domain + "' is not its own");
      }
    }
    if (!fileHints.isEmpty()) {
      given += FILE_WEIGHT;
      Set<String> own = new LinkedHashSet<>(fileHints);
      own.retainAll(agent.files());
      if (!own.isEmpty()) {
        met += FILE_WEIGHT;
        reasons.add("works on " + String.join(", ", own));
      }
    }
    if (!projects.isEmpty()) {
      given += PROJECT_WEIGHT;
      Set<String> own = new LinkedHashSet<>(projects);
      own.retainAll(agent.projects());
      if (!own.isEmpty()) {
        met += PROJECT_WEIGHT;
        reasons.add("project is about " + String.join(", ", own));
      }
    }
    return new Fit(given == 0 ? Confidence.NEUTRAL : met / given, String.join(", ", reasons));
  }

  private @Nullable String known(@Nullable String domain) {
    String lower = domain == null ? "" : domain.strip().toLowerCase(Locale.ROOT);
    return domains.contains(lower) ? lower : null;
  }

  /** Returns which names agents know among a file's name and extensions ({@code .test.ts}). */
  private Set<String> fileHints(String path) {
    Set<String> hints = new LinkedHashSet<>();
    String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    if (files.contains(name)) {
      hints.add(name);
    }
    for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      String extension = name.substring(dot);
      if (files.contains(extension)) {
        hints.add(extension);
      }
    }
    return hints;
  }
}
