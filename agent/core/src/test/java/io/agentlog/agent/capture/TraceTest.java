package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.Event;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Prompts with their instructions become events as far as the policy says. */
class TraceTest extends TraceFixture {
  @Test
  void startRecordsPromptAndInstructionsAfterTheStart() throws Exception {
    end(run("fix it", "be brief"));

    List<Event> events = events();
    assertThat(events).extracting(event -> event.header().seq()).containsExactly(1, 2, 3);
    Event.Prompt prompt = (Event.Prompt) events.get(1);
    assertThat(prompt.prompt()).isEqualTo("fix it");
    assertThat(prompt.promptSha256()).isEqualTo(sha256("fix it"));
    assertThat(prompt.instructions()).isEqualTo("be brief");
    assertThat(prompt.instructionsLength()).isEqualTo(8);
    assertThat(prompt.instructionsSha256()).isEqualTo(sha256("be brief"));
    assertThat(prompt.metadata()).isEmpty();
    assertThat(prompt.header().agentName()).isEqualTo("tester");
  }

  @Test
  void executionWithoutPromptAndInstructionsHasNoPromptEvent() {
    end(run(null, null));
    end(run(null, ""));
    assertThat(prompts()).isEmpty();
    end(run(null, "i"));
    end(run("p", null));
    assertThat(prompts()).extracting(Event.Prompt::prompt).containsExactly(null, "p");
  }

  @Test
  void otherInstructionsAreAnotherPromptEventAndTheSameAreNone() {
    Object token = run("p", "A");
    bridge.onInstructions("A");
    bridge.onInstructions("B");
    bridge.onInstructions(new String("B".toCharArray()));
    bridge.onInstructions("");
    bridge.onInstructions(null);
    bridge.onInstructions("A");
    end(token);
    bridge.onInstructions("C");

    List<Event.Prompt> prompts = prompts();
    assertThat(prompts).extracting(Event.Prompt::instructions).containsExactly("A", "B", "A");
    assertThat(prompts).extracting(Event.Prompt::prompt).containsOnly("p");
    assertThat(prompts).extracting(Event.Prompt::id).doesNotHaveDuplicates();
    assertThat(counters.get(Counter.OUTSIDE_EXECUTION)).isEqualTo(1);
  }

  @Test
  void instructionsBeyondTheLimitOfAnExecutionAreCountedAndSaid() {
    Object token = run("p", "A");
    for (int i = 0; i < Trace.EXECUTION_PROMPTS_MAX + 6; i++) {
      bridge.onInstructions("changed " + i);
      bridge.onInstructions("changed " + i);
    }
    end(token);

    List<Event> events = events();
    assertThat(events).hasSize(1 + Trace.EXECUTION_PROMPTS_MAX + 1);
    Event.Completed end = (Event.Completed) events.get(events.size() - 1);
    assertThat(end.metadata()).containsEntry("prompts_omitted", 7L);
    assertThat(counters.get(Counter.PROMPTS_OMITTED)).isEqualTo(7);
  }

  @Test
  void nothingIsReadUnlessTheWholeTraceIsRecorded() {
    bridge = bridge("traceability", "false");
    Object token = bridge.onEnter(getClass(), EXECUTION, null, new Object[] {"p", new Object()});
    bridge.onInstructions("B");
    assertThat(bridge.onRecordsIntelligence()).isFalse();
    bridge.onIntelligence(new Object[] {"name"});
    found(SEARCH, List.of(Map.of("name", "n")));
    end(token);

    assertThat(events()).hasSize(2);
    assertThat(counters.get(Counter.OUTSIDE_EXECUTION)).isZero();
  }

  @Test
  void policyForPromptsHoldsForInstructions() throws Exception {
    bridge = bridge("traceability", "true", "redact", "all");
    end(run("ask " + MAIL, "tell " + MAIL));
    Event.Prompt redacted = prompts().get(0);
    assertThat(redacted.prompt()).isEqualTo("ask [REDACTED:email]");
    assertThat(redacted.instructions()).isEqualTo("tell [REDACTED:email]");
    assertThat(redacted.metadata().keySet())
        .containsExactlyInAnyOrder("user_prompt_redacted", "agent_instructions_redacted");

    bridge = bridge("traceability", "true", "capture.prompt", "none", "capture.prompt.agents", "");
    end(run("ask", "tell " + MAIL));
    Event.Prompt omitted = prompts().get(0);
    assertThat(omitted.instructions()).isNull();
    assertThat(omitted.instructionsSha256()).isNull();
    assertThat(omitted.instructionsLength()).isEqualTo(5 + MAIL.length());
    assertThat(omitted.metadata().keySet())
        .containsExactlyInAnyOrder("user_prompt_omitted", "agent_instructions_omitted");

    bridge =
        bridge(
            "traceability", "true", "capture.prompt", "none", "capture.prompt.agents", "t*:hash");
    Object token = run("ask", "A");
    bridge.onInstructions("B");
    end(token);
    List<Event.Prompt> hashed = prompts();
    assertThat(hashed)
        .extracting(Event.Prompt::instructionsSha256)
        .containsExactly(sha256("A"), sha256("B"));
    assertThat(hashed).extracting(Event.Prompt::instructions).containsOnlyNulls();
    assertThat(hashed.get(1).metadata().keySet())
        .containsExactlyInAnyOrder("user_prompt_hashed", "agent_instructions_hashed");
  }

  @Test
  @SuppressWarnings("UnnecessaryStringBuilder") // A text that is no String.
  void textsBeyondTheLimitAreCutAndFlaggedAndNeverLost() throws Exception {
    String prompt = "p".repeat(2_000_000);
    String instructions = "\u4e2d".repeat(2_000_000);
    Object token = run(new StringBuilder(prompt), instructions);
    bridge.onInstructions(instructions + "!");
    end(token);

    List<Event.Prompt> prompts = prompts();
    assertThat(prompts).hasSize(2);
    for (Event.Prompt each : prompts) {
      assertThat(each.prompt()).isEqualTo("p".repeat(1_000));
      assertThat(each.promptLength()).isEqualTo(2_000_000);
      assertThat(each.instructions()).isEqualTo("\u4e2d".repeat(500));
      assertThat(each.instructionsSha256()).isEqualTo(sha256("\u4e2d".repeat(500)));
      assertThat(each.metadata())
          .containsEntry("user_prompt_truncated", true)
          .containsEntry("agent_instructions_truncated", true);
    }
    assertThat(prompts.get(1).instructionsLength()).isEqualTo(2_000_001);
  }
}
