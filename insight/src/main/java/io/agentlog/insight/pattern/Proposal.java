package io.agentlog.insight.pattern;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A declaration that executions which were recorded suggest.
 *
 * @param stages the declaration
 * @param covered share of the executions whose stages are as declared, from 0 to 1
 */
public record Proposal(String stages, double covered) {
  /** Sequences that a declaration is made of at most, the most frequent ones. */
  static final int SEQUENCES_MAX = 50;

  /** A stage that comes more often than that in a row may come any number of times. */
  static final int TIMES_MAX = 5;

  /** Stages of a sequence; a longer one suggests nothing. */
  static final int LENGTH_MAX = 300;

  /** Stages that may be repeated together. */
  private static final int LOOP_MAX = 5;

  /**
   * Finds a declaration. The most frequent sequences that make up the share are laid side by side:
   * what all have is needed, the rest may be absent.
   *
   * @param sequences how often each sequence of stages was seen in executions with success
   * @param share of the executions that it is to cover, from 0 to 1
   * @return null if there are no executions with stages, or too many different ones
   */
  public static @Nullable Proposal of(Map<List<String>, Long> sequences, double share) {
    long all = sequences.values().stream().mapToLong(Long::longValue).sum();
    List<List<String>> frequent =
        sequences.entrySet().stream()
            .filter(entry -> entry.getKey().size() <= LENGTH_MAX)
            .sorted(
                Map.Entry.<List<String>, Long>comparingByValue()
                    .reversed()
                    .thenComparing(entry -> String.join("\n", entry.getKey())))
            .map(Map.Entry::getKey)
            .limit(SEQUENCES_MAX)
            .toList();
    long covered = 0;
    for (int n = 0; n < frequent.size(); n++) {
      covered += sequences.getOrDefault(frequent.get(n), 0L);
      if (covered >= share * all || n == frequent.size() - 1) {
        Proposal proposal = of(frequent.subList(0, n + 1), sequences, all);
        return proposal != null && proposal.covered >= share ? proposal : null;
      }
    }
    return null;
  }

  private static @Nullable Proposal of(
      List<List<String>> chosen, Map<List<String>, Long> sequences, long all) {
    String text = inAnyOrder(chosen);
    if (text == null) {
      text = sideBySide(chosen);
    }
    try {
      StageCheck check = new StageCheck(StageExpression.parse(text), true, false, List.of());
      long matching = 0;
      for (Map.Entry<List<String>, Long> entry : sequences.entrySet()) {
        List<Step> steps =
            entry.getKey().stream().map(stage -> new Step(stage, null, null)).toList();
        matching += check.check(steps, true).matches() ? entry.getValue() : 0;
      }
      return new Proposal(text, (double) matching / all);
    } catch (StageSyntaxException e) {
      return null; // It has too many stages, or no stage at all.
    }
  }

  /**
   * Returns a declaration of sequences that differ only in the order of a part; null for others.
   */
  private static @Nullable String inAnyOrder(List<List<String>> chosen) {
    List<String> first = chosen.get(0);
    int from = first.size();
    int to = 0;
    for (List<String> other : chosen) {
      if (other.size() != first.size()) {
        return null;
      }
      for (int i = 0; i < first.size(); i++) {
        if (!other.get(i).equals(first.get(i))) {
          from = Math.min(from, i);
          to = Math.max(to, i + 1);
        }
      }
    }
    int length = to - from;
    if (length < 2 || length > StageExpression.ANY_ORDER_MAX) {
      return null;
    }
    Set<String> part = new HashSet<>(first.subList(from, to));
    for (List<String> other : chosen) {
      if (part.size() != length || !part.equals(new HashSet<>(other.subList(from, to)))) {
        return null;
      }
    }
    return (names(first.subList(0, from))
            + " { "
            + names(first.subList(from, to))
            + " } "
            + names(first.subList(to, first.size())))
        .strip();
  }

  /**
   * A stage, or several that were repeated together, and how often they came in a row.
   *
   * @param max {@link Integer#MAX_VALUE} for any number
   */
  private record Column(List<String> stages, int min, int max) {
    Column with(int times) {
      return new Column(stages, Math.min(min, times), Math.max(max, times));
    }

