package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CorrelationId;
import io.agentlog.annotations.CurrentExecution;
import io.agentlog.annotations.Metadata;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.ProgressStage.When;
import io.agentlog.annotations.Prompt;
import io.agentlog.annotations.QualityScore;
import io.agentlog.annotations.RoutingDecision;
import io.agentlog.annotations.SessionId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

/**
 * An application that does what {@link CaptureIT} looks for in the database. It checks its own side
 * itself.
 */
// What looks unused is read by the agent.
@SuppressWarnings({"UnusedVariable", "DoNotCallSuggester", "StaticAssignmentOfThrowable"})
final class CaptureApp {
  static final String CORRELATION = "7f3c1c1e-0a3b-4f0e-9d57-0f5d2f1f9a01";

  private CaptureApp() {}

  record Request(
      @Prompt String text,
      @CorrelationId String ticket,
      @SessionId String session,
      @Metadata("tenant") String tenant,
      List<String> tags) {}

  record Answer(
      String agent,
      double confidence,
      Map<String, Double> parts,
      List<String> others,
      @QualityScore double quality) {}

  /** Annotated members, paths, stages, a decision and the facade, all in one. */
  static class Router {
    @AgentExecution(
        value = "full-router",
        metadata = {
          "first_tag=request.tags[0]",
          "tag_count=request.tags.size",
          "chosen=result.agent"
        })
    Answer route(Request request) {
      check(CurrentExecution.executionId().isPresent(), "an execution runs");
      CurrentExecution.metadata("model", "m-1");
      CurrentExecution.metadata("model", "m-2");
      parse(request);
      request.tags().set(0, "changed"); // Stored is what was given.
      CurrentExecution.progress("thinking", 50);
      return decide(request.text());
    }

    @ProgressStage(value = "parsed", percent = 10, metadata = "length=request.text.length")
    private void parse(Request request) {}

    @ProgressStage(
        percent = 90,
        at = When.BOTH,
        metadata = {"winner=result.agent", "text=arg0"})
    @RoutingDecision(
        strategy = "result.agent",
        alternatives = "result.others",
        components = "result.parts")
    final synchronized Answer decide(String text) {
      return new Answer(
          "debugger",
          0.83,
          Map.of("trigger", 0.9, "context", 0.8, "capability", 0.7, "historical", 0.6),
          List.of("planner", "tester"),
          0.91);
    }
  }

  /** Annotated once, in the interface; generic, so that implementations get a bridge method. */
  interface Handler<T> {
    @AgentExecution(value = "inherited", correlationId = "correlation")
    String handle(T prompt, UUID correlation);
  }

  static class BaseHandler implements Handler<String> {
    @Override
    public String handle(String prompt, UUID correlation) {
      return "base " + prompt;
    }
  }

  /** Calls super: still one execution. */
  static final class SpecialHandler extends BaseHandler {
    @Override
    public String handle(String prompt, UUID correlation) {
      return super.handle("special " + prompt, correlation);
    }
  }

  /** Many shapes of methods; default agent name. */
  static final class HTTPShapes {
    static final RuntimeException FAILURE = new IllegalStateException("no capacity\n\u001b[31m");

    @AgentExecution
    private static long primitive(int a, long b, double c, byte d) {
      return a + b + (long) c + d;
    }

    @AgentExecution("void")
    static void nothing() {
      nested(3);
    }

    @AgentExecution("nested")
    static void nested(int depth) {
      if (depth > 1) {
        nested(depth - 1);
      }
    }

    @AgentExecution("failing")
    static void failing(String prompt) {
      throw FAILURE;
    }

    @AgentExecution("cancelled")
    static void cancelled() {
      throw new CompletionException(new CancellationException("user went away"));
    }

    @AgentExecution(
        value = "hostile",
        metadata = {"bad=request.broken", "none=request.missing", "odd=object"})
    static void hostile(Hostile request, Object object) {}

    @AgentExecution(value = "quality", quality = "result")
    static double quality(double score) {
      return score;
    }

    @AgentExecution("late-quality")
    static void facadeQuality() {
      CurrentExecution.quality(0.25);
    }
  }

  /** Getters that should not have been called. */
  public static final class Hostile {
    public String getBroken() {
      throw new IllegalArgumentException("secret value");
    }

    @Override
    public String toString() {
      throw new IllegalStateException("toString was called");
    }
  }

  public static void main(String[] arguments) throws IOException {
    new Router()
        .route(
            new Request(
                "Warum fällt die Verbindung aus? \u4e2d\ud83d\ude00",
                CORRELATION,
                "session-7",
                "acme",
                new ArrayList<>(List.of("db", "urgent"))));
    check(
        new SpecialHandler().handle("one", UUID.fromString(CORRELATION)).equals("base special one"),
        "super call");
    check(HTTPShapes.primitive(1, 2L, 3.5, (byte) 4) == 10, "primitives");
    HTTPShapes.nothing();
    try {
      HTTPShapes.failing("boom");
      check(false, "an exception");
    } catch (IllegalStateException e) {
      check(e == HTTPShapes.FAILURE, "the same exception");
      check(e.getSuppressed().length == 0, "nothing added to it");
    }
    try {
      HTTPShapes.cancelled();
    } catch (CompletionException expected) {
      check(expected.getCause() instanceof CancellationException, "the same cause");
    }
    HTTPShapes.hostile(new Hostile(), new Hostile());
    HTTPShapes.quality(1.5);
    HTTPShapes.quality(Double.NaN);
    HTTPShapes.facadeQuality();
    new Router().parse(null); // Outside an execution.
    check(CurrentExecution.executionId().isEmpty(), "nothing runs any more");
    System.out.println("done");
    int end = System.in.read(); // Until the rows are there: the journal is in memory.
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      System.out.println("WRONG " + what);
    }
  }
}
