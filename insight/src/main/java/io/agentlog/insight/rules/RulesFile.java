package io.agentlog.insight.rules;

import io.agentlog.config.Problems;
import io.agentlog.files.BoundedFile;
import io.agentlog.log.AgentLog;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads a rules file. YAML tags are ignored, so no value creates an object. Not thread-safe.
 *
 * <p>Its keys are in {@code docs/insight-rules.schema.json}.
 */
public final class RulesFile {
  /** Largest size of a rules file. */
  public static final int BYTES_MAX = 1024 * 1024;

  /** Most entries of a section. */
  static final int ENTRIES_MAX = 500;

  static final List<String> SECTIONS =
      List.of("version", "channels", "defaults", "rules", "mute", "patterns", "scores");

  private static final String VERSION = "1";

  private final Mistakes mistakes;
  private final Path folder;

  private RulesFile(Mistakes mistakes, Path folder) {
    this.mistakes = mistakes;
    this.folder = folder;
  }

  /**
   * Outcome of reading a file.
   *
   * @param rules null if there is a problem
   * @param problems one line each: file, line, what is wrong, what to do; without texts of URLs
   */
  public record Outcome(@Nullable Rules rules, List<String> problems) {}

  /**
   * Reads a file, and the files that its keys {@code url-file} and {@code secret-file} name; their
   * paths begin at the file's folder. Never throws.
   */
  public static Outcome read(Path file) {
    String name = String.valueOf(Objects.requireNonNullElse(file.getFileName(), file));
    Mistakes mistakes = new Mistakes(name);
    try {
      Path folder = file.toAbsolutePath().getParent();
      byte[] bytes = BoundedFile.read(file, BYTES_MAX);
      Rules rules = new RulesFile(mistakes, folder == null ? file : folder).read(name, bytes);
      return new Outcome(mistakes.any() ? null : rules, mistakes.lines());
    } catch (IOException | RuntimeException e) {
      mistakes.add("can't be read: " + e.getMessage());
      return new Outcome(null, mistakes.lines());
    }
  }

  private Rules read(String name, byte[] bytes) {
    try {
      LoadSettings settings =
          LoadSettings.builder()
              .setLabel(name)
              .setCodePointLimit(BYTES_MAX)
              .setUseMarks(true)
              .build();
      Node root =
          new Compose(settings).composeInputStream(new ByteArrayInputStream(bytes)).orElse(null);
      if (root != null) {
        return rules(Entry.of(root, "a rules file", SECTIONS, mistakes));
      }
      mistakes.add("is empty; its first line must be version: " + VERSION);
    } catch (MarkedYamlEngineException e) {
      mistakes.add(e.getProblemMark().or(e::getContextMark), "not YAML: " + e.getProblem());
    } catch (YamlEngineException | StackOverflowError e) { // Brackets may nest thousands deep.
      mistakes.add("not YAML: " + AgentLog.describe(e));
    }
    return Rules.NONE;
  }

  private Rules rules(Entry root) {
    String version = root.required("version", VERSION);
    if (!version.isEmpty() && !version.equals(VERSION)) {
      root.wrong(
          "version",
          "'version' %s is not known; this program reads version %s"
              .formatted(Mistakes.shown(version), VERSION));
    }
    Map<String, Channel> channels = new LinkedHashMap<>();
    ChannelReader channelReader = new ChannelReader(mistakes, folder);
    mapping(root, "channels")
        .forEach((name, node) -> channels.put(name, channelReader.read(name, node)));
    AlertReader alerts =
        new AlertReader(mistakes, channels.keySet(), root.values().get("defaults"));
    AssessmentReader assessments = new AssessmentReader(mistakes);
    return new Rules(
        List.copyOf(channels.values()),
        named(root, "rules", alerts::read, AlertRule::name),
        entries(root, "mute", node -> MuteReader.read(node, mistakes)),
        entries(root, "patterns", assessments::pattern),
        named(root, "scores", assessments::score, ScoreRule::name));
  }

  private Map<String, Node> mapping(Entry root, String section) {
    Node node = root.values().get(section);
    if (node == null) {
      return Map.of();
    }
    Map<String, Node> values = Entry.of(node, "'" + section + "'", null, mistakes).values();
    limit(node, section, values.size());
    return values;
  }

  private <T> List<T> entries(Entry root, String section, Function<Node, T> reader) {
    List<Node> nodes = root.list(section, section + ": [{...}, {...}]");
    if (nodes == null) {
      return List.of();
    }
    limit(root.values().get(section), section, nodes.size());
    return nodes.stream().limit(ENTRIES_MAX).map(reader).toList();
  }

  private <T> List<T> named(
      Entry root, String section, Function<Node, T> reader, Function<T, String> name) {
    Set<String> names = new HashSet<>();
    return entries(
        root,
        section,
        node -> {
          T entry = reader.apply(node);
          if (!name.apply(entry).isEmpty() && !names.add(name.apply(entry))) {
            mistakes.add(
                node,
                "'%s' has two entries of the name '%s'; give one of them another"
                    .formatted(section, Problems.shown(name.apply(entry))));
          }
          return entry;
        });
  }

  private void limit(@Nullable Node node, String section, int size) {
    if (node != null && size > ENTRIES_MAX) {
      mistakes.add(
          node,
          "'%s' has %s entries; the most are %s"
              .formatted(section, Integer.toString(size), Integer.toString(ENTRIES_MAX)));
    }
  }
}
