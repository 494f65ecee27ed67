package io.agentlog.sample.refactoring;

import io.agentlog.annotations.IntelligenceUsed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The team's rules for changes, found as in a store of documents. Stateless. */
class Guidelines {
  /** ID of the rule that changes are noted. */
  static final String NOTE_CHANGES = "g2";

  private static final double SCORE_MIN = 0.5;

  /**
   * A rule of the team.
   *
   * @param score from 0 to 1: part of the text's words that the question has; 0 before a search
   */
  record Guideline(String id, String name, double score, String text) {}

  private static final List<Guideline> ALL =
      List.of(
          new Guideline("g1", "rename whole words", 0, "rename an identifier everywhere"),
          new Guideline(NOTE_CHANGES, "note what changed", 0, "note each change in CHANGES.md"),
          new Guideline("g3", "money in cents", 0, "keep amounts of money in cents"));

  /** Returns the rules of which the question has half of the words or more, best first. */
  @IntelligenceUsed(
      type = "pattern",
      source = "guidelines",
      collection = "team",
      context = "planning",
      query = "question",
      applied = "true")
  List<Guideline> about(String question) {
    List<String> asked = words(question);
    List<Guideline> found = new ArrayList<>();
    for (Guideline each : ALL) {
      List<String> words = words(each.text());
      double score = (double) words.stream().filter(asked::contains).count() / words.size();
      if (score >= SCORE_MIN) {
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
