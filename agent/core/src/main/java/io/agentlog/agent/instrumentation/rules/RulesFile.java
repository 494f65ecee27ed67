package io.agentlog.agent.instrumentation.rules;

import io.agentlog.agent.instrumentation.rules.RuleEntry.Kind;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.Problems;
import io.agentlog.files.BoundedFile;
import io.agentlog.log.AgentLog;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads a rules file. YAML tags are ignored, so no value creates an object. Not thread-safe. */
public final class RulesFile {
  /** Largest size of a rules file. */
  public static final int BYTES_MAX = 1024 * 1024;

  private final String name;
  private final Problems problems;
  private final List<Rule> rules = new ArrayList<>();

  private RulesFile(String name, Problems problems) {
    this.name = name;
    this.problems = problems;
  }

  /**
   * Reads the file that the option {@code rules} names; returns no rules if it is not set. Never
   * throws.
   *
   * @param log takes one line for each problem
   */
  public static Rules read(Config config, Consumer<String> log) {
    String path = config.find(Options.RULES);
    if (path == null) {
      return Rules.NONE;
    }
    Problems problems = new Problems("the rules file");
    Rules rules = read(path, problems);
    problems.lines().forEach(log);
    return rules;
  }

  static Rules read(String path, Problems problems) {
    try {
      Path file = Path.of(path);
      byte[] bytes = BoundedFile.read(file, BYTES_MAX);
      Path name = file.getFileName();
      return read(name == null ? path : name.toString(), bytes, problems);
    } catch (IOException | RuntimeException e) { // Path.of refuses some texts.
      problems.add(
          "rules=%s can't be read: %s. The agent runs without rules. See docs/rules.md"
              .formatted(Problems.shown(path), e.getMessage()));
      return Rules.NONE;
    }
  }

  static Rules read(String name, byte[] bytes, Problems problems) {
    RulesFile file = new RulesFile(name, problems);
    try {
      LoadSettings settings =
          LoadSettings.builder()
              .setLabel(name)
              .setCodePointLimit(BYTES_MAX)
              .setUseMarks(true)
              .build();
      Optional<Node> root =
          new Compose(settings).composeInputStream(new ByteArrayInputStream(bytes));
      if (root.isPresent()) {
        file.readRoot(root.get());
      }
    } catch (MarkedYamlEngineException e) {
      problems.add(
          "%s: not YAML: %s. The agent runs without rules. See docs/rules.md"
              .formatted(file.place(e.getProblemMark().or(e::getContextMark)), e.getProblem()));
      return Rules.NONE;
    } catch (YamlEngineException | StackOverflowError e) { // Brackets may nest thousands deep.
      problems.add(
          "%s: not YAML: %s. The agent runs without rules. See docs/rules.md"
              .formatted(name, AgentLog.describe(e)));
      return Rules.NONE;
    }
    if (file.rules.isEmpty()) {
      problems.add(name + " holds no usable rule. See docs/rules.md");
    }
    return new Rules(file.rules);
  }

  private void readRoot(Node root) {
    if (!(root instanceof MappingNode mapping)) {
      problems.add(
          "%s: a rules file must hold the lists %s"
              .formatted(place(root), String.join(", ", Kind.listKeys())));
      return;
    }
    Set<Kind> seen = EnumSet.noneOf(Kind.class);
    for (NodeTuple tuple : mapping.getValue()) {
      String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
      Kind kind = Kind.ofListKey(key);
      if (kind == null) {
        problems.add(place(tuple.getKeyNode()) + ": " + RuleEntry.unknownKey(key, Kind.listKeys()));
      } else if (!seen.add(kind)) {
        problems.add(
            "%s: '%s' is given twice. The second list is left out"
                .formatted(place(tuple.getKeyNode()), key));
      } else {
        readList(kind, tuple.getValueNode());
      }
    }
  }

  private void readList(Kind kind, Node node) {
    if (node instanceof SequenceNode list) {
      list.getValue().forEach(entry -> readEntry(kind, entry));
    } else if (!Tag.NULL.equals(node.getTag())) {
      problems.add(
          "%s: '%s' must be a list. Its value is left out".formatted(place(node), kind.listKey()));
    }
  }

  private void readEntry(Kind kind, Node node) {
    if (!(node instanceof MappingNode mapping)) {
      problems.add(
          place(node)
              + ": an entry must have keys, as in {method: com.acme.Router#route}."
              + " The entry is left out");
      return;
    }
    int lineOfEntry = lineOf(node.getStartMark());
    RuleEntry entry =
        new RuleEntry(
            kind,
            (at, problem) ->
                problems.add(
                    place(at == null ? lineOfEntry : lineOf(at.getStartMark())) + problem));
    @Nullable Rule rule = entry.read(mapping, place(node));
    if (rule != null) {
      rules.add(rule);
    }
  }

  private String place(Node node) {
    return place(node.getStartMark());
  }

  private String place(Optional<Mark> mark) {
    return name + ":" + lineOf(mark);
  }

  private String place(int line) {
    return name + ":" + line + ": ";
  }

  private static int lineOf(Optional<Mark> mark) {
    return mark.map(Mark::getLine).orElse(0) + 1; // Marks count from 0.
  }
}
