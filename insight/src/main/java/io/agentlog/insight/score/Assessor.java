package io.agentlog.insight.score;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.insight.pattern.Deviation;
import io.agentlog.insight.pattern.StageReport;
import io.agentlog.insight.pattern.StageSyntaxException;
import io.agentlog.insight.pattern.Step;
import io.agentlog.insight.pattern.Verdict;
import io.agentlog.insight.rules.AgentNames;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.ScoreRule;
import io.agentlog.insight.rules.ScoreRule.Scorer;
import io.agentlog.insight.rules.ScoreRule.Source;
import io.agentlog.insight.rules.StagePattern;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Judges executions by the patterns and scores of a rules file. Of several patterns for an agent
 * the first counts; of score rules all do. Immutable.
 */
public final class Assessor {
  /** The latency score is 0 from so many budgets on. */
  private static final double BUDGETS_TO_ZERO = 3;

  private static final double ROUNDING = 10_000;

  /** The highest score of an execution whose stages are not as declared. */
  private static final double BELOW_ONE = 0.9999;

  private final List<PatternRule> patterns = new ArrayList<>();
  private final List<ScoreRule> scores;

  /** Takes the rules; a pattern that can't be read is left out, since no file has one. */
  public Assessor(Rules rules) {
    for (StagePattern declared : rules.patterns()) {
      try {
        patterns.add(PatternRule.of(declared));
      } catch (StageSyntaxException e) {
        // Reading the file has refused it.
      }
    }
    scores = rules.scores();
  }

  /** True if no execution is judged. */
  public boolean isEmpty() {
    return patterns.isEmpty() && scores.isEmpty();
  }

  /** Returns the patterns of names of agents whose executions are judged. */
  public List<String> agents() {
    List<String> agents = new ArrayList<>();
    patterns.forEach(pattern -> agents.addAll(pattern.declared().agents()));
    scores.forEach(rule -> agents.addAll(rule.agents()));
    return agents.stream().distinct().toList();
  }

  /** Returns the patterns of names of agents whose stages are needed. */
  public List<String> agentsWithStages() {
    return patterns.stream()
        .flatMap(pattern -> pattern.declared().agents().stream())
        .distinct()
        .toList();
  }

  /** Returns the patterns of names of agents whose decisions are needed. */
  public List<String> agentsWithDecisions() {
    return scores.stream()
        .filter(rule -> uses(rule, Source.CONFIDENCE))
        .flatMap(rule -> rule.agents().stream())
        .distinct()
        .toList();
  }

  /** Returns hashes of all rules, without regard to agents. */
  public List<String> hashes() {
    List<String> hashes = new ArrayList<>();
    patterns.forEach(pattern -> hashes.add(pattern.version().hash()));
    for (ScoreRule rule : scores) {
      if (!uses(rule, Source.PATTERN)) {
        hashes.add(rule.hash());
      } else {
        patterns.forEach(pattern -> hashes.add(version(rule, pattern).hash()));
        hashes.add(version(rule, null).hash());
      }
    }
    return hashes.stream().distinct().toList();
  }

  /** Returns the rules by which an agent's executions are judged. */
  public List<RuleVersion> versions(String agent) {
    PatternRule pattern = pattern(agent);
    List<RuleVersion> versions = new ArrayList<>();
    if (pattern != null) {
      versions.add(pattern.version());
    }
    for (ScoreRule rule : scores) {
      if (AgentNames.match(rule.agents(), agent)) {
        versions.add(version(rule, pattern));
      }
    }
    return versions;
  }

  /** True if a score rule asks a judge. */
  public boolean asksJudges() {
    return scores.stream().anyMatch(rule -> uses(rule, Source.JUDGE));
  }

  /** Returns score rules of which a judge is asked about an execution: it is in their sample. */
  public List<ScoreRule> judging(Ended execution, UUID id) {
    if (execution.isProvisional() || !(execution.succeeded() || execution.failed())) {
      return List.of();
    }
    return scores.stream()
        .filter(rule -> AgentNames.match(rule.agents(), execution.agent()))
        .filter(rule -> isInSample(rule, id))
        .toList();
  }

  /** The same execution is in the sample each time it is looked at. */
  private static boolean isInSample(ScoreRule rule, UUID id) {
    for (Scorer scorer : rule.scorers()) {
      if (scorer.judge() != null) {
        long draw = Long.parseLong(sha256(id + " " + rule.hash()).substring(0, 8), 16);
        return draw < scorer.judge().sample() * 0x1p32;
      }
    }
    return false;
  }

