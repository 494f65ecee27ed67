package io.agentlog.insight.command;

import io.agentlog.insight.gate.GateException;
import io.agentlog.insight.gate.GateRequest;
import io.agentlog.insight.gate.GateText;
import io.agentlog.insight.gate.Limits;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.rules.Rules;
import io.agentlog.insight.rules.RulesFile;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code gate} that say what is judged, and by what. */
final class GateOptions {
  private static final String ALL = "*";
  private static final int NAME_BYTES_MAX = 512;
  private static final int SHOWN = 40;

  @Option(
      names = "--agent",
      paramLabel = "NAME",
      required = true,
      description =
          "Agent whose executions are judged; may be given several times. '*' is each agent of the"
              + " window and of the baseline.")
  private List<String> agents = List.of();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      required = true,
      description =
          "Begin of the window in which the executions started: a duration ago such as 2h, a time"
              + " such as 2026-11-29T10:00:00Z, or a day in UTC.")
  private String since = "";

  @Option(
      names = "--until",
      paramLabel = "TIME",
      description = "End of the window: the same. Default: now.")
  private @Nullable String until;

  @Option(
      names = "--select",
      paramLabel = "KEY=VALUE",
      description =
          "Judges only executions whose metadata has this text; several must all hold. Such as"
              + " release=4f2c9e1.")
  private Map<String, String> selection = new LinkedHashMap<>();

  @Option(
      names = "--min-count",
      paramLabel = "N",
      defaultValue = "30",
      description =
          "Executions below which a check is undecided, because nothing can be said. Default:"
              + " ${DEFAULT-VALUE}.")
  private int minCount;

  @Option(
      names = "--max-failure-rate",
      paramLabel = "SHARE",
      description = "Highest share of executions that failed, such as 2%%.")
  private @Nullable String maxFailureRate;

  @Option(
      names = "--max-unfinished",
      paramLabel = "SHARE",
      description =
          "Highest share of executions that still run, or were cut off by the end of their JVM. All"
              + " other checks leave these out.")
  private @Nullable String maxUnfinished;

  @Option(
      names = "--max-p95",
      paramLabel = "DURATION",
      description = "Longest time that 95 of 100 executions may take, such as 2s.")
  private @Nullable String maxP95;

  @Option(
      names = "--min-quality",
      paramLabel = "SCORE",
      description = "Lowest mean of quality_score, from 0 to 1.")
  private @Nullable String minQuality;

  @Option(
      names = "--max-stage-p95",
      paramLabel = "STAGE=DURATION",
      description =
          "Longest time that a stage may take in 95 of 100 cases, such as score=1s; several stages"
              + " may be given.")
  private Map<String, String> maxStageP95 = new LinkedHashMap<>();

  @Option(
      names = "--rules",
      paramLabel = "FILE",
      description = "Rules file with the patterns and scores of the next two options.")
  private @Nullable Path rules;

  @Option(
      names = "--max-violations",
      paramLabel = "SHARE",
      description = "Highest share of executions whose stages deviate from their agent's pattern.")
  private @Nullable String maxViolations;

  @Option(
      names = "--min-auto-score",
      paramLabel = "SCORE",
      description =
          "Lowest mean of each score of the rules, from 0 to 1. A judge of the rules is never"
              + " asked.")
  private @Nullable String minAutoScore;

  @Option(
      names = "--decide",
      paramLabel = "HOW",
      defaultValue = "point",
      description =
          "point: a value beyond its limit fails. sure: it fails only if its whole 95 %% interval"
              + " is beyond, otherwise it is undecided. Default: ${DEFAULT-VALUE}.")
  private String decide = "point";

  @Option(
      names = "--baseline",
      paramLabel = "FILE|DURATION",
      description =
          "Compares with a file of --save-baseline (- reads standard input), or with the executions"
              + " of a time before the window, such as 7d.")
  private @Nullable String baseline;

  @Option(
      names = "--baseline-select",
      paramLabel = "KEY=VALUE",
      description =
          "Compares with executions whose metadata has this text, in the same window or in the time"
              + " that --baseline gives. Such as release=1.4.1.")
  private Map<String, String> baselineSelection = new LinkedHashMap<>();

  @Option(
      names = "--max-drop",
      paramLabel = "DIFFERENCE",
      description =
          "How much worse than the baseline is allowed: difference of shares or of scores. A check"
              + " fails only if chance does not explain the difference either. Default: 0.05.")
  private @Nullable String maxDrop;

  /**
   * Returns what is asked for.
   *
   * @param isSaving whether a baseline is to be saved, which needs no limit
   * @throws GateException if an option has no sense, alone or beside another
   */
  GateRequest request(Instant now, boolean isSaving) throws GateException {
    Window window = window(now);
    String given = baseline;
    boolean isPast = given != null && GateText.isDuration(given);
    Limits limits = limits();
    boolean compares = given != null || !baselineSelection.isEmpty();
    if (limits.isEmpty() && !compares && !isSaving) {
      throw new GateException(
          "nothing to judge by: give a limit such as --max-failure-rate 2%, a --baseline, or"
              + " --save-baseline");
    }
    if (maxDrop != null && !compares) {
      throw new GateException(
          "--max-drop is how much worse than a baseline is allowed: give --baseline or"
              + " --baseline-select");
    }
    if (!baselineSelection.isEmpty() && given != null && !isPast) {
      throw new GateException(
          "--baseline-select chooses rows, and --baseline %s is a file: give one of them"
              .formatted(given));
    }
    if (!baselineSelection.isEmpty()
        && given == null
        && (selection.isEmpty() || selection.equals(baselineSelection))) {
      throw new GateException(
          "--baseline-select would compare executions with themselves: give a --select that"
              + " differs, or --baseline 7d");
    }
    GateRequest.Past past = null;
    if (compares && (given == null || isPast)) {
      Window before = window;
      if (given != null) {
        Duration length = parsed("--baseline", given, GateText::window);
        before = new Window(window.from().minus(length), window.from());
      }
      past = new GateRequest.Past(before, baselineSelection);
    }
    return new GateRequest(
        agents.stream().filter(name -> !name.equals(ALL)).distinct().toList(),
        agents.contains(ALL),
        window,
        selection,
        limits,
        past,
        given == null || isPast ? null : Path.of(given),
        rules(limits),
        isSaving);
  }

  private Rules rules(Limits limits) throws GateException {
    boolean needsRules = limits.minAutoScore() != null || limits.maxViolations() != null;
    if (rules == null) {
      if (needsRules) {
        throw new GateException(
            "--max-violations and --min-auto-score judge by patterns and scores: give their file"
                + " with --rules");
      }
      return Rules.NONE;
    }
    if (!needsRules) {
      throw new GateException(
          "--rules alone judges nothing: give --max-violations or --min-auto-score");
    }
    RulesFile.Outcome outcome = RulesFile.read(rules);
    Rules read = outcome.rules();
    if (read == null) {
      throw new GateException("--rules can't be used: " + String.join("; ", outcome.problems()));
    }
    if (limits.maxViolations() != null && read.patterns().isEmpty()) {
      throw new GateException("--max-violations needs patterns, and %s has none".formatted(rules));
    }
    if (limits.minAutoScore() != null && read.scores().isEmpty()) {
      throw new GateException("--min-auto-score needs scores, and %s has none".formatted(rules));
    }
    return read;
  }

  private Window window(Instant now) throws GateException {
    Instant to = until == null ? now : parsed("--until", until, text -> GateText.time(text, now));
    Instant from = parsed("--since", since, text -> GateText.time(text, now));
    if (!from.isBefore(to)) {
      throw new GateException(
          "the window ends before it begins: --since is %s and --until is %s".formatted(from, to));
    }
    return new Window(from, to);
  }

  private Limits limits() throws GateException {
    if (minCount < 1) {
      throw new GateException("--min-count %s is no count: 1 or more".formatted(minCount));
    }
    if (!List.of("point", "sure").contains(decide)) {
      throw new GateException("--decide %s is neither point nor sure".formatted(decide));
    }
    for (String agent : agents) {
      int bytes = agent.getBytes(StandardCharsets.UTF_8).length;
      if (bytes == 0) {
        throw new GateException("--agent is empty: give a name, or '*' for all agents");
      }
      if (bytes > NAME_BYTES_MAX) {
        throw new GateException(
            "--agent %s... has %s bytes, and a name has at most %s: choose its executions by '*' and a --select"
                .formatted(
                    agent.substring(0, SHOWN), Format.count(bytes), Format.count(NAME_BYTES_MAX)));
      }
    }
    SortedMap<String, Duration> stages = new TreeMap<>();
    for (Map.Entry<String, String> stage : maxStageP95.entrySet()) {
      stages.put(
          stage.getKey(),
          parsed("--max-stage-p95 " + stage.getKey(), stage.getValue(), GateText::duration));
    }
    return new Limits(
        optional("--min-quality", minQuality, GateText::score),
        optional("--max-failure-rate", maxFailureRate, GateText::share),
        optional("--max-p95", maxP95, GateText::duration),
        optional("--max-unfinished", maxUnfinished, GateText::share),
        optional("--min-auto-score", minAutoScore, GateText::score),
        optional("--max-violations", maxViolations, GateText::share),
        stages,
        maxDrop == null ? new BigDecimal("0.05") : parsed("--max-drop", maxDrop, GateText::share),
        minCount,
        decide.equals("sure"));
  }

  private static <T> @Nullable T optional(
      String option, @Nullable String text, Function<String, T> parser) throws GateException {
    return text == null ? null : parsed(option, text, parser);
  }

  private static <T> T parsed(String option, String text, Function<String, T> parser)
      throws GateException {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new GateException("%s %s is not %s".formatted(option, text, e.getMessage()));
    }
  }
}
