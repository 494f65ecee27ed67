package io.agentlog.insight.rules;

import java.nio.file.Path;
import java.util.List;

/**
 * The rules of a file that people change while the program runs. A file with a mistake changes
 * nothing: the rules stay as they were. Belongs to one thread.
 */
public final class RulesWatch {
  private final Path file;
  private Rules rules = Rules.NONE;
  private List<String> problems = List.of();

  /** Reads nothing yet. */
  public RulesWatch(Path file) {
    this.file = file;
  }

  /**
   * Outcome of a look at the file.
   *
   * @param rulesChanged whether {@link #rules()} are others than before, by what they say
   * @param problemsChanged whether {@link #problems()} are others than before, so that they are
   *     logged once
   */
  public record Change(boolean rulesChanged, boolean problemsChanged) {}

  /** Reads the file and those it names again. Never throws. */
  public Change look() {
    RulesFile.Outcome read = RulesFile.read(file);
    boolean problemsChanged = !problems.equals(read.problems());
    problems = read.problems();
    Rules now = read.rules();
    boolean rulesChanged = now != null && !now.equals(rules);
    if (now != null) {
      rules = now;
    }
    return new Change(rulesChanged, problemsChanged);
  }

  /** Returns the rules of the last file without a mistake; none before the first. */
  public Rules rules() {
    return rules;
  }

  /** Returns the mistakes of the file as it is now, one line each; empty if it has none. */
  public List<String> problems() {
    return problems;
  }
}
