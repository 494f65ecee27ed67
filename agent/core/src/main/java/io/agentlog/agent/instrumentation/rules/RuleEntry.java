package io.agentlog.agent.instrumentation.rules;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.agent.capture.value.ValuePaths;
import io.agentlog.config.NearestKey;
import io.agentlog.config.Problems;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads one entry. An unknown key is left out, because it may belong to a newer agentlog; a known
 * key with a wrong value spoils the entry. Used once.
 */
final class RuleEntry {
  /** Annotation that an entry stands for, with the entry's keys. */
  enum Kind {
    EXECUTION("executions"),
    STAGE("stages"),
    DECISION("routing-decisions"),
    INTELLIGENCE("intelligence");

    private final String listKey;

    Kind(String listKey) {
      this.listKey = listKey;
    }

    String listKey() {
      return listKey;
    }

    List<String> keys() {
      return switch (this) {
        case EXECUTION ->
            List.of(
                "method",
                "agent",
                "prompt",
                "instructions",
                "correlation-id",
                "session-id",
                "quality",
                "metadata");
        case STAGE -> List.of("method", "stage", "percent", "at", "metadata");
        case DECISION ->
            List.of(
                "method",
                "agent",
                "confidence",
                "strategy",
                "reasoning",
                "alternatives",
                "components");
        case INTELLIGENCE ->
            List.of(
                "method",
                "type",
                "source",
                "collection",
                "context",
                "items",
                "id",
                "name",
                "score",
                "summary",
                "query",
                "applied");
      };
    }

    static List<String> listKeys() {
      return Arrays.stream(values()).map(Kind::listKey).toList();
    }

    static @Nullable Kind ofListKey(String listKey) {
      for (Kind kind : values()) {
        if (kind.listKey.equals(listKey)) {
          return kind;
        }
      }
      return null;
    }
  }

  private static final int PERCENT_MAX = 100;
  private static final int METADATA_KEY_LENGTH_MAX = 128;

  /** Keys of the metadata that the agent itself writes. */
  private static final Set<String> RESERVED_METADATA = Set.of("progress", "completed_at");

  private final Kind kind;
  private final BiConsumer<@Nullable Node, String> problems;
  private final Map<String, String> texts = new LinkedHashMap<>();
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final List<String> metadata = new ArrayList<>();
  private boolean spoilt;

  /**
   * @param problems takes the wrong node, or null for the whole entry, and the problem
   */
  RuleEntry(Kind kind, BiConsumer<@Nullable Node, String> problems) {
    this.kind = kind;
    this.problems = problems;
  }

  /** Returns the rule; null if a known key has a wrong value, or the method is missing. */
  @Nullable Rule read(MappingNode entry, String place) {
    for (NodeTuple tuple : entry.getValue()) {
      readKey(tuple.getKeyNode(), tuple.getValueNode());
    }
    MethodPattern method = method();
    @Nullable ExecutionSpec execution = null;
    @Nullable StageSpec stage = null;
    @Nullable DecisionSpec decision = null;
    @Nullable IntelligenceSpec intelligence = null;
    switch (kind) {
      case EXECUTION ->
          execution =
              new ExecutionSpec(
                  text("agent", ""),
                  path("prompt", ""),
                  path("correlation-id", ""),
                  path("session-id", ""),
                  path("quality", ""),
                  metadata,
                  path("instructions", ""));
      case STAGE -> stage = new StageSpec(text("stage", ""), percent(), at(), metadata);
      case DECISION ->
          decision =
              new DecisionSpec(
                  path("agent", "result.agent"),
                  path("confidence", "result.confidence"),
                  path("strategy", ""),
                  path("reasoning", ""),
                  path("alternatives", ""),
                  path("components", ""));
      case INTELLIGENCE ->
          intelligence =
              new IntelligenceSpec(
                  text("type", ""),
                  text("source", ""),
                  text("collection", ""),
                  text("context", ""),
                  path("items", IntelligenceSpec.DEFAULT_ITEMS),
                  path("id", ""),
                  path("name", ""),
                  path("score", ""),
                  path("summary", ""),
                  path("query", ""),
                  path("applied", ""));
    }
    return spoilt || method == null
        ? null
        : new Rule(place, method, execution, stage, decision, intelligence);
  }

  private void readKey(Node keyNode, Node value) {
    String written = keyNode instanceof ScalarNode scalar ? scalar.getValue() : "?";
    String key = kind.keys().contains(written) ? written : withDashes(written);
    if (!kind.keys().contains(key)) {
      String problem = unknownKey(written, kind.keys());
      problems.accept(keyNode, problem + (problem.endsWith("?") ? "" : ".") + " It is left out");
    } else if (nodes.put(key, value) != null) {
      spoil(keyNode, "'" + key + "' is given twice");
    } else if (key.equals("metadata")) {
      readMetadata(value);
    } else {
      String text = textOf(value, "'" + key + "'");
      if (text != null) {
        texts.put(key, text);
      }
    }
  }

