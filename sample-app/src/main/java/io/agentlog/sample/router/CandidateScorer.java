package io.agentlog.sample.router;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Scores agents for a request: triggers {@value Confidence#TRIGGER_WEIGHT}, context {@value
 * Confidence#CONTEXT_WEIGHT}, capabilities {@value Confidence#CAPABILITY_WEIGHT}, history {@value
 * Confidence#HISTORY_WEIGHT}. The same request, agents and history give the same scores. Immutable;
 * any thread.
 */
final class CandidateScorer {
  private static final Comparator<Candidate> BEST_FIRST =
      Comparator.comparingDouble((Candidate candidate) -> candidate.confidence().total())
          .reversed()
          .thenComparing(candidate -> candidate.agent().name());

  private static final double EXAMPLE_CALLS = 0.6;
  private static final double EXAMPLE_CALLS_SCORE = 0.8;

  private final Map<String, Profile> profiles = new HashMap<>();
  private final Map<String, Double> rarity = new HashMap<>();
  private final double rarest;
  private final ContextMatcher contexts;

  /** The phrases of one agent. */
  private record Profile(
      List<Phrase> triggers, List<Phrase> capabilities, List<Set<String>> examples) {}

  /** The best phrase of an agent, and the evidence of all its phrases together. */
  private record Match(String phrase, double best, double score) {
    static Match of(List<Phrase> phrases, RequestText request) {
      String text = "";
      double best = 0;
      double second = 0;
      for (Phrase phrase : phrases) {
        double score = phrase.score(request);
        if (score > best) {
          second = best;
          best = score;
          text = phrase.text();
        } else if (score > second) {
          second = score;
        }
      }
      return new Match(text, best, best + 0.4 * second * (1 - best));
    }
  }

  CandidateScorer(List<AgentDefinition> agents) {
    Map<String, Integer> agentsWithWord = new HashMap<>();
    for (AgentDefinition agent : agents) {
      Set<String> words = new HashSet<>();
      agent.triggers().forEach(text -> words.addAll(Words.of(text)));
      agent.capabilities().forEach(text -> words.addAll(Words.of(text)));
      agent.examples().forEach(text -> words.addAll(Words.of(text)));
      words.forEach(word -> agentsWithWord.merge(word, 1, Integer::sum));
    }
    agentsWithWord.forEach(
        (word, count) -> rarity.put(word, Math.log(1 + agents.size() / (double) count)));
    rarest = Math.log(1 + agents.size());
    for (AgentDefinition agent : agents) {
      profiles.put(
          agent.name(),
          new Profile(
              phrases(agent.triggers()),
              phrases(agent.capabilities()),
              agent.examples().stream()
                  .<Set<String>>map(text -> Set.copyOf(Words.of(text)))
                  .toList()));
    }
    contexts = new ContextMatcher(agents);
  }

  /**
   * Scores agents and sorts them, best first; agents with equal scores by name.
   *
   * @param successRates 0.0 to 1.0 by agent; a missing agent counts as {@value Confidence#NEUTRAL}
   */
  List<Candidate> score(
      List<AgentDefinition> agents, RoutingRequest request, Map<String, Double> successRates) {
    RequestText text = new RequestText(request.userRequest());
    Function<AgentDefinition, ContextMatcher.Fit> context = contexts.bind(request, text);
    List<Candidate> candidates = new ArrayList<>();
    for (AgentDefinition agent : agents) {
      Profile profile = profiles.get(agent.name());
      if (profile == null) {
        throw new IllegalArgumentException("not an agent of this scorer: " + agent.name());
      }
      Match trigger = Match.of(profile.triggers(), text);
      Match capability = Match.of(profile.capabilities(), text);
      double example = likestExample(profile.examples(), text.words());
      ContextMatcher.Fit fit = context.apply(agent);
      Double rate = successRates.get(agent.name());
      Confidence confidence =
          Confidence.of(
              // An example that nearly equals the request counts like a trigger.
              Math.max(
                  trigger.score(), example >= EXAMPLE_CALLS ? EXAMPLE_CALLS_SCORE * example : 0),
              fit.score(),
              Math.max(capability.score(), Math.min(1, 1.3 * example)),
              rate == null ? Confidence.NEUTRAL : rate);
      candidates.add(
          new Candidate(agent, confidence, reason(trigger, fit, capability, example, rate)));
    }
    candidates.sort(BEST_FIRST);
    return candidates;
  }

  private List<Phrase> phrases(List<String> texts) {
    return texts.stream().map(text -> Phrase.of(text, rarity)).toList();
  }

  /** Returns the similarity to the nearest example, by weight of words: 0.0 none, 1.0 equal. */
  private double likestExample(List<Set<String>> examples, Set<String> words) {
    double best = 0;
    double wordsWeight = weight(words);
    for (Set<String> example : examples) {
      Set<String> common = new HashSet<>(example);
      common.retainAll(words);
      double both = wordsWeight + weight(example);
      if (both > 0) {
        best = Math.max(best, 2 * weight(common) / both);
      }
    }
    return best;
  }

  private double weight(Set<String> words) {
    // Sorted, because the sum of doubles depends on their order.
    return words.stream().sorted().mapToDouble(word -> rarity.getOrDefault(word, rarest)).sum();
  }

  private static String reason(
      Match trigger,
      ContextMatcher.Fit context,
      Match capability,
      double example,
      @Nullable Double rate) {
    List<String> reasons = new ArrayList<>();
    if (trigger.best() >= 0.15) {
      reasons.add(percent("trigger '%s' matches %s", trigger.phrase(), trigger.best()));
    } else {
      reasons.add("no trigger matches");
    }
    if (!context.explanation().isEmpty()) {
      reasons.add(context.explanation());
    }
    if (capability.best() >= 0.3 && capability.score() >= example) {
      reasons.add(percent("capability '%s' matches %s", capability.phrase(), capability.best()));
    } else if (example >= 0.3) {
      reasons.add("like one of its example requests");
    }
    if (rate != null) {
      reasons.add(percent("success rate%s %s", "", rate));
    }
    return String.join("; ", reasons);
  }

  private static String percent(String format, String text, double value) {
    return String.format(Locale.ROOT, format, text, Math.round(value * 100) + " %");
  }
}
