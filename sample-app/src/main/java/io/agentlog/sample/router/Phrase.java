package io.agentlog.sample.router;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A phrase of a definition, prepared for the search. Immutable.
 *
 * @param text the phrase as the definition has it
 * @param words the different words of the phrase
 * @param weights weight of each word; a word that few agents use weighs more
 */
record Phrase(String text, List<String> words, List<Double> weights) {
  /**
   * Factor for a phrase of one word, which is weak evidence: many requests about other things have
   * the word "test".
   */
  private static final double ONE_WORD_SCORE = 0.8;

  /** Words that may stand between the words of a phrase in the request, beyond the phrase's own. */
  private static final int SLACK_WORDS = 5;

  static Phrase of(String text, Map<String, Double> rarity) {
    List<String> words = Words.of(text).stream().distinct().toList();
    List<Double> weights = new ArrayList<>();
    for (String word : words) {
      weights.add(rarity.getOrDefault(word, 1.0) * (Words.isWeak(word) ? 0.3 : 1));
    }
    return new Phrase(text, words, List.copyOf(weights));
  }

  /** Scores how much of the phrase is in one place of the request: 0.0 to 1.0. */
  double score(RequestText request) {
    record Place(int word, int position, double likeness) {}
    List<Place> places = new ArrayList<>();
    double all = 0;
    for (int i = 0; i < words.size(); i++) {
      all += weights.get(i);
      for (RequestText.Hit hit : request.find(words.get(i))) {
        places.add(new Place(i, hit.position(), hit.likeness()));
      }
    }
    if (places.isEmpty() || all == 0) {
      return 0;
    }
    places.sort((a, b) -> Integer.compare(a.position(), b.position()));
    int window = words.size() + SLACK_WORDS;
    double best = 0;
    double[] found = new double[words.size()];
    for (int from = 0; from < places.size(); from++) {
      Arrays.fill(found, 0);
      int end = places.get(from).position() + window;
      for (int i = from; i < places.size() && places.get(i).position() < end; i++) {
        Place place = places.get(i);
        found[place.word()] = Math.max(found[place.word()], place.likeness());
      }
      double sum = 0;
      for (int i = 0; i < found.length; i++) {
        sum += found[i] * weights.get(i);
      }
      best = Math.max(best, sum / all);
    }
    // Half of a phrase is worth much less than half.
    double score = Math.pow(best, 1.6);
    return words.size() == 1 && !Words.isPair(words.get(0)) ? score * ONE_WORD_SCORE : score;
  }
}