    String text() {
      String name = stages.size() == 1 ? quoted(stages.get(0)) : "(" + names(stages) + ")";
      if (max > TIMES_MAX) {
        return name + (min == 0 ? "*" : "+");
      }
      if (min == max) {
        return max == 1 ? (stages.size() == 1 ? name : names(stages)) : name + "{" + max + "}";
      }
      String inside = max == 1 ? (stages.size() == 1 ? name : names(stages)) : name;
      if (min > 0) {
        return name + "{" + min + "," + max + "}";
      }
      return max == 1 ? "[" + inside + "]" : "[" + inside + "{1," + max + "}]";
    }
  }

  private static String sideBySide(List<List<String>> chosen) {
    Set<List<String>> loops = new HashSet<>();
    chosen.forEach(sequence -> columns(sequence, Set.of(), loops));
    List<Column> columns = columns(chosen.get(0), loops, null);
    for (List<String> sequence : chosen.subList(1, chosen.size())) {
      columns = merged(columns, columns(sequence, loops, null));
    }
    return String.join(" ", columns.stream().map(Column::text).toList());
  }

  /**
   * Joins what follows itself.
   *
   * @param loops of several stages, which are joined even where they come once
   * @param found takes loops of several stages that follow themselves; null if not wanted
   */
  private static List<Column> columns(
      List<String> sequence, Set<List<String>> loops, @Nullable Set<List<String>> found) {
    List<Column> columns = new ArrayList<>();
    for (int at = 0; at < sequence.size(); ) {
      int best = 1;
      int bestTimes = times(sequence, at, 1);
      for (int length = 2; length <= LOOP_MAX && bestTimes == 1; length++) {
        if (at + length <= sequence.size()) {
          int times = times(sequence, at, length);
          if (found != null ? times > 1 : loops.contains(sequence.subList(at, at + length))) {
            best = length;
            bestTimes = times;
          }
        }
      }
      List<String> stages = List.copyOf(sequence.subList(at, at + best));
      if (found != null && best > 1) {
        found.add(stages);
      }
      columns.add(new Column(stages, bestTimes, bestTimes));
      at += best * bestTimes;
    }
    return columns;
  }

  private static int times(List<String> sequence, int at, int length) {
    List<String> part = sequence.subList(at, at + length);
    int times = 1;
    while (at + (times + 1) * length <= sequence.size()
        && part.equals(sequence.subList(at + times * length, at + (times + 1) * length))) {
      times++;
    }
    return times;
  }

  /** Lays a sequence beside columns so that as many as possible are the same. */
  private static List<Column> merged(List<Column> columns, List<Column> sequence) {
    int[][] same = new int[columns.size() + 1][sequence.size() + 1];
    for (int i = columns.size() - 1; i >= 0; i--) {
      for (int j = sequence.size() - 1; j >= 0; j--) {
        same[i][j] =
            columns.get(i).stages.equals(sequence.get(j).stages)
                ? same[i + 1][j + 1] + 1
                : Math.max(same[i + 1][j], same[i][j + 1]);
      }
    }
    List<Column> merged = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < columns.size() || j < sequence.size()) {
      if (i < columns.size()
          && j < sequence.size()
          && columns.get(i).stages.equals(sequence.get(j).stages)) {
        merged.add(columns.get(i++).with(sequence.get(j++).max));
      } else if (i < columns.size() && (j == sequence.size() || same[i + 1][j] >= same[i][j + 1])) {
        merged.add(columns.get(i++).with(0));
      } else {
        merged.add(sequence.get(j++).with(0));
      }
    }
    return merged;
  }

  private static String names(List<String> stages) {
    return String.join(" ", stages.stream().map(Proposal::quoted).toList());
  }

  /** Returns a name as a declaration has it. */
  static String quoted(String stage) {
    if (!stage.isEmpty() && stage.chars().noneMatch(Parser::isSpecial)) {
      return stage;
    }
    String quote = stage.indexOf('\'') < 0 ? "'" : "\"";
    return quote + stage + quote;
  }
}
