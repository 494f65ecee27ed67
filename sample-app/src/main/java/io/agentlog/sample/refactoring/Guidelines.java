package io.agentlog.sample.refactoring;

import io.agentlog.annotations.IntelligenceUsed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * What the team has written down about changes, as a store of documents would answer. Stateless.
 */
class Guidelines {
  /**
   * A rule of the team.
   *
   * @param score from 0 to 1: part of its words that the question has
   */
  record Guideline(String id, String name, double score, String text) {}

  private static final List<Guideline> ALL =
      List.of(
          new Guideline("g1", "rename whole words", 0, "rename an identifier everywhere"),
          new Guideline("g2", "note what changed", 0, "note each change in CHANGES.md"),
          new Guideline("g3", "money in cents", 0, "keep amounts of money in cents"));

  /** Returns the rules that have a word of the question, best first. */
  @IntelligenceUsed(
      type = "pattern",
      source = "guidelines",
      collection = "team",
      query = "question",
      applied = "true")
  List<Guideline> about(String question) {
    List<String> asked = words(question);
    List<Guideline> found = new ArrayList<>();
    for (Guideline each : ALL) {
      List<String> words = words(each.text());
      double score = (double) words.stream().filter(asked::contains).count() / words.size();
      if (score >= 0.5) {
        found.add(new Guideline(each.id(), each.name(), score, each.text()));
      }
    }
    found.sort(Comparator.comparingDouble(Guideline::score).reversed());
    return found;
  }

  private static List<String> words(String text) {
    return List.of(text.toLowerCase(Locale.ROOT).split("[^a-z]+"));
  }
}
