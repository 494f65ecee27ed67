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

/** Reads a rules file. Only its form is read: no value ever makes an object. Not thread-safe. */
public final class RulesFile {
  /** Most bytes of a file. */
  public static final int BYTES_MAX = 1024 * 1024;

  private final String name;
  private final Problems problems;
  private final List<Rule> rules = new ArrayList<>();

  private RulesFile(String name, Problems problems) {
    this.name = name;
    this.problems = problems;
  }

  /**
   * The rules that the option {@code rules} names; none if it is not set. Never throws.
   *
   * @param log takes one line for each thing that is wrong
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
    } catch (IOException | RuntimeException e) { // Also what Path.of thinks of a text.
      problems.add(
          "rules=%s can't be read: %s. There are no rules. See docs/rules.md"
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
          file.place(e.getProblemMark().or(e::getContextMark))
              + ": not YAML: "
              + e.getProblem()
              + ". There are no rules. See docs/rules.md");
      return Rules.NONE;
    } catch (YamlEngineException | StackOverflowError e) { // Brackets, thousands deep.
      problems.add(
          name + ": not YAML: " + AgentLog.describe(e) + ". There are no rules. See docs/rules.md");
      return Rules.NONE;
    }
    if (file.rules.isEmpty()) {
      problems.add(name + " holds no rule that can be used. See docs/rules.md");
    }
    return new Rules(file.rules);
  }

  private void readRoot(Node root) {
    if (!(root instanceof MappingNode mapping)) {
      problems.add(
          place(root) + ": a rules file holds the lists " + String.join(", ", Kind.listKeys()));
      return;
    }
    Set<Kind> seen = EnumSet.noneOf(Kind.class);
    for (NodeTuple tuple : mapping.getValue()) {
      String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
      Kind kind = Kind.ofListKey(key);
      if (kind == null) {
        problems.add(place(tuple.getKeyNode()) + ": " + RuleEntry.unknownKey(key, Kind.listKeys()));
      } else if (!seen.add(kind)) {
        problems.add(place(tuple.getKeyNode()) + ": '" + key + "' is there twice; left out");
      } else {
        readList(kind, tuple.getValueNode());
      }
    }
  }

  private void readList(Kind kind, Node node) {
    if (node instanceof SequenceNode list) {
      list.getValue().forEach(entry -> readEntry(kind, entry));
    } else if (!Tag.NULL.equals(node.getTag())) {
      problems.add(place(node) + ": '" + kind.listKey() + "' must be a list");
    }
  }

  private void readEntry(Kind kind, Node node) {
    if (!(node instanceof MappingNode mapping)) {
      problems.add(
          place(node) + ": an entry must have keys, as in {method: com.acme.Router#route}");
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
