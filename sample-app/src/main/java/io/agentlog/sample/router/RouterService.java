package io.agentlog.sample.router;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.RoutingDecision;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the agent for a request.
 *
 * <p>Selects the agent that the request names; else the agent with the best weighted score, if the
 * score is good enough; else the generalist, if the request allows it. The only state is the
 * history, so the same requests in the same order get the same answers.
 *
 * <p>Thread-safe, but with several threads the answers depend on the order of the feedback.
 */
class RouterService {
  /** The longest request that is routed, in characters. */
  static final int REQUEST_LENGTH_MAX = 100_000;

  /** Two agents whose confidence differs by less than this are nearly equal. */
  static final double AMBIGUITY_MARGIN = 0.05;

  private static final double AMBIGUITY_FACTOR = 0.85;
  private static final double EVIDENCE_MIN = 0.3;
  private static final double ALTERNATIVE_EVIDENCE_MIN = 0.15;

  /** "@name" at the start or after a word like "ask"; elsewhere it may be a Java annotation. */
  private static final Pattern ADDRESSED =
      Pattern.compile(
          "(?:^|\\b(?:ask|use|call|try|route to|hand (?:this|it)"
              + " to|let))\\s*@([a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?=$|[\\s,.:;!?，。：、])",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern MENTION =
      Pattern.compile("(?<![\\p{Alnum}._/@-])@([a-z][a-z0-9]*(?:-[a-z0-9]+)*)");

  private final AgentCatalog catalog;
  private final CandidateScorer scorer;
  private final SuccessHistory history;
  private final DryRunPlanner planner = new DryRunPlanner();
  private final Worsening worsening;

  RouterService(AgentCatalog catalog, SuccessHistory history) {
    this(catalog, history, Worsening.NONE);
  }

  RouterService(AgentCatalog catalog, SuccessHistory history, Worsening worsening) {
    this.catalog = catalog;
    this.history = history;
    this.worsening = worsening;
    this.scorer = new CandidateScorer(catalog.active());
  }

  /**
   * Routes one request.
   *
   * @throws RoutingException if the request can't be routed, for a reason that the sender can fix
   * @throws java.util.concurrent.CancellationException if the request was withdrawn meanwhile
   */
  @AgentExecution(
      value = "agent-router",
      metadata = {
        "channel=request.context['channel']",
        "selected_agent=result.decision.selectedAgent",
        "strategy=result.decision.strategy",
        "ambiguous=result.decision.ambiguous"
      })
  RoutingAnswer handle(RoutingRequest request) {
    RoutingOptions options = validate(request);
    CancelSignal signal = new CancelSignal(options);
    signal.check();
    List<AgentDefinition> agents = loadCandidates(options, named(request, options));
    signal.check();
    List<Candidate> candidates = score(agents, request);
    signal.hold();
    Decision decision = decide(request, options, candidates);
    signal.check();
    return answer(decision, request, options);
  }

  @ProgressStage(value = "validate", percent = 10, at = ProgressStage.When.EXIT)
  private RoutingOptions validate(RoutingRequest request) {
    String text = request.userRequest();
    if (text.codePoints().allMatch(RouterService::isInvisible)) {
      throw new InvalidRequestException("user_request is empty: there is nothing to route");
    }
    if (text.length() > REQUEST_LENGTH_MAX) {
      throw new InvalidRequestException(
          "user_request has %s characters, at most %s are routed"
              .formatted(text.length(), REQUEST_LENGTH_MAX));
    }
    RoutingOptions options = RoutingOptions.of(request.options());
    Feedback feedback = request.feedback();
    if (feedback != null) {
      if (catalog.find(feedback.agent()) == null) {
        throw new InvalidRequestException(
            "feedback.agent: no agent is named '%s'".formatted(feedback.agent()));
      }
      history.add(feedback);
    }
    return options;
  }

  @ProgressStage(
      value = "load-candidates",
      percent = 30,
      at = ProgressStage.When.EXIT,
      metadata = {"explicit=named", "candidates=result.size"})
  private List<AgentDefinition> loadCandidates(RoutingOptions options, @Nullable String named) {
    if (named != null) {
      if (options.exclude().contains(named)) {
        throw new InvalidRequestException("@" + named + " is both asked for and excluded");
      }
      return List.of(catalog.named(named));
    }
    return catalog.active().stream()
        .filter(agent -> !options.exclude().contains(agent.name()))
        .toList();
  }

  @ProgressStage(
      value = "score",
      percent = 70,
      at = ProgressStage.When.BOTH,
      metadata = {"candidates=agents.size", "best_agent=result[0].agent.name"})
  private List<Candidate> score(List<AgentDefinition> agents, RoutingRequest request) {
    return scorer.score(agents, request, history.successRates(agents));
  }

  @ProgressStage(value = "decide", percent = 90)
  @RoutingDecision(
      agent = "result.selectedAgent",
      confidence = "result.confidence.total",
      strategy = "result.strategy",
      reasoning = "result.reasoning",
      alternatives = "result.alternatives",
      components = "result.confidence")
  private Decision decide(
      RoutingRequest request, RoutingOptions options, List<Candidate> candidates) {
    if (named(request, options) != null) {
      Candidate only = candidates.get(0);
      // The user's choice outweighs any score; the score is only recorded.
      return decision(
          only,
          only.confidence().withTotal(1),
          Decision.EXPLICIT,
          "the request names it",
          List.of());
    }
    List<Candidate> fit =
        candidates.stream()
            .filter(candidate -> candidate.evidence() >= EVIDENCE_MIN)
            .filter(candidate -> candidate.confidence().total() >= options.minConfidence())
            .toList();
    if (fit.isEmpty()) {
      return fallback(options, candidates);
    }
    Candidate best = fit.get(0);
    List<Candidate> others =
        candidates.stream()
            .filter(
                candidate ->
                    !candidate.equals(best) && candidate.evidence() >= ALTERNATIVE_EVIDENCE_MIN)
            .limit(options.maxAlternatives())
            .toList();
    double total = best.confidence().total();
    if (fit.size() > 1 && total - fit.get(1).confidence().total() < AMBIGUITY_MARGIN) {
      AgentDefinition rival = fit.get(1).agent();
      return new Decision(
          best.agent().name(),
          best.confidence().withTotal(total * AMBIGUITY_FACTOR),
          Decision.FUZZY,
          "%s: %s. Ambiguous: %s is nearly as good (%s against %s), so the confidence is lowered"
              .formatted(
                  best.agent().name(),
                  best.reason(),
                  rival.name(),
                  text(fit.get(1).confidence().total()),
                  text(total)),
          alternatives(others),
          true);
    }
    return decision(best, best.confidence(), Decision.FUZZY, best.reason(), others);
  }

  private Decision fallback(RoutingOptions options, List<Candidate> candidates) {
    String nearest =
        candidates.isEmpty()
            ? "every agent is excluded"
            : "the best, %s, reaches %s (%s)"
                .formatted(
                    candidates.get(0).agent().name(),
                    text(candidates.get(0).confidence().total()),
                    candidates.get(0).reason());
    if (options.fallback()) {
      for (Candidate candidate : candidates) {
        if (candidate.agent().name().equals(AgentCatalog.FALLBACK_AGENT)) {
          return decision(
              candidate,
              candidate.confidence(),
              Decision.FALLBACK,
              "no agent fits; " + nearest,
              List.of());
        }
      }
    }
    throw new NoSuitableAgentException(
        "no agent reaches %s: %s".formatted(text(options.minConfidence()), nearest));
  }

  private RoutingAnswer answer(Decision decision, RoutingRequest request, RoutingOptions options) {
    AgentDefinition agent = catalog.named(decision.selectedAgent());
    List<String> plan = List.of();
    String planProblem = null;
    if (options.dryRun()) {
      try {
        plan = planner.plan(agent, request);
      } catch (MissingInputException e) { // Only the dry run failed; the routing is valid.
        planProblem = e.getMessage();
      }
    }
    double quality = worsening.quality(decision.confidence().total());
    return new RoutingAnswer(decision, agent.title(), quality, plan, planProblem);
  }

  /** The agent that the request names, or null. */
  private @Nullable String named(RoutingRequest request, RoutingOptions options) {
    if (options.agent() != null) {
      return options.agent();
    }
    String text = request.userRequest().strip();
    Matcher addressed = ADDRESSED.matcher(text);
    if (addressed.find()) {
      String name = addressed.group(1).toLowerCase(Locale.ROOT);
      boolean meant = name.contains("-") || Similarity.nearest(name, catalog.names()) != null;
      if (meant || catalog.names().contains(name)) {
        return name;
      }
    }
    Matcher mention = MENTION.matcher(text);
    while (mention.find()) {
      if (catalog.names().contains(mention.group(1))) {
        return mention.group(1);
      }
    }
    return null;
  }

  private static Decision decision(
      Candidate best,
      Confidence confidence,
      String strategy,
      String reason,
      List<Candidate> others) {
    return new Decision(
        best.agent().name(),
        confidence,
        strategy,
        "%s: %s".formatted(best.agent().name(), reason),
        alternatives(others),
        false);
  }

  private static List<Alternative> alternatives(List<Candidate> candidates) {
    List<Alternative> alternatives = new ArrayList<>();
    for (Candidate candidate : candidates) {
      alternatives.add(
          new Alternative(
              candidate.agent().name(), candidate.confidence().total(), candidate.reason()));
    }
    return alternatives;
  }

  private static boolean isInvisible(int c) {
    int type = Character.getType(c);
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || type == Character.FORMAT
        || type == Character.CONTROL;
  }

  private static String text(double confidence) {
    return String.format(Locale.ROOT, "%.2f", confidence);
  }
}
