package io.agentlog.insight.rules;

import io.agentlog.insight.pattern.StageExpression;
import io.agentlog.insight.pattern.StageSyntaxException;
import io.agentlog.insight.rules.ScoreRule.Judge;
import io.agentlog.insight.rules.ScoreRule.Scorer;
import io.agentlog.insight.rules.ScoreRule.Source;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads entries of the sections {@code patterns} and {@code scores}. */
final class AssessmentReader {
  static final List<String> PATTERN_KEYS =
      List.of("agent", "agents", "stages", "others", "on-failure", "within");
  static final List<String> SCORE_KEYS =
      List.of("name", "agent", "agents", "scorers", "warn-below", "fail-below");
  static final List<String> SCORER_KEYS =
      List.of("kind", "weight", "budget", "url", "sample", "votes", "per-day");
  static final List<String> SOURCES =
      List.of("no-error", "latency", "pattern", "confidence", "application", "judge");

  /** Longest declaration of stages. */
  static final int STAGES_CHARS_MAX = 10_000;

  private static final List<String> JUDGE_KEYS = List.of("url", "sample", "votes", "per-day");
  private static final Duration LIMIT_MIN = Duration.ofMillis(1);
  private static final Duration LIMIT_MAX = Duration.ofDays(30);

  private final Mistakes mistakes;

  /** Under this name the tables have what declarations of stages say. */
  private static final String PATTERN = "pattern";

  AssessmentReader(Mistakes mistakes) {
    this.mistakes = mistakes;
  }

  StagePattern pattern(Node node) {
    Entry entry = Entry.of(node, "a pattern", PATTERN_KEYS, mistakes);
    List<String> agents = entry.agents(null);
    String stages = entry.required("stages", "validate score{1,3} [review] decide");
    if (stages.length() > STAGES_CHARS_MAX) {
      entry.wrong(
          "stages",
          "'stages' has more than %s characters".formatted(Integer.toString(STAGES_CHARS_MAX)));
      stages = "";
    }
    boolean forbidden =
        entry.choice("others", List.of("forbid", "ignore"), "forbid").equals("forbid");
    boolean prefix =
        entry.choice("on-failure", List.of("prefix", "complete"), "prefix").equals("prefix");
    List<StagePattern.Limit> limits = limits(entry);
    Map<String, Object> said = new TreeMap<>();
    said.put("stages", Texts.oneBlank(stages));
    said.put("others", forbidden ? "forbid" : "ignore");
    said.put("on-failure", prefix ? "prefix" : "complete");
    limits.forEach(
        limit -> said.put("within." + limit.from() + ".." + limit.to(), Texts.of(limit.max())));
    StagePattern pattern =
        new StagePattern(agents, stages, forbidden, prefix, limits, Texts.hash(said));
    if (!stages.isEmpty()) {
      checkStages(entry, stages, limits);
    }
    return pattern;
  }

  private static void checkStages(Entry entry, String stages, List<StagePattern.Limit> limits) {
    try {
      Set<String> named = StageExpression.parse(stages).stages();
      for (StagePattern.Limit limit : limits) {
        for (String stage : List.of(limit.from(), limit.to())) {
          if (!named.contains(stage)) {
            entry.wrong("within", Mistakes.unknown("stage of 'within'", stage, named));
          }
        }
      }
    } catch (StageSyntaxException e) {
      entry.wrong("stages", "'stages' can't be read: " + e.getMessage());
    }
  }

  private List<StagePattern.Limit> limits(Entry entry) {
    Node node = entry.values().get("within");
    if (node == null) {
      return List.of();
    }
    Entry within = Entry.of(node, "'within'", null, mistakes);
    List<StagePattern.Limit> limits = new ArrayList<>();
    for (String key : within.values().keySet()) {
      int dots = key.indexOf("..");
      String from = dots < 0 ? key : key.substring(0, dots);
      String to = dots < 0 ? key : key.substring(dots + 2);
      Duration max = within.duration(key, LIMIT_MIN, LIMIT_MIN, LIMIT_MAX);
      if (from.isBlank() || to.isBlank()) {
        within.wrong(
            key,
            "a key of 'within' must be a stage, or two as in validate..decide, was "
                + Mistakes.shown(key));
      } else {
        limits.add(new StagePattern.Limit(from.strip(), to.strip(), max));
      }
    }
    return List.copyOf(limits);
  }

