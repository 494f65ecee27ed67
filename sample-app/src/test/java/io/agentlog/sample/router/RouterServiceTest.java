package io.agentlog.sample.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class RouterServiceTest {
  private static final String SLOW =
      "This slow query needs a missing index, explain analyze attached";

  private final RouterService router =
      new RouterService(AgentCatalog.builtIn(), new SuccessHistory());

  @Test
  void totalIsTheWeightedSumOfItsParts() {
    Confidence confidence = route(SLOW).confidence();

    assertThat(confidence.total())
        .isCloseTo(
            0.4 * confidence.trigger()
                + 0.3 * confidence.context()
                + 0.2 * confidence.capability()
                + 0.1 * confidence.historical(),
            within(0.0002));
  }

  @Test
  void bestScoreWinsAndIsExplained() {
    Decision decision = route(SLOW);

    assertThat(decision.selectedAgent()).isEqualTo("postgres-tuner");
    assertThat(decision.strategy()).isEqualTo("enhanced_fuzzy_matching");
    assertThat(decision.reasoning())
        .startsWith("postgres-tuner: trigger '")
        .contains("matches 100 %");
    assertThat(decision.alternatives())
        .extracting(Alternative::agent)
        .doesNotContain("postgres-tuner");
    assertThat(decision.alternatives())
        .isSortedAccordingTo((a, b) -> Double.compare(b.confidence(), a.confidence()));
  }

  @Test
  void contextTurnsTheScale() {
    String text = "it takes far too long, please look";
    assertThat(routeIn(Map.of("domain", "database"), "slow query, " + text).confidence().context())
        .isEqualTo(1);
    assertThat(routeIn(Map.of("domain", "mobile"), "slow query, " + text).confidence().context())
        .isZero();
    assertThat(routeIn(Map.of("domain", "astrology"), "slow query, " + text).confidence().context())
        .isEqualTo(Confidence.NEUTRAL);
    assertThat(
            routeIn(Map.of("file", "a/b/report.SQL"), "slow query, " + text).confidence().context())
        .isEqualTo(1);
  }

  @Test
  void fileNamedInTheTextIsAHintToo() {
    assertThat(route("slow query in reports/open.sql").confidence().context()).isEqualTo(1);
  }

  @Test
  void typingErrorsAreForgiven() {
    assertThat(route("postgress slwo query, explian analyze").selectedAgent())
        .isEqualTo("postgres-tuner");
  }

  @Test
  void feedbackChangesTheHistory() {
    assertThat(route(SLOW).confidence().historical()).isEqualTo(Confidence.NEUTRAL);

    router.handle(Requests.withFeedback(SLOW, "postgres-tuner", true));
    assertThat(route(SLOW).confidence().historical()).isEqualTo(0.6667);

    router.handle(Requests.withFeedback(SLOW, "postgres-tuner", false));
    assertThat(route(SLOW).confidence().historical()).isEqualTo(0.5);
  }

  @Test
  void feedbackOnAnUnknownAgentIsInvalid() {
    assertThatThrownBy(() -> router.handle(Requests.withFeedback(SLOW, "nobody", true)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessage("feedback.agent: no agent is named 'nobody'");
  }

  @Test
  void nearlyEqualAgentsMakeAnAmbiguousAnswerOfLessConfidence() {
    Decision decision = route("Should I write unit tests first or refactor this class first?");

    assertThat(decision.ambiguous()).isTrue();
    assertThat(decision.alternatives()).isNotEmpty();
    assertThat(decision.confidence().total())
        .isLessThan(decision.alternatives().get(0).confidence());
    assertThat(decision.reasoning()).contains("Ambiguous");
  }

  @Test
  void namedAgentIsTaken() {
    for (String text :
        List.of(
            "@api-designer slow query",
            "slow query, please ask @api-designer",
            "这段话请 @api-designer 看一下",
            "@API-Designer: hello")) {
      Decision decision = route(text);
      assertThat(decision.selectedAgent()).as(text).isEqualTo("api-designer");
      assertThat(decision.strategy()).isEqualTo("explicit");
      assertThat(decision.confidence().total()).isEqualTo(1);
    }
  }

  @Test
  void javaAnnotationsAndAddressesNameNoAgent() {
    assertThat(route("@Transactional does not roll back in my Spring Boot controller").strategy())
        .isEqualTo("enhanced_fuzzy_matching");
    assertThat(route("mail me at me@debugger.example about the slow query").selectedAgent())
        .isEqualTo("postgres-tuner");
    assertThat(route("@babel/core breaks: React component, TypeScript types of props").strategy())
        .isEqualTo("enhanced_fuzzy_matching");
  }

  @Test
  void unknownAgentFailsWithTheNearestName() {
    assertThatThrownBy(() -> route("@postgres-tunr slow query"))
        .isInstanceOf(UnknownAgentException.class)
        .hasMessage("no agent is named @postgres-tunr; did you mean @postgres-tuner?");
  }

  @Test
  void retiredAgentFailsWithItsSuccessor() {
    assertThatThrownBy(() -> route("@soap-gateway a WSDL please"))
        .isInstanceOf(AgentUnavailableException.class)
        .hasMessage("@soap-gateway is retired; use @api-designer");
  }

  @Test
  void unroutableRequestFailsAndSaysHowNearTheBestWas() {
    assertThatThrownBy(() -> route("What's for lunch in the canteen today?"))
        .isInstanceOf(NoSuitableAgentException.class)
        .hasMessageStartingWith("no agent reaches 0.45: the best, ");
  }

  @Test
  void contextAloneNeverRoutes() {
    assertThatThrownBy(() -> routeIn(Map.of("domain", "database", "file", "x.sql"), "hello there"))
        .isInstanceOf(NoSuitableAgentException.class);
  }

  @Test
  void generalistTakesTheRestIfTheRequestAllowsIt() {
    Decision decision = route("What's for lunch?", Map.of("fallback", true));

    assertThat(decision.selectedAgent()).isEqualTo("generalist");
    assertThat(decision.strategy()).isEqualTo("fallback");
    assertThat(decision.confidence().total()).isLessThan(RoutingOptions.MIN_CONFIDENCE);
  }

  @Test
  void emptyRequestIsInvalid() {
    for (String text : List.of("", "  ", "\n\t", "\u200b\ufeff", "\u3000\u00a0")) {
      assertThatThrownBy(() -> route(text)).isInstanceOf(InvalidRequestException.class);
    }
  }

  @Test
  void requestThatIsTooLongIsInvalid() {
    assertThatThrownBy(() -> route("x".repeat(RouterService.REQUEST_LENGTH_MAX + 1)))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessage("user_request has 100001 characters, at most 100000 are routed");
  }

  @Test
  void malformedOptionsAreNamed() {
    assertThatThrownBy(() -> route(SLOW, Map.of("max_alternatives", "many")))
        .isInstanceOf(InvalidOptionsException.class)
        .hasMessage("options.max_alternatives must be a whole number from 0 to 10, was many");
    assertThatThrownBy(() -> route(SLOW, Map.of("dry-run", true)))
        .hasMessage("options.dry-run is unknown; did you mean dry_run?");
    assertThatThrownBy(() -> route(SLOW, Map.of("deadline", "tomorrow")))
        .hasMessage(
            "options.deadline must be an ISO 8601 instant such as 2030-01-31T12:00:00Z, was"
                + " tomorrow");
  }

  @Test
  void excludedAgentsAreNotConsidered() {
    assertThat(route(SLOW, Map.of("exclude", List.of("api-designer"))).selectedAgent())
        .isEqualTo("postgres-tuner");
    assertThatThrownBy(() -> route(SLOW, Map.of("exclude", List.of("postgres-tuner"))))
        .isInstanceOf(NoSuitableAgentException.class);
    assertThatThrownBy(() -> route("@debugger hi", Map.of("exclude", List.of("debugger"))))
        .isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void withdrawnRequestsAreCancelled() {
    for (Map<String, Object> options :
        List.<Map<String, Object>>of(
            Map.of("cancel", true),
            Map.of("cancel_after_ms", 0),
            Map.of("deadline", "2024-01-15T09:00:00Z"),
            Map.of("hold_ms", 5_000, "cancel_after_ms", 20))) {
      assertThatThrownBy(() -> route(SLOW, options)).isInstanceOf(CancellationException.class);
    }
  }

  @Test
  void interruptedHoldIsCancelledAndTheInterruptKept() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> route(SLOW, Map.of("hold_ms", 5_000)))
        .isInstanceOf(CancellationException.class)
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void dryRunFillsInThePlan() {
    RoutingAnswer answer =
        router.handle(Requests.of(SLOW, Map.of("file", "a.sql"), Map.of("dry_run", true)));

    assertThat(answer.plan().get(0))
        .isEqualTo("Run EXPLAIN (ANALYZE, BUFFERS) for the statement in a.sql");
    assertThat(answer.planProblem()).isNull();
  }

  @Test
  void routingStandsWhenItsDryRunFails() {
    RoutingAnswer answer = router.handle(Requests.of(SLOW, Map.of("dry_run", true)));

    assertThat(answer.decision().selectedAgent()).isEqualTo("postgres-tuner");
    assertThat(answer.plan()).isEmpty();
    assertThat(answer.planProblem()).isEqualTo("the plan of @postgres-tuner needs context.file");
  }

  @Test
  void longPasteDoesNotDrownTheQuestion() {
    String noise = "kafka consumer lag, OAuth login, Terraform plan, merge conflict. ".repeat(400);

    assertThat(
            route(
                    "React component: useEffect runs twice. Log:\n"
                        + "ok ".repeat(300)
                        + noise
                        + "\n"
                        + "ok ".repeat(200)
                        + " So why is it, the React component re-renders?")
                .selectedAgent())
        .isEqualTo("frontend-developer");
  }

  private Decision route(String text) {
    return route(text, Map.of());
  }

  private Decision route(String text, Map<String, Object> options) {
    return router.handle(Requests.of(text, options)).decision();
  }

  private Decision routeIn(Map<String, String> context, String text) {
    return router.handle(Requests.of(text, context, Map.of())).decision();
  }
}