  /** Turns {@code correlationId}, as the annotation has it, into {@code correlation-id}. */
  private static String withDashes(String key) {
    StringBuilder dashed = new StringBuilder(key.length() + 2);
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (Character.isUpperCase(c)) {
        dashed.append('-');
      }
      dashed.append(Character.toLowerCase(c));
    }
    return dashed.toString();
  }

  private void readMetadata(Node node) {
    if (!(node instanceof MappingNode mapping)) {
      spoil(node, "'metadata' must map each key to a path, as in {tenant: request.tenant}");
      return;
    }
    Set<String> seen = new HashSet<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = textOf(tuple.getKeyNode(), "a key of 'metadata'");
      String path = textOf(tuple.getValueNode(), "'metadata." + key + "'");
      if (key == null || path == null) {
        continue;
      }
      if (key.length() > METADATA_KEY_LENGTH_MAX
          || key.indexOf('=') >= 0
          || key.chars().anyMatch(Character::isISOControl)) {
        spoil(
            tuple.getKeyNode(),
            "a key of 'metadata' must have 1 to %s characters, no = and no control character"
                .formatted(METADATA_KEY_LENGTH_MAX));
      } else if (RESERVED_METADATA.contains(key)) {
        spoil(tuple.getKeyNode(), "'metadata." + key + "' is reserved for the agent");
      } else if (!seen.add(key)) {
        spoil(tuple.getKeyNode(), "'metadata." + key + "' is given twice");
      } else {
        checkPath(tuple.getValueNode(), "metadata." + key, path);
        metadata.add(key + "=" + path);
      }
    }
  }

  private @Nullable String textOf(Node node, String what) {
    if (!(node instanceof ScalarNode scalar)) {
      spoil(node, what + " must be a text, not a list or a mapping");
      return null;
    }
    if (Tag.NULL.equals(node.getTag()) || scalar.getValue().isBlank()) {
      spoil(node, what + " has no value");
      return null;
    }
    return scalar.getValue().strip();
  }

  private @Nullable MethodPattern method() {
    String text = texts.get("method");
    if (text == null) {
      if (!nodes.containsKey("method")) {
        spoil(null, "'method' is missing, as in method: com.acme.Router#route");
      }
      return null;
    }
    try {
      return MethodPattern.parse(text);
    } catch (IllegalArgumentException e) {
      spoil(
          nodes.get("method"),
          "'method' %s, was %s".formatted(e.getMessage(), Problems.shown(text)));
      return null;
    }
  }

  private String text(String key, String fallback) {
    return texts.getOrDefault(key, fallback);
  }

  private String path(String key, String fallback) {
    String text = texts.get(key);
    if (text != null) {
      checkPath(nodes.get(key), key, text);
    }
    return text == null ? fallback : text;
  }

  private void checkPath(@Nullable Node node, String key, String path) {
    String problem = ValuePaths.problemOf(path);
    if (problem != null) {
      spoil(
          node,
          "'%s' is not a value path: %s, was %s".formatted(key, problem, Problems.shown(path)));
    }
  }

  private int percent() {
    String text = texts.get("percent");
    if (text == null) {
      return -1;
    }
    try {
      int percent = Integer.parseInt(text);
      if (percent >= 0 && percent <= PERCENT_MAX) {
        return percent;
      }
    } catch (NumberFormatException e) {
      // Reported below, as a number out of range is.
    }
    spoil(
        nodes.get("percent"),
        "'percent' must be 0..%s, was %s".formatted(PERCENT_MAX, Problems.shown(text)));
    return -1;
  }

  private StageSpec.At at() {
    String text = text("at", "entry");
    for (StageSpec.At at : StageSpec.At.values()) {
      if (at.name().toLowerCase(Locale.ROOT).equals(text)) {
        return at;
      }
    }
    spoil(nodes.get("at"), "'at' must be entry, exit or both, was " + Problems.shown(text));
    return StageSpec.At.ENTRY;
  }

  private void spoil(@Nullable Node node, String problem) {
    spoilt = true;
    problems.accept(node, problem + (problem.endsWith("?") ? "" : ".") + " The entry is left out");
  }

  static String unknownKey(String key, List<String> known) {
    String nearest = NearestKey.of(key, known);
    String hint =
        nearest == null
            ? "the keys are " + String.join(", ", known)
            : "did you mean '" + nearest + "'?";
    return "'%s' is not a key here; %s".formatted(Problems.shown(key), hint);
  }
}
