package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CurrentExecution;
import io.agentlog.annotations.Instructions;
import io.agentlog.annotations.IntelligenceUsed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** An application whose agents follow instructions and use knowledge, in every way there is. */
final class TraceApp {
  static final String FIRST = "instructions one: be brief";
  static final String SECOND = "instructions two: be thorough";
  static final String PROMPT = "prompt: why does it fail?";
  static final String CONTENT = "content of a document, which only the option may keep";
  static final int DOCUMENTS = 60;

  private TraceApp() {}

  record Request(String prompt, @Instructions String role) {}

  record Document(String id, String title, double score, String text) {}

  @AgentExecution(value = "by-path", instructions = "role.text")
  static void byPath(String prompt, Map<String, String> role) {}

  @AgentExecution("by-mark")
  static void byMark(Request request) {}

  /** Marked by a rule alone. */
  static final class Ruled {
    String answer(String question, String role) {
      return question + role.length();
    }
  }

  @AgentExecution("by-facade")
  static void byFacade(String prompt, String... instructions) {
    for (String each : instructions) {
      CurrentExecution.instructions(each);
    }
  }

  @IntelligenceUsed(
      type = "pattern",
      source = "qdrant",
      collection = "docs",
      context = "planning",
      query = "question")
  static List<Document> search(String question) {
    List<Document> found = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      found.add(new Document("d-" + i, "title " + i, 1.0 - i / 100.0, CONTENT + i));
    }
    return found;
  }

  @IntelligenceUsed(source = "postgres", name = "item", applied = "true")
  static CompletableFuture<List<String>> later(CompletableFuture<List<String>> source) {
    return source;
  }

  @IntelligenceUsed(type = "schema", items = "document", applied = "true")
  static void apply(Document document) {}

  /** Can have no effect, which the agent says. */
  @IntelligenceUsed
  static void useless() {}

  @AgentExecution("searcher")
  static void searcher(String prompt) {
    Document best = search("the question").get(0);
    apply(best);
    CompletableFuture<List<String>> source = new CompletableFuture<>();
    CompletableFuture<List<String>> mine = later(source);
    source.complete(List.of("late one", "late two"));
    if (mine != source) {
      throw new IllegalStateException("the application's own future was replaced");
    }
    CurrentExecution.intelligence("by hand")
        .kind("model")
        .source("memgraph")
        .score(0.5)
        .applied(true)
        .contributed(true)
        .impact(0.25)
        .summary(CONTENT)
        .record();
  }

  public static void main(String[] arguments) throws Exception {
    for (String each : List.of(FIRST, FIRST, SECOND)) {
      byPath(PROMPT, Map.of("text", each));
      byMark(new Request(PROMPT, each));
      new Ruled().answer(PROMPT, each);
    }
    byFacade(PROMPT, FIRST, FIRST, SECOND);
    searcher(PROMPT);
    useless();
    search("outside"); // No execution: counted.
    CurrentExecution.intelligence("outside").score(1).record();
    System.out.println("done");
    while (System.in.read() >= 0) {
      // Until the test has seen enough.
    }
  }
}