  /** Judges an execution by each rule for its agent. */
  public List<Assessment> assess(Ended execution) {
    List<Assessment> assessments = new ArrayList<>();
    PatternRule pattern = pattern(execution.agent());
    @Nullable Checked checked =
        pattern == null || execution.stages() == null || execution.isProvisional()
            ? null
            : check(pattern, execution, execution.stages());
    if (pattern != null) {
      assessments.add(
          checked == null ? Assessment.leftOut(pattern.version()) : of(pattern.version(), checked));
    }
    for (ScoreRule rule : scores) {
      if (AgentNames.match(rule.agents(), execution.agent())) {
        assessments.add(score(rule, version(rule, pattern), execution, pattern, checked));
      }
    }
    return assessments;
  }

  private @Nullable PatternRule pattern(String agent) {
    for (PatternRule pattern : patterns) {
      if (AgentNames.match(pattern.declared().agents(), agent)) {
        return pattern;
      }
    }
    return null;
  }

  private record Checked(Verdict verdict, double share) {}

  private static Checked check(PatternRule pattern, Ended execution, List<StageReport> reports) {
    List<Step> steps = StageReport.steps(reports, execution.completedAt());
    boolean succeeded = execution.succeeded();
    Verdict verdict = pattern.check().check(steps, succeeded);
    return new Checked(
        verdict,
        verdict.matches() || verdict.deviation() instanceof Deviation.Slow
            ? 1
            : Math.min(BELOW_ONE, rounded(pattern.check().share(steps, succeeded))));
  }

  private static Assessment of(RuleVersion version, Checked checked) {
    Deviation deviation = checked.verdict.deviation();
    if (deviation == null) {
      return new Assessment(version, Assessment.Result.PASS, 1, Map.of());
    }
    Map<String, Object> detail = new LinkedHashMap<>();
    detail.put("kind", deviation.kind());
    detail.put("text", deviation.text());
    detail.put("step", checked.verdict.step());
    return new Assessment(version, Assessment.Result.FAIL, checked.share, detail);
  }

  private static Assessment score(
      ScoreRule rule,
      RuleVersion version,
      Ended execution,
      @Nullable PatternRule pattern,
      @Nullable Checked checked) {
    if (execution.isProvisional() || !(execution.succeeded() || execution.failed())) {
      return Assessment.leftOut(version);
    }
    Map<String, Object> scores = new LinkedHashMap<>();
    double weights = 0;
    double logs = 0;
    for (Scorer scorer : rule.scorers()) {
      if (scorer.source() == Source.PATTERN && pattern != null && checked == null) {
        return Assessment.leftOut(version); // Its stages are not whole.
      }
      Double score = score(rule, scorer, execution, checked);
      if (score != null) {
        scores.put(name(scorer.source()), rounded(score));
        weights += scorer.weight();
        logs += scorer.weight() * Math.log(score);
      }
    }
    if (weights == 0) {
      return Assessment.leftOut(version);
    }
    double mean = rounded(Math.exp(logs / weights));
    Assessment.Result result =
        mean < rule.failBelow()
            ? Assessment.Result.FAIL
            : mean < rule.warnBelow() ? Assessment.Result.WARN : Assessment.Result.PASS;
    return new Assessment(
        version, result, mean, result == Assessment.Result.PASS ? Map.of() : scores);
  }

  private static @Nullable Double score(
      ScoreRule rule, Scorer scorer, Ended execution, @Nullable Checked checked) {
    return switch (scorer.source()) {
      case NO_ERROR -> execution.succeeded() ? 1.0 : 0.0;
      case LATENCY -> latency(scorer, execution);
      case PATTERN -> checked == null ? null : (Double) checked.share;
      case CONFIDENCE -> confidence(execution);
      case APPLICATION -> execution.quality();
      case JUDGE -> execution.judged().get(rule.hash());
    };
  }

  private static @Nullable Double latency(Scorer scorer, Ended execution) {
    if (scorer.budget() == null || execution.duration() == null) {
      return null;
    }
    double budgets = (double) execution.duration().toNanos() / scorer.budget().toNanos();
    return Math.max(0, Math.min(1, (BUDGETS_TO_ZERO - budgets) / (BUDGETS_TO_ZERO - 1)));
  }

  private static @Nullable Double confidence(Ended execution) {
    if (execution.confidence() == null || execution.decisionSucceeded() == null) {
      return null;
    }
    double error = execution.confidence() - (execution.decisionSucceeded() ? 1 : 0);
    return 1 - error * error;
  }

  private static boolean uses(ScoreRule rule, Source source) {
    return rule.scorers().stream().anyMatch(scorer -> scorer.source() == source);
  }

  /** A score that counts the pattern changes with it. */
  private static RuleVersion version(ScoreRule rule, @Nullable PatternRule pattern) {
    if (pattern == null || !uses(rule, Source.PATTERN)) {
      return new RuleVersion(rule.name(), rule.hash());
    }
    return new RuleVersion(rule.name(), sha256(rule.hash() + " " + pattern.version().hash()));
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each JDK has SHA-256", e);
    }
  }

  private static String name(Source source) {
    return source.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static double rounded(double score) {
    return Math.round(score * ROUNDING) / ROUNDING;
  }
}
