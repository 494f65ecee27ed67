package io.agentlog.insight.rules;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads an entry of the section {@code rules}, with what {@code defaults} says for all. */
final class AlertReader {
  /** Keys of {@code defaults}; a rule may have them, too. */
  static final List<String> DEFAULTS =
      List.of("false-alarms", "notify", "repeat", "keep-firing", "cooldown", "labels");

  /** Labels that an alert has by itself. */
  static final List<String> OWN_LABELS = List.of("alertname", "agent", "rule", "kind");

  static final int LABELS_MAX = 20;

  private static final double FALSE_ALARMS = 0.01;

  /** One an hour: a rule that is looked at more often says nothing about chance. */
  private static final double FALSE_ALARMS_MAX = 168;

  private static final Pattern RATE =
      Pattern.compile("(\\d{1,3}(?:\\.\\d{1,6})?)\\s*(%?)\\s*/\\s*(day|week|month|year)");
  private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]{0,63}");

  private final Mistakes mistakes;
  private final Collection<String> channels;
  private final @Nullable Entry defaults;
  private final ConditionReader conditions = new ConditionReader();

  /**
   * @param channels names that {@code notify} may have
   * @param defaults the section; null if there is none
   */
  AlertReader(Mistakes mistakes, Collection<String> channels, @Nullable Node defaults) {
    this.mistakes = mistakes;
    this.channels = channels;
    this.defaults = defaults == null ? null : Entry.of(defaults, "'defaults'", DEFAULTS, mistakes);
    if (this.defaults != null) { // A wrong default is one mistake, however many rules have it.
      rule("", List.of(), ConditionReader.NOTHING, this.defaults);
    }
  }

  AlertRule read(Node node) {
    Entry entry = Entry.of(node, "a rule", ConditionReader.ALL_KEYS, mistakes);
    String name = entry.name("name", "failures");
    if (Condition.OfAlerts.NAMES.contains(name)) {
      entry.wrong(
          "name",
          "'%s' is the name of an alert about the alerts; choose another name".formatted(name));
    }
    Condition condition = conditions.read(entry);
    return rule(name, entry.agents(List.of("*")), condition, entry);
  }

  private AlertRule rule(String name, List<String> agents, Condition condition, Entry entry) {
    double falseAlarms = falseAlarms(with("false-alarms", entry));
    List<String> notify = channels(with("notify", entry));
    Duration repeat =
        with("repeat", entry)
            .duration("repeat", Duration.ofHours(24), Duration.ofMinutes(5), Duration.ofDays(30));
    Duration keepFiring =
        with("keep-firing", entry)
            .duration("keep-firing", Duration.ofMinutes(15), Duration.ZERO, Duration.ofDays(1));
    Duration cooldown =
        with("cooldown", entry)
            .duration("cooldown", Duration.ofMinutes(30), Duration.ZERO, Duration.ofDays(7));
    Map<String, String> labels = new TreeMap<>();
    if (defaults != null) {
      labels.putAll(labels(defaults));
    }
    labels.putAll(labels(entry));
    Map<String, String> all = Collections.unmodifiableMap(labels);
    AlertRule rule =
        new AlertRule(
            name, agents, condition, falseAlarms, notify, repeat, keepFiring, cooldown, all, "");
    return new AlertRule(
        name,
        agents,
        condition,
        falseAlarms,
        notify,
        repeat,
        keepFiring,
        cooldown,
        all,
        Texts.hash(Said.by(rule)));
  }

  /** Returns the entry if it has the key, otherwise the defaults. */
  private Entry with(String key, Entry entry) {
    return entry.has(key) || defaults == null ? entry : defaults;
  }

  private static double falseAlarms(Entry entry) {
    String text = entry.text("false-alarms");
    if (text == null) {
      return FALSE_ALARMS;
    }
    Matcher matcher = RATE.matcher(text);
    if (!matcher.matches()) {
      entry.wrong(
          "false-alarms",
          "'false-alarms' must be how many in which time, such as 1%%/week or 1/day, was %s"
              .formatted(Mistakes.shown(text)));
      return FALSE_ALARMS;
    }
    double count = Double.parseDouble(matcher.group(1)) / (matcher.group(2).isEmpty() ? 1 : 100);
    double weeks =
        switch (matcher.group(3)) {
          case "day" -> 1 / 7.0;
          case "week" -> 1;
          case "month" -> 30 / 7.0;
          default -> 365 / 7.0;
        };
    double aWeek = count / weeks;
    if (aWeek <= 0 || aWeek > FALSE_ALARMS_MAX) {
      entry.wrong(
          "false-alarms",
          "'false-alarms' must be above 0 and at most 24/day, was " + Mistakes.shown(text));
      return FALSE_ALARMS;
    }
    return aWeek;
  }

  private List<String> channels(Entry entry) {
    List<String> names = entry.names("notify", "notify: [ops]");
    if (names == null) {
      return List.of();
    }
    for (String name : names) {
      if (!channels.contains(name)) {
        entry.wrong("notify", Mistakes.unknown("channel", name, channels));
      }
    }
    return names;
  }

  private Map<String, String> labels(Entry entry) {
    Node node = entry.values().get("labels");
    if (node == null) {
      return Map.of();
    }
    Entry given = Entry.of(node, "'labels'", null, mistakes);
    Map<String, String> labels = new TreeMap<>();
    for (String name : given.values().keySet()) {
      String value = given.text(name);
      if (!LABEL.matcher(name).matches()) {
        given.wrong(
            name,
            "a label has letters, digits and _, and begins with a letter, was "
                + Mistakes.shown(name));
      } else if (OWN_LABELS.contains(name)) {
        given.wrong(name, "label '" + name + "' is set by itself; choose another name");
      } else if (value != null && value.length() > Entry.NAME_CHARS_MAX) {
        given.wrong(name, "label '" + name + "' is too long");
      } else if (value != null) {
        labels.put(name, value);
      }
    }
    if (labels.size() > LABELS_MAX) {
      entry.wrong("labels", "'labels' may be %s at most".formatted(Integer.toString(LABELS_MAX)));
    }
    return labels;
  }
}