  ScoreRule score(Node node) {
    Entry entry = Entry.of(node, "a score", SCORE_KEYS, mistakes);
    String name = entry.name("name", "answer");
    if (name.equals(PATTERN)) {
      entry.wrong("name", "'name' pattern is that of the section 'patterns'; choose another");
    }
    List<String> agents = entry.agents(null);
    String example = "scorers: [{kind: no-error}, {kind: latency, budget: 2s}]";
    List<Node> nodes = entry.list("scorers", example);
    if (nodes == null || nodes.isEmpty()) {
      entry.wrong("scorers", "'scorers' is missing, as in " + example);
      nodes = List.of();
    }
    Set<Source> seen = EnumSet.noneOf(Source.class);
    List<Scorer> scorers = new ArrayList<>();
    Map<String, Object> said = new TreeMap<>();
    for (Node scorerNode : nodes) {
      Scorer scorer = scorer(scorerNode, said);
      if (scorer != null && !seen.add(scorer.source())) {
        mistakes.add(scorerNode, "a score has each kind of scorer once; make one of the two");
      } else if (scorer != null) {
        scorers.add(scorer);
      }
    }
    double warnBelow = entry.number("warn-below", 0.8, 0, 1);
    double failBelow = entry.number("fail-below", Math.min(0.5, warnBelow), 0, 1);
    if (failBelow > warnBelow) {
      entry.wrong("fail-below", "'fail-below' must not be above 'warn-below'");
    }
    said.put("warn-below", Texts.of(warnBelow));
    said.put("fail-below", Texts.of(failBelow));
    return new ScoreRule(
        name, agents, List.copyOf(scorers), warnBelow, failBelow, Texts.hash(said));
  }

  private @Nullable Scorer scorer(Node node, Map<String, Object> said) {
    Entry entry = Entry.of(node, "a scorer", SCORER_KEYS, mistakes);
    if (!entry.has("kind")) {
      entry.wrong("kind", "'kind' is missing; it is one of " + String.join(", ", SOURCES));
      return null;
    }
    String kind = entry.choice("kind", SOURCES, "");
    if (kind.isEmpty()) {
      return null;
    }
    Source source = Source.valueOf(kind.toUpperCase(Locale.ROOT).replace('-', '_'));
    double weight = entry.number("weight", 1, 0.001, 1000);
    said.put(kind + ".weight", Texts.of(weight));
    Duration budget = null;
    if (source == Source.LATENCY) {
      entry.required("budget", "2s");
      budget = entry.duration("budget", LIMIT_MIN, LIMIT_MIN, LIMIT_MAX);
      said.put("latency.budget", Texts.of(budget));
    } else if (entry.has("budget")) {
      entry.wrong("budget", "'budget' is for the kind latency only");
    }
    Judge judge = null;
    if (source == Source.JUDGE) {
      judge = judge(entry);
      said.put("judge.url", judge.url());
      said.put("judge.votes", Integer.toString(judge.votes()));
    } else {
      for (String key : JUDGE_KEYS) {
        if (entry.has(key)) {
          entry.wrong(key, "'" + key + "' is for the kind judge only");
        }
      }
    }
    return new Scorer(source, weight, budget, judge);
  }

  private static Judge judge(Entry entry) {
    String text = entry.required("url", "http://judge:8080/score");
    URI url = text.isEmpty() ? null : ChannelReader.url(entry, "url", text);
    Double sample = entry.share("sample", true);
    return new Judge(
        url == null ? URI.create("http://localhost") : url,
        sample == null ? 0.01 : sample,
        entry.count("votes", 3, 1, 15),
        entry.count("per-day", 1000, 1, 1_000_000));
  }
}
