package io.agentlog.insight.rules;

import io.agentlog.config.Parsers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Keys and values of one entry of the file. A wrong value is reported, and the fallback returned in
 * its place; that changes nothing, since a file with a mistake is not used. Not thread-safe.
 */
final class Entry {
  /** Longest name of an agent, a stage, a rule or a channel. */
  static final int NAME_CHARS_MAX = 200;

  /** Most names of one list. */
  static final int NAMES_MAX = 1_000;

  private static final String NOT_STORED =
      "must have neither the character U+0000 nor half of a surrogate pair";

  private static final Duration LONG = Duration.ofDays(365);
  private static final Pattern PERCENT = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,6})?)\\s*%");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}(?:\\.\\d{1,6})?");

  private final Node place;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Mistakes mistakes;

  /** Whether the entry has keys; if it has none, nothing else is reported of it. */
  private boolean mapping;

  private Entry(Node place, Mistakes mistakes) {
    this.place = place;
    this.mistakes = mistakes;
  }

  /**
   * Reads the keys.
   *
   * @param what the entry in a message, such as {@code a rule}
   * @param known keys that it may have; null if they are free
   * @return no keys if the node is no mapping, which is reported
   */
  static Entry of(Node node, String what, @Nullable Collection<String> known, Mistakes mistakes) {
    Entry entry = new Entry(node, mistakes);
    if (!(node instanceof MappingNode mapping)) {
      mistakes.add(node, what + " must have keys and values, as in {name: value}");
      return entry;
    }
    entry.mapping = true;
    for (NodeTuple tuple : mapping.getValue()) {
      Node keyNode = tuple.getKeyNode();
      String key = keyNode instanceof ScalarNode scalar ? scalar.getValue() : null;
      if (key == null || (known != null && !known.contains(key))) {
        mistakes.add(
            keyNode, Mistakes.unknown("key", key, known == null ? List.of("texts") : known));
      } else if (!Texts.canBeStored(key)) {
        mistakes.add(keyNode, "a key " + NOT_STORED + ", was " + Mistakes.shown(key));
      } else if (entry.values.putIfAbsent(key, tuple.getValueNode()) != null) {
        mistakes.add(keyNode, "'%s' is given twice".formatted(Mistakes.shown(key)));
      }
    }
    return entry;
  }

  Map<String, Node> values() {
    return values;
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** Reports a mistake at the key's value, or at the entry if there is none. */
  void wrong(String key, String problem) {
    if (mapping) {
      mistakes.add(values.getOrDefault(key, place), problem);
    }
  }

  private void unusable(String key, String expected, String was) {
    wrong(key, "'%s' must be %s, was %s".formatted(key, expected, Mistakes.shown(was)));
  }

  /** Returns a text; null if there is none, or it is not usable. */
  @Nullable String text(String key) {
    Node node = values.get(key);
    return node == null ? null : text(node, "'" + Mistakes.shown(key) + "'");
  }

  private @Nullable String text(Node node, String what) {
    if (!(node instanceof ScalarNode scalar)) {
      mistakes.add(node, what + " must be one value, not a list or a mapping");
      return null;
    }
    if (Tag.NULL.equals(node.getTag()) || scalar.getValue().isBlank()) {
      mistakes.add(node, what + " has no value");
      return null;
    }
    if (!Texts.canBeStored(scalar.getValue())) {
      mistakes.add(node, what + " " + NOT_STORED + ", was " + Mistakes.shown(scalar.getValue()));
      return null;
    }
    return scalar.getValue().strip();
  }

  /** Returns a text that has to be there, otherwise an empty one. */
  String required(String key, String example) {
    if (!has(key)) {
      wrong(key, "'%s' is missing, as in %s: %s".formatted(key, key, example));
      return "";
    }
    String text = text(key);
    return text == null ? "" : text;
  }

  /** Returns a name that has to be there, otherwise an empty one. */
  String name(String key, String example) {
    String name = required(key, example);
    checkName(values.getOrDefault(key, place), key, name);
    return name;
  }

  private void checkName(Node node, String key, String name) {
    if (name.length() > NAME_CHARS_MAX || name.chars().anyMatch(Character::isISOControl)) {
      mistakes.add(
          node,
          "'%s' must have at most %s characters and no control character, was %s"
              .formatted(key, Integer.toString(NAME_CHARS_MAX), Mistakes.shown(name)));
    }
  }

  /** Returns the nodes of a list; null if there is none, or it is not one. */
  @Nullable List<Node> list(String key, String example) {
    Node node = values.get(key);
    if (node == null) {
      return null;
    }
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    if (Tag.NULL.equals(node.getTag())) {
      return List.of();
    }
    wrong(key, "'%s' must be a list, as in %s".formatted(key, example));
    return null;
  }

  /** Returns names of a list; null if there is none. */
  @Nullable List<String> names(String key, String example) {
    List<Node> nodes = list(key, example);
    if (nodes == null) {
      return null;
    }
    if (nodes.size() > NAMES_MAX) {
      wrong(
          key,
          "'%s' has %s entries; the most are %s, and * stands for any characters"
              .formatted(key, Integer.toString(nodes.size()), Integer.toString(NAMES_MAX)));
      return List.of("*");
    }
    List<String> names = new ArrayList<>();
    for (Node node : nodes) {
      String name = text(node, "an entry of '" + key + "'");
      if (name != null) {
        checkName(node, key, name);
        if (names.contains(name)) {
          mistakes.add(node, "'%s' is in '%s' twice".formatted(Mistakes.shown(name), key));
        }
        names.add(name);
      }
    }
    return List.copyOf(names);
  }

  /**
   * Returns the agents that an entry is for: {@code agents}, or {@code agent} for one.
   *
   * @param fallback null if they have to be there
   */
  List<String> agents(@Nullable List<String> fallback) {
    if (has("agent") && has("agents")) {
      wrong("agent", "'agent' and 'agents' can't both be given");
    }
    if (has("agent")) {
      return List.of(name("agent", "support-router"));
    }
    List<String> agents = names("agents", "agents: [support-router, \"crm-*\"]");
    if (agents != null && agents.isEmpty()) {
      wrong("agents", "'agents' names none; [\"*\"] is all");
    }
    if (agents == null && fallback == null) {
      wrong("agents", "'agents' is missing, as in agents: [support-router]; [\"*\"] is all");
    }
    return agents != null ? agents : fallback == null ? List.of() : fallback;
  }

  /** Returns a duration; the fallback if there is none. */
  Duration duration(String key, Duration fallback, Duration min, Duration max) {
    Node node = values.get(key);
    return node == null ? fallback : duration(node, key, fallback, min, max);
  }

  /** Returns durations of a list; the fallback if there is none. */
  List<Duration> durations(String key, List<Duration> fallback) {
    List<Node> nodes = list(key, key + ": [1h, 6h]");
    return nodes == null
        ? fallback
        : nodes.stream()
            .map(node -> duration(node, key, Duration.ofHours(1), Duration.ofMillis(1), LONG))
            .toList();
  }

  private Duration duration(Node node, String key, Duration fallback, Duration min, Duration max) {
    String text = text(node, "'" + Mistakes.shown(key) + "'");
    if (text == null) {
      return fallback;
    }
    try {
      Duration duration = Parsers.duration(text);
      if (duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0) {
        return duration;
      }
      mistakes.add(
          node,
          "'%s' must be from %s to %s, was %s"
              .formatted(key, Texts.of(min), Texts.of(max), Mistakes.shown(text)));
    } catch (IllegalArgumentException e) {
      mistakes.add(
          node,
          "'%s' is not a duration: %s, was %s"
              .formatted(Mistakes.shown(key), e.getMessage(), Mistakes.shown(text)));
    }
    return fallback;
  }

  /** Returns a share above 0 and below 1, written in percent; null if there is none. */
  @Nullable Double share(String key) {
    return share(key, false);
  }

  /**
   * Returns a share above 0, written in percent; null if there is none.
   *
   * @param all whether 100 % is one
   */
  @Nullable Double share(String key, boolean all) {
    String text = text(key);
    if (text == null) {
      return null;
    }
    Matcher matcher = PERCENT.matcher(text);
    if (!matcher.matches()) {
      unusable(key, "a percentage with its sign, such as 5% or 0.5%", text);
      return null;
    }
    double share = Double.parseDouble(matcher.group(1)) / 100;
    if (share <= 0 || share > 1 || (share >= 1 && !all)) {
      unusable(key, "above 0% and " + (all ? "at most" : "below") + " 100%", text);
      return null;
    }
    return share;
  }

  /** Returns a whole number; the fallback if there is none. */
  int count(String key, int fallback, int min, int max) {
    String text = text(key);
    if (text == null) {
      return fallback;
    }
    try {
      int count = Integer.parseInt(text);
      if (count >= min && count <= max) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Reported below, as a number out of range is.
    }
    String range = "from " + Integer.toString(min) + " to " + Integer.toString(max);
    unusable(key, "a whole number " + range, text);
    return fallback;
  }

  /** Returns a number; the fallback if there is none. */
  double number(String key, double fallback, double min, double max) {
    String text = text(key);
    if (text == null) {
      return fallback;
    }
    if (NUMBER.matcher(text).matches()) {
      double number = Double.parseDouble(text);
      if (number >= min && number <= max) {
        return number;
      }
    }
    unusable(key, "a number from " + Texts.of(min) + " to " + Texts.of(max), text);
    return fallback;
  }

  /** Returns one of several words; the fallback if there is none. */
  String choice(String key, List<String> words, String fallback) {
    String text = text(key);
    if (text == null) {
      return fallback;
    }
    if (!words.contains(text)) {
      wrong(key, Mistakes.unknown("'" + key + "'", text, words));
      return fallback;
    }
    return text;
  }
}
