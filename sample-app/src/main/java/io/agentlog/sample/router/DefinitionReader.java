package io.agentlog.sample.router;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads one agent definition and collects all its problems, each as {@code file: field: problem}.
 * Not thread-safe: one reader per file.
 */
final class DefinitionReader {
  static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
  static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z_]+)}");
  private static final int TEXT_LENGTH_MAX = 400;
  private static final int TRIGGERS_MIN = 3;
  private static final List<String> FIELDS =
      List.of(
          "name",
          "title",
          "description",
          "status",
          "replaced_by",
          "triggers",
          "contexts",
          "capabilities",
          "examples",
          "plan");
  private static final YAMLMapper YAML =
      new YAMLMapper(
          YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  private final String file;
  private final List<String> problems = new ArrayList<>();

  DefinitionReader(String file) {
    this.file = file;
  }

  /** Returns the problems; empty if the definition can be used. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** Reads a definition, or returns null when there are {@link #problems()}. */
  @Nullable AgentDefinition read(String yaml) {
    JsonNode root;
    try {
      root = YAML.readTree(yaml);
    } catch (JacksonException e) {
      var where = e.getLocation();
      String what = e.getOriginalMessage().lines().findFirst().orElse("not readable");
      problems.add(
          "%s: line %s: not YAML: %s"
              .formatted(file, where == null ? "?" : where.getLineNr(), what));
      return null;
    }
    if (!root.isObject()) {
      problem("(file)", "must be a map of fields such as name and triggers");
      return null;
    }
    knownFields(root, "", FIELDS);
    String name = requiredText(root, "name");
    String expected = file.replaceFirst(".*/", "").replaceFirst("\\.ya?ml$", "");
    if (!name.isEmpty() && !NAME.matcher(name).matches()) {
      problem("name", "must be in kebab case, such as api-designer, was '" + name + "'");
    } else if (!name.isEmpty() && !name.equals(expected)) {
      problem("name", "is '%s', but the file is named for '%s'".formatted(name, expected));
    }
    String status = root.path("status").asText("active");
    boolean retired = status.equals("retired");
    if (!retired && !status.equals("active")) {
      problem("status", "must be active or retired, was '" + status + "'");
    }
    String replacedBy = root.hasNonNull("replaced_by") ? root.get("replaced_by").asText() : null;
    if (replacedBy != null && !retired) {
      problem("replaced_by", "is for retired agents only");
    }
    List<String> triggers = texts(root, "triggers", "triggers", retired ? 0 : TRIGGERS_MIN);
    for (int i = 0; i < triggers.size(); i++) {
      if (Words.of(triggers.get(i)).isEmpty()) {
        problem("triggers[" + i + "]", "has no word to match: '" + triggers.get(i) + "'");
      }
    }
    JsonNode contexts = map(root, "contexts", List.of("domains", "files", "projects"));
    List<String> domains = texts(contexts, "domains", "contexts.domains", retired ? 0 : 1);
    List<String> files = texts(contexts, "files", "contexts.files", 0);
    List<String> projects = texts(contexts, "projects", "contexts.projects", 0);
    List<String> capabilities = texts(root, "capabilities", "capabilities", retired ? 0 : 1);
    List<String> examples = texts(root, "examples", "examples", retired ? 0 : 1);
    JsonNode plan = map(root, "plan", List.of("requires", "steps"));
    List<String> requires = texts(plan, "requires", "plan.requires", 0);
    List<String> steps = texts(plan, "steps", "plan.steps", retired ? 0 : 1);
    placeholders(requires, steps);
    String title = requiredText(root, "title");
    String description = requiredText(root, "description");
    if (!problems.isEmpty()) {
      return null;
    }
    return new AgentDefinition(
        name,
        title,
        description,
        retired,
        replacedBy,
        triggers,
        lower(domains),
        lower(files),
        lower(projects),
        capabilities,
        examples,
        requires,
        steps);
  }

  private void placeholders(List<String> requires, List<String> steps) {
    for (int i = 0; i < steps.size(); i++) {
      Matcher matcher = PLACEHOLDER.matcher(steps.get(i));
      while (matcher.find()) {
        if (!requires.contains(matcher.group(1))) {
          problem(
              "plan.steps[" + i + "]",
              "uses {" + matcher.group(1) + "}, which is missing in plan.requires");
        }
      }
    }
  }

  private JsonNode map(JsonNode root, String field, List<String> known) {
    JsonNode node = root.path(field);
    if (node.isObject()) {
      knownFields(node, field + ".", known);
    } else if (!node.isMissingNode() && !node.isNull()) {
      problem(field, "must be a map with " + String.join(", ", known));
    }
    return node;
  }

  private void knownFields(JsonNode node, String prefix, List<String> known) {
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String field = names.next();
      if (!known.contains(field)) {
        String nearest = Similarity.nearest(field, known);
        problem(
            prefix + field, "unknown" + (nearest == null ? "" : "; did you mean " + nearest + "?"));
      }
    }
  }

  private String requiredText(JsonNode root, String field) {
    JsonNode node = root.path(field);
    if (!node.isTextual() || node.asText().isBlank()) {
      problem(field, node.isMissingNode() ? "is missing" : "must be a text that is not empty");
      return "";
    }
    String text = node.asText().strip();
    if (text.length() > TEXT_LENGTH_MAX) {
      problem(field, "is longer than %s characters".formatted(TEXT_LENGTH_MAX));
    }
    return text;
  }

  private List<String> texts(JsonNode parent, String key, String field, int min) {
    JsonNode node = parent.path(key);
    List<String> texts = new ArrayList<>();
    if (node.isMissingNode() || node.isNull()) {
      if (min > 0) {
        problem(field, "is missing; it must be a list of at least " + min);
      }
      return texts;
    }
    if (!node.isArray()) {
      problem(field, "must be a list");
      return texts;
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < node.size(); i++) {
      JsonNode element = node.get(i);
      String text = element.isValueNode() ? element.asText().strip() : "";
      if (text.isEmpty() || element.isNull()) {
        problem(field + "[" + i + "]", "must be a text that is not empty");
      } else if (text.length() > TEXT_LENGTH_MAX) {
        problem(field + "[" + i + "]", "is longer than %s characters".formatted(TEXT_LENGTH_MAX));
      } else if (!seen.add(text.toLowerCase(Locale.ROOT))) {
        problem(field + "[" + i + "]", "repeats '" + text + "'");
      } else {
        texts.add(text);
      }
    }
    if (node.size() < min) {
      problem(field, "must have at least %s entries, has %s".formatted(min, node.size()));
    }
    return texts;
  }

  private static Set<String> lower(List<String> texts) {
    Set<String> lower = new LinkedHashSet<>();
    texts.forEach(text -> lower.add(text.toLowerCase(Locale.ROOT)));
    return lower;
  }

  private void problem(String field, String what) {
    problems.add("%s: %s: %s".formatted(file, field, what));
  }
}
