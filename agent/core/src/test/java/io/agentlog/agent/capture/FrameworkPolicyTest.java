package io.agentlog.agent.capture;

import static io.agentlog.agent.capture.FrameworkFixture.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.framework.ModelAnswer;
import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.Retrieval;
import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.capture.framework.ToolCall;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.Event;
import io.agentlog.event.TokenCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the options keep and leave out of a framework's runs. */
class FrameworkPolicyTest {
  private static final String SECRET = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEF";

  @Test
  void argumentsAndResultsOfToolsAreKeptOnlyIfAskedFor() {
    for (String mode : List.of("names", "full", "nonsense")) {
      FrameworkFixture f = new FrameworkFixture("capture.tools", mode);
      Run run = f.begun("a");
      f.frameworks.tool("t", "c", "{\"key\": \"argument\"}").end(List.of("result"), "error");
      run.end(null, Map.of());
      List<Event.Progress> stages = f.events(Event.Progress.class);
      if (mode.equals("full")) {
        assertThat(stages.get(0).stageMetadata())
            .containsEntry("arguments", "{\"key\": \"argument\"}");
        assertThat(stages.get(1).stageMetadata()).containsEntry("result", List.of("result"));
      } else {
        assertThat(stages.toString()).doesNotContain("argument", "result");
      }
      assertThat(stages.get(1).stageMetadata()).containsEntry("error_type", "error");
    }
  }

  @Test
  void nothingThatAFrameworkHandsOverKeepsASecret() {
    FrameworkFixture f =
        new FrameworkFixture(
            "redact",
            "true",
            "capture.tools",
            "full",
            "traceability",
            "true",
            "capture.retrieval",
            "full");
    Run run = f.frameworks.begin(start("a"));
    run.start("prompt " + SECRET, "instructions " + SECRET, Map.of("m", SECRET));
    ToolCall tool = f.frameworks.tool("tool " + SECRET, SECRET, "argument " + SECRET);
    tool.end("result " + SECRET, "error " + SECRET);
    f.frameworks.stage("stage " + SECRET, Map.of("key", List.of(SECRET)));
    ModelCall model = f.model("model " + SECRET);
    model.end(
        new ModelAnswer(
            "answered " + SECRET, "because " + SECRET, TokenCounts.UNKNOWN, Map.of("x", SECRET)),
        new IllegalStateException("message " + SECRET));
    f.frameworks.knowledge(
        new Retrieval(
            "document",
            "store " + SECRET,
            SECRET,
            "query " + SECRET,
            5,
            List.of(new Retrieval.Item(SECRET, SECRET, 0.5, 1, true, "text " + SECRET))));
    run.end(new IllegalStateException(SECRET), Map.of("end", SECRET));
    assertThat(f.events()).hasSize(9);
    assertThat(f.events().toString()).doesNotContain(SECRET);
    assertThat(f.event(Event.Started.class, "a").metadata())
        .containsEntry("user_prompt_redacted", true)
        .containsEntry("m_redacted", true);
    assertThat(f.event(Event.ModelCall.class, "a").values().metadata())
        .containsEntry("error_message_redacted", true);
  }

  @Test
  void policyOfPromptsHoldsForPromptsAndInstructionsOfFrameworks() {
    FrameworkFixture f = new FrameworkFixture("capture.prompt", "none", "traceability", "true");
    Run run = f.frameworks.begin(start("a"));
    run.start("the prompt", "the instructions", Map.of());
    run.end(null, Map.of());
    assertThat(f.event(Event.Started.class, "a").prompt()).isNull();
    assertThat(f.event(Event.Started.class, "a").promptLength()).isEqualTo(10);
    assertThat(f.event(Event.Prompt.class, "a").instructionsLength()).isEqualTo(16);
    assertThat(f.events().toString()).doesNotContain("the prompt", "the instructions");
  }

  @Test
  void instructionsAreRecordedWithThePromptIfTheTraceIsOn() {
    for (boolean isOn : new boolean[] {true, false}) {
      FrameworkFixture f = new FrameworkFixture("traceability", String.valueOf(isOn));
      Run run = f.frameworks.begin(start("a"));
      run.start("the prompt", "be brief", Map.of());
      run.start("again", "be brief", Map.of());
      run.start("again", "be long", Map.of());
      run.end(null, Map.of());
      assertThat(f.events(Event.Prompt.class))
          .extracting(Event.Prompt::instructions)
          .isEqualTo(isOn ? List.of("be brief", "be long") : List.of());
    }
  }

