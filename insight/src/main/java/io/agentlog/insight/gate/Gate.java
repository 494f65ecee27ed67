package io.agentlog.insight.gate;

import io.agentlog.config.Config;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.score.Assessor;
import io.agentlog.insight.score.RuleVersion;
import io.agentlog.postgres.ReadConnections;
import io.agentlog.sink.SinkUnavailableException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Judges executions. One thread. */
public final class Gate implements AutoCloseable {
  /** After this time the database ends a statement. */
  private static final Duration STATEMENT_MAX = Duration.ofMinutes(5);

  private final ReadConnections connections;
  private final RowReader reader;
  private @Nullable SortedMap<String, AgentRows> read;

  /** Opens the database; connects with the first statement. */
  public Gate(Config config) {
    this.connections = new ReadConnections(config, "agentlog-gate", 1, STATEMENT_MAX);
    this.reader = new RowReader(connections);
  }

  /** Returns the database's address, without secrets. */
  public String place() {
    return connections.place();
  }

  /**
   * Reads and judges.
   *
   * @throws GateException if nothing can be judged; the message says what to do
   * @throws SinkUnavailableException if there is no database; the message says what to do
   */
  public GateResult judge(GateRequest request) throws GateException, SinkUnavailableException {
    List<String> notes = new ArrayList<>();
    Baseline file = request.baselineFile() == null ? null : fromFile(request.baselineFile(), notes);
    connections.connect();
    SortedMap<String, AgentRows> found =
        reader.read(
            request.window(), request.isAll() ? List.of() : request.agents(), request.selection());
    read = found;
    Baseline baseline = file == null ? fromRows(request) : file;
    TreeSet<String> names = new TreeSet<>(request.agents());
    if (request.isAll()) {
      names.addAll(found.keySet());
      names.addAll(baseline.agents().keySet());
    }
    addMissing(request, names, found, notes);
    Map<String, StageDetails> details = details(request);
    int comparisons = 0;
    for (String name : names) {
      Profile profile = baseline.agents().get(name);
      comparisons += profile == null ? 0 : Comparisons.count(profile);
    }
    Comparisons compared = new Comparisons(request.limits(), comparisons);
    List<GateResult.OfAgent> agents = new ArrayList<>();
    for (String name : names) {
      AgentRows rows = found.getOrDefault(name, new AgentRows());
      List<Check> checks = absolute(rows, request.limits());
      checks.addAll(detailed(name, details, request, notes));
      Profile profile = baseline.agents().get(name);
      if (profile != null) {
        checks.addAll(compared.of(rows, profile));
      } else if (!baseline.source().isEmpty()) {
        notes.add(shown(name) + " is not in the baseline, so it is compared with nothing");
      }
      agents.add(judged(name, rows, checks, request.limits()));
    }
    if (!request.isSaving() && agents.stream().allMatch(agent -> agent.checks().isEmpty())) {
      notes.add("nothing was judged: there is no limit, and no baseline of these agents");
      agents.replaceAll(GateResult.OfAgent::undecided);
    }
    return new GateResult(
        request.window(), baseline.source(), request.limits().minCount(), agents, notes);
  }

  /**
   * Saves the executions that the last {@link #judge} read, as a baseline of later runs. Those of a
   * run that did not pass are not saved, because they would become what is allowed.
   *
   * @return the result with a note of what was done
   * @throws GateException if the file can't be written
   */
  public GateResult save(GateResult result, OutputFile file) throws GateException {
    SortedMap<String, AgentRows> rows = read;
    if (rows == null || result.verdict() != Verdict.PASS) {
      return result.with(
          "the baseline %s is not saved: only a run that passes is".formatted(file.path()));
    }
    SortedMap<String, Profile> profiles = new TreeMap<>();
    result
        .agents()
        .forEach(
            agent ->
                profiles.put(
                    agent.agent(), rows.getOrDefault(agent.agent(), new AgentRows()).profile()));
    file.replace(BaselineFile.text(result.window(), profiles));
    return result.with("the baseline %s is saved".formatted(file.path()));
  }

  private static GateResult.OfAgent judged(
      String name, AgentRows rows, List<Check> checks, Limits limits) {
    Verdict worst = rows.ended() < limits.minCount() ? Verdict.UNDECIDED : Verdict.PASS;
    for (Check check : checks) {
      worst = worst.and(check.verdict());
    }
    return new GateResult.OfAgent(
        name, worst, rows.ended(), rows.provisional(), rows.running(), checks);
  }

