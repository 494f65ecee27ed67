package io.agentlog.insight.rules;

import io.agentlog.config.NearestKey;
import io.agentlog.config.Problems;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/** Collects the mistakes of one file, each with its line. Not thread-safe. */
final class Mistakes {
  private final String file;
  private final Problems problems = new Problems("the rules file");
  private final Set<String> lines = new HashSet<>();

  /**
   * @param file name of the file, as lines begin with it
   */
  Mistakes(String file) {
    this.file = file;
  }

  /** Adds a mistake of a part of the file. */
  void add(Node at, String problem) {
    add(at.getStartMark(), problem);
  }

  /** Adds a mistake at a place; at the first line if it is not known. */
  void add(Optional<Mark> at, String problem) {
    addLine(file + ":" + (at.map(Mark::getLine).orElse(0) + 1) + ": " + problem);
  }

  /** Adds a mistake of the whole file. */
  void add(String problem) {
    addLine(file + ": " + problem);
  }

  /** Defaults are read again for each rule, but a mistake of theirs is one. */
  private void addLine(String line) {
    if (lines.add(line)) {
      problems.add(line);
    }
  }

  boolean any() {
    return !lines.isEmpty();
  }

  List<String> lines() {
    return problems.lines();
  }

  /** Says that a word is none of those known, and which it was probably meant to be. */
  static String unknown(String what, @Nullable String word, Collection<String> known) {
    if (known.isEmpty()) {
      return "%s '%s' is not known; there is none".formatted(what, shown(word));
    }
    String nearest = word == null ? null : NearestKey.of(word, known);
    return "%s '%s' is not known; %s"
        .formatted(
            what,
            shown(word),
            nearest == null
                ? "known are " + String.join(", ", known)
                : "did you mean '" + nearest + "'?");
  }

  static String shown(@Nullable String value) {
    return value == null ? "?" : Problems.shown(value);
  }
}