  @Test
  void itemsOfKnowledgeAreRecordedOneByOne() {
    FrameworkFixture f = new FrameworkFixture("traceability", "true");
    assertThat(f.frameworks.recordsKnowledge()).isFalse();
    Run run = f.begun("a");
    assertThat(f.frameworks.recordsKnowledge()).isTrue();
    assertThat(f.frameworks.keepsKnowledgeTexts()).isFalse();
    UUID id = new UUID(7, 7);
    List<Retrieval.Item> items = new ArrayList<>();
    items.add(new Retrieval.Item(id, "guide", 0.75, 1, true, "text"));
    for (int i = 2; i <= Trace.CALL_ITEMS_MAX + 4; i++) {
      items.add(new Retrieval.Item("id" + i, null, i * 1.0, i, false, null));
    }
    f.frameworks.knowledge(new Retrieval("document", "qdrant", "docs", "why?", 1_500, items));
    run.end(null, Map.of());

    List<Event.IntelligenceUsage> used = f.events(Event.IntelligenceUsage.class);
    assertThat(used).hasSize(Trace.CALL_ITEMS_MAX);
    assertThat(f.counters.get(Counter.INTELLIGENCE_OMITTED)).isEqualTo(4);
    Event.IntelligenceUsage first = used.get(0);
    assertThat(first.kind()).isEqualTo("document");
    assertThat(first.source()).isEqualTo("qdrant");
    assertThat(first.collection()).isEqualTo("docs");
    assertThat(first.itemId().id()).isEqualTo(id);
    assertThat(first.name()).isEqualTo("guide");
    assertThat(first.confidence()).isEqualTo(0.75);
    assertThat(first.rank()).isEqualTo(1);
    assertThat(first.applied()).isTrue();
    assertThat(first.queryMicros()).isEqualTo(1_500);
    assertThat(first.query()).isNull();
    assertThat(first.summary()).isNull();
    assertThat(used.get(1).confidence()).isNull();
    assertThat(used.get(1).metadata()).containsEntry("confidence_score_rejected", 2.0);
  }

  @Test
  void withoutTheTraceNoKnowledgeIsRecorded() {
    FrameworkFixture f = new FrameworkFixture();
    Run run = f.begun("a");
    assertThat(f.frameworks.recordsKnowledge()).isFalse();
    f.frameworks.knowledge(
        new Retrieval(
            "document",
            null,
            null,
            null,
            -1,
            List.of(new Retrieval.Item(1, null, null, 0, null, null))));
    run.end(null, Map.of());
    assertThat(f.events()).hasSize(2);
  }

  @Test
  void disabledAgentsAreNotRecordedAndTheirCallsBelongToTheExecutionAround() {
    FrameworkFixture f = new FrameworkFixture("agents.disabled", "secret*");
    Run around = f.begun("around");
    assertThat(f.frameworks.begin(start("secret-agent"))).isNull();
    assertThat(f.frameworks.beginElsewhere(start("secret-agent"))).isNull();
    f.callModel("m", 2, 1);
    around.end(null, Map.of());
    assertThat(f.event(Event.ModelCall.class, "around").values().tokens().input()).isEqualTo(2);
  }

  @Test
  void runsInsideAnAnnotatedExecutionAreItsStagesIfAskedFor() throws Exception {
    FrameworkFixture f = new FrameworkFixture("frameworks.in-execution", "stages");
    Object method = f.enterMethod();
    UUID id = f.bridge.onExecutionId();
    Run client = f.frameworks.begin(start("client"));
    assertThat(client.id()).isEqualTo(id);
    assertThat(f.frameworks.current()).isSameAs(client);
    client.start("p", null, Map.of("note", "n"));
    Run service = f.frameworks.begin(start("service"));
    assertThat(f.frameworks.current()).isSameAs(service);
    f.callModel("m", 4, 2);
    service.leaveBegun();
    assertThat(f.frameworks.current()).isSameAs(client);
    Thread thread =
        new Thread(
            () -> {
              Object entered = service.enter();
              assertThat(f.frameworks.current()).isSameAs(service);
              f.callModel("m", 4, 2);
              service.leave(entered);
              assertThat(f.bridge.onExecutionId()).isNull();
              service.end(new IllegalStateException(), Map.of());
              service.cancel();
            });
    thread.start();
    thread.join();
    client.end(null, Map.of("suspended", true));
    assertThat(f.frameworks.current()).isNull();
    f.bridge.onExit(method, null, null);
    service.end(null, Map.of());

    assertThat(f.events(Event.Started.class)).hasSize(1);
    assertThat(f.stages())
        .containsExactly(
            "ai_service:client",
            "model:m",
            "model:m",
            "ai_service:service",
            "ai_service:service",
            "ai_service:client");
    List<Event.Progress> stages = f.events(Event.Progress.class);
    assertThat(stages.get(0).stageMetadata()).containsEntry("note", "n");
    assertThat(stages.get(4).stageMetadata())
        .containsEntry("error_type", "IllegalStateException")
        .containsKey("stage_duration_ms");
    assertThat(stages.get(5).stageMetadata()).containsEntry("suspended", true);
    assertThat(f.event(Event.Completed.class, "desk").totals().tokens().input()).isEqualTo(8);

    Run own = f.begun("own"); // Outside an annotated execution it is one of its own.
    own.end(null, Map.of());
    assertThat(f.events(Event.Started.class)).hasSize(2);
  }
}