  private static List<Check> absolute(AgentRows rows, Limits limits) {
    AbsoluteChecks judge = new AbsoluteChecks(limits);
    List<Check> checks = new ArrayList<>();
    if (limits.maxFailureRate() != null) {
      checks.add(judge.share("failure rate", rows.failed(), rows.ended(), limits.maxFailureRate()));
    }
    if (limits.maxUnfinished() != null) {
      long unfinished = rows.provisional() + rows.running();
      checks.add(
          judge.share("unfinished", unfinished, unfinished + rows.ended(), limits.maxUnfinished()));
    }
    if (limits.maxP95() != null) {
      checks.add(judge.p95("p95", rows.micros(), limits.maxP95()));
    }
    if (limits.minQuality() != null) {
      checks.add(judge.mean("quality", rows.scores(), limits.minQuality()));
    }
    return checks;
  }

  private Map<String, StageDetails> details(GateRequest request)
      throws GateException, SinkUnavailableException {
    Limits limits = request.limits();
    boolean needsRules = limits.minAutoScore() != null || limits.maxViolations() != null;
    if (!needsRules && limits.maxStageP95().isEmpty()) {
      return Map.of();
    }
    return new StageReader(connections)
        .read(
            request.window(),
            request.isAll() ? List.of() : request.agents(),
            request.selection(),
            limits.maxStageP95().keySet(),
            needsRules ? new Assessor(request.rules()) : null);
  }

  private static List<Check> detailed(
      String agent, Map<String, StageDetails> all, GateRequest request, List<String> notes) {
    Limits limits = request.limits();
    AbsoluteChecks judge = new AbsoluteChecks(limits);
    StageDetails details = all.getOrDefault(agent, new StageDetails());
    List<Check> checks = new ArrayList<>();
    Assessor assessor = new Assessor(request.rules());
    BigDecimal maxViolations = limits.maxViolations();
    BigDecimal minAutoScore = limits.minAutoScore();
    boolean hasRule = false;
    for (RuleVersion version : assessor.versions(agent)) {
      boolean isPattern = version.rule().equals(RuleVersion.PATTERN);
      if (isPattern && maxViolations != null) {
        checks.add(
            judge.share("violations", details.violations(), details.assessed(), maxViolations));
        hasRule = true;
        if (details.leftOut() > 0) {
          notes.add(
              "%s: %s executions are not compared with the pattern, because stages of them may be missing"
                  .formatted(shown(agent), Format.count(details.leftOut())));
        }
      } else if (!isPattern && minAutoScore != null) {
        checks.add(
            judge.mean(
                "auto score " + version.rule(), details.scores(version.rule()), minAutoScore));
        hasRule = true;
      }
    }
    if (!hasRule && (maxViolations != null || minAutoScore != null)) {
      notes.add("%s has no pattern or score in the rules".formatted(shown(agent)));
    }
    limits
        .maxStageP95()
        .forEach(
            (stage, max) -> {
              boolean isKnown = all.values().stream().anyMatch(it -> it.micros(stage).count() > 0);
              Numbers micros = details.micros(stage);
              if (micros.count() > 0 || !isKnown) { // Another agent's stage is no gap.
                checks.add(judge.p95("p95 of stage " + stage, micros, max));
              }
            });
    return checks;
  }

  private static Baseline fromFile(Path file, List<String> notes) throws GateException {
    Baseline baseline = BaselineFile.read(file);
    if (baseline.source().isEmpty()) {
      notes.add(
          "the baseline %s is empty, so nothing is compared: save one with --save-baseline"
              .formatted(file));
    }
    return baseline;
  }

  private Baseline fromRows(GateRequest request) throws GateException, SinkUnavailableException {
    GateRequest.Past past = request.past();
    if (past == null) {
      return new Baseline("", new TreeMap<>());
    }
    SortedMap<String, Profile> profiles = new TreeMap<>();
    reader
        .read(past.window(), request.isAll() ? List.of() : request.agents(), past.selection())
        .forEach((name, rows) -> profiles.put(name, rows.profile()));
    return new Baseline("executions that started " + RowReader.between(past.window()), profiles);
  }

  private void addMissing(
      GateRequest request, Set<String> names, Map<String, AgentRows> found, List<String> notes)
      throws SinkUnavailableException {
    Window window = request.window();
    List<String> missing = names.stream().filter(name -> !found.containsKey(name)).toList();
    List<String> unknown = reader.unknown(missing);
    for (String name : missing) {
      notes.add(
          unknown.contains(name)
              ? "%s has no execution in the tables, whenever it ran: is the name right?"
                  .formatted(shown(name))
              : "%s has no execution that started %s%s"
                  .formatted(
                      shown(name),
                      RowReader.between(window),
                      request.selection().isEmpty() ? "" : " and fits --select"));
    }
    if (names.isEmpty()) {
      notes.add(
          "no execution started %s%s"
              .formatted(
                  RowReader.between(window),
                  request.selection().isEmpty() ? "" : " and fits --select"));
    }
  }

  /** Returns an agent's name for people. */
  static String shown(String agent) {
    return agent.isEmpty()
        ? "(no name)"
        : agent.length() > 200 ? agent.substring(0, 200) + "…" : agent;
  }

  @Override
  public void close() {
    connections.close();
  }
}
