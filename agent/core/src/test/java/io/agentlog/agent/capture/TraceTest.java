package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.privacy.TraceOptions;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.journal.JournalReader;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.config.ConfigLoader;
import io.agentlog.event.Event;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.InstanceFacts;
import io.agentlog.log.CapturedLog;
import io.agentlog.log.DeferredLog;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Prompts with their instructions, and used knowledge, become events as far as the policy says. */
class TraceTest {
  private static final UUID INSTANCE = new UUID(1, 2);
  private static final int EXECUTION = 0;
  private static final int SEARCH = 1;
  private static final int PATHS = 2;
  private static final int LATER = 3;
  private static final int APPLY = 4;
  private static final String MAIL = "secret.person@example.com";

  private final HeapJournal journal = new HeapJournal(INSTANCE, 32 << 20);
  private final JournalReader reader = journal.openReader("test");
  private final EventDecoder decoder =
      new EventDecoder(new InstanceFacts(INSTANCE, null, null, null, null));
  private final Counters counters = new Counters();
  private final List<String> failures = new ArrayList<>();
  private CaptureBridge bridge = bridge("traceability", "true");

  /** An item of an application, whose score is no guess of a name. */
  record Pattern(UUID id, String title, double score, String text, Object used) {}

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

  @Test
  void eachElementOfAListIsAnItemWithItsRank() {
    UUID id = new UUID(7, 8);
    Object token = run("p", null);
    found(
        SEARCH,
        List.of(
            new Pattern(id, "retry", 0.75, "long text", null),
            Map.of("id", "doc-2", "name", "cache", "score", 1.5, "content", "c")));
    end(token);

    List<Event.IntelligenceUsage> items = items();
    assertThat(items).extracting(Event.IntelligenceUsage::rank).containsExactly(1, 2);
    Event.IntelligenceUsage first = items.get(0);
    assertThat(first.kind()).isEqualTo("pattern");
    assertThat(first.source()).isEqualTo("qdrant");
    assertThat(first.collection()).isEqualTo("patterns");
    assertThat(first.name()).isEqualTo("retry");
    assertThat(first.itemId().id()).isEqualTo(id);
    assertThat(first.confidence()).isEqualTo(0.75);
    assertThat(first.applied()).isNull();
    assertThat(first.summary()).isNull();
    assertThat(first.query()).isNull();
    assertThat(first.queryMicros()).isNotNegative();
    Event.IntelligenceUsage second = items.get(1);
    assertThat(second.name()).isEqualTo("cache");
    assertThat(second.itemId().raw()).isEqualTo("doc-2");
    assertThat(second.confidence()).isNull();
    assertThat(second.metadata()).containsEntry("confidence_score_rejected", 1.5);
    assertThat(failures).isEmpty();
  }

  @Test
  void singleItemHasNoRankAndNullIsNoItem() {
    Object token = run("p", null);
    found(SEARCH, Map.of("name", "only"));
    found(SEARCH, null);
    found(SEARCH, List.of());
    found(SEARCH, new Object[] {"text of a chunk", null, Map.of("name", "third")});
    found(SEARCH, Stream.of(Map.of("name", "lost")));
    end(token);

    assertThat(items()).extracting(Event.IntelligenceUsage::rank).containsExactly(null, 1, 3);
    assertThat(failures).hasSize(1);
    assertThat(failures.get(0)).contains("can be read only once");
  }

  @Test
  void textsOfItemsAreKeptOnRequestAndCut() {
    bridge = bridge("traceability", "true", "capture.retrieval", "full", "redact", "all");
    String text = "\ud83d\ude00".repeat(150) + " write to " + MAIL + " " + "x".repeat(9_000);
    Object token = run("p", null);
    Object call = bridge.onEnter(getClass(), SEARCH, null, new Object[] {"who is " + MAIL});
    bridge.onExit(call, List.of(text, Map.of("text", "short"), (MAIL + " ").repeat(1_000)), null);
    end(token);

    List<Event.IntelligenceUsage> items = items();
    String summary = items.get(0).summary();
    assertThat(summary.codePointCount(0, summary.length())).isEqualTo(200);
    assertThat(summary).contains(" write to [REDACTED:email] xxx").doesNotContain("secret");
    assertThat(items.get(0).name()).isNull();
    assertThat(items.get(0).metadata())
        .containsEntry("intelligence_summary_redacted", true)
        .containsEntry("query_used_redacted", true);
    assertThat(items.get(1).summary()).isEqualTo("short");
    assertThat(items.get(2).summary()).doesNotContain("secret", "person");
    assertThat(items)
        .extracting(Event.IntelligenceUsage::query)
        .containsOnly("who is [REDACTED:email]");
  }

  @Test
  void pathsMayBeginWithTheItemTheCallOrTheResult() {
    Object token = run("p", null);
    Object call = bridge.onEnter(getClass(), PATHS, null, new Object[] {"arg", 0.5});
    bridge.onExit(
        call, Map.of("hits", List.of(new Pattern(null, "t", 0, "name below", true))), null);
    end(token);

    Event.IntelligenceUsage item = items().get(0);
    assertThat(item.name()).isEqualTo("name below");
    assertThat(item.confidence()).isEqualTo(0.5);
    assertThat(item.applied()).isTrue();
    assertThat(item.itemId()).isNull();
    assertThat(failures).isEmpty();
  }

  @Test
  void methodThatReturnsNothingAppliesItsArgument() {
    Object token = run("p", null);
    Object call = bridge.onEnter(getClass(), APPLY, null, new Object[] {Map.of("name", "given")});
    bridge.onExit(call, null, null);
    end(token);
    assertThat(items()).extracting(Event.IntelligenceUsage::name).containsExactly("given");
    assertThat(items()).isEmpty(); // Read already.
  }

  @Test
  void itemsBeyondTheLimitOfACallAreCountedAndSaid() {
    Object token = run("p", null);
    found(SEARCH, IntStream.range(0, 60).mapToObj(i -> Map.of("name", "n" + i)).toList());
    end(token);

    List<Event> events = events();
    assertThat(items(events)).hasSize(50);
    assertThat(items(events).get(49).name()).isEqualTo("n49");
    assertThat(items(events).get(49).rank()).isEqualTo(50);
    Event.Completed end = (Event.Completed) events.get(events.size() - 1);
    assertThat(end.metadata()).containsEntry("intelligence_omitted", 10L);
    assertThat(counters.get(Counter.INTELLIGENCE_OMITTED)).isEqualTo(10);
  }

  @Test
  void itemsBeyondTheLimitOfAnExecutionAreCountedAndSaid() {
    List<?> fifty = IntStream.range(0, 50).mapToObj(i -> Map.of("name", "n" + i)).toList();
    Object token = run("p", null);
    for (int i = 0; i < 19; i++) {
      found(SEARCH, fifty);
    }
    for (int i = 0; i < 49; i++) {
      bridge.onIntelligence(new Object[] {"by hand"});
    }
    found(SEARCH, fifty);
    bridge.onIntelligence(new Object[] {"one too many"});
    end(token);

    List<Event> events = events();
    assertThat(items(events)).hasSize(Trace.EXECUTION_ITEMS_MAX);
    Event.Completed end = (Event.Completed) events.get(events.size() - 1);
    assertThat(end.metadata()).containsEntry("intelligence_omitted", 50L);
    assertThat(counters.get(Counter.INTELLIGENCE_OMITTED)).isEqualTo(50);
  }

  @Test
  void resultThatIsCompleteLaterIsReadThen() {
    Object token = run("p", null);
    CompletableFuture<List<Map<String, String>>> future = new CompletableFuture<>();
    Object call = bridge.onEnter(getClass(), LATER, null, new Object[] {"q"});
    assertThat(bridge.onExit(call, future, null)).isSameAs(future);
    CompletableFuture<Object> failed = new CompletableFuture<>();
    bridge.onExit(bridge.onEnter(getClass(), LATER, null, new Object[] {"q"}), failed, null);
    failed.completeExceptionally(new IllegalStateException());
    assertThat(items()).isEmpty();
    future.complete(List.of(Map.of("name", "late")));
    end(token);
    assertThat(items()).extracting(Event.IntelligenceUsage::name).containsExactly("late");
  }

  /** A list of an application whose third element can't be had. */
  static final class Broken extends ArrayList<Object> {
    private static final long serialVersionUID = 1;

    @Override
    public java.util.Iterator<Object> iterator() {
      return new java.util.Iterator<>() {
        private int next;

        @Override
        public boolean hasNext() {
          return true;
        }

        @Override
        public Object next() {
          if (next == 2) {
            throw new StackOverflowError();
          }
          return Map.of("name", "n" + next++);
        }
      };
    }
  }

  /** An item that throws whatever is asked of it. */
  @SuppressWarnings("DoNotCallSuggester")
  static final class Hostile {
    public String getText() {
      throw new LinkageError(MAIL);
    }

    public String getName() {
      throw new AssertionError("a guessed getter is not called");
    }

    @Override
    public String toString() {
      throw new AssertionError();
    }
  }

  @Test
  void hostileItemsHarmNobody() {
    Object token = run("p", null);
    found(SEARCH, new Broken());
    found(SEARCH, new Hostile());
    Object call = bridge.onEnter(getClass(), PATHS, null, new Object[] {"arg", Double.NaN});
    bridge.onExit(call, Map.of("hits", new Hostile()), null);
    end(token);

    List<Event.IntelligenceUsage> items = items();
    assertThat(items)
        .extracting(Event.IntelligenceUsage::name)
        .containsExactly("n0", "n1", null, null);
    assertThat(items.get(3).confidence()).isNull();
    assertThat(failures).hasSize(3);
    assertThat(failures.toString())
        .contains("java.lang.StackOverflowError", "java.lang.LinkageError", "used")
        .doesNotContain(MAIL);
    assertThat(counters.get(Counter.SUPPRESSED)).isZero();
    assertThat(bridge.onExecutionId()).isNull();
  }

  @Test
  void knowledgeOfTheFacadeIsKeptAsGiven() {
    bridge = bridge("traceability", "true", "capture.retrieval", "full");
    Object token = run("p", null);
    Object[] all = {
      "n", "k", "s", "c", "i-1", 0.25, 4, true, false, -0.5, "y".repeat(300), "q", "of a newer jar"
    };
    assertThat(bridge.onRecordsIntelligence()).isTrue();
    bridge.onIntelligence(all);
    bridge.onIntelligence(new Object[] {MAIL, 5, null, null, "", -2.0, -1, "x", null, 7.0});
    end(token);

    List<Event.IntelligenceUsage> items = items();
    Event.IntelligenceUsage first = items.get(0);
    assertThat(first.name()).isEqualTo("n");
    assertThat(first.kind()).isEqualTo("k");
    assertThat(first.source()).isEqualTo("s");
    assertThat(first.collection()).isEqualTo("c");
    assertThat(first.itemId().raw()).isEqualTo("i-1");
    assertThat(first.confidence()).isEqualTo(0.25);
    assertThat(first.rank()).isEqualTo(4);
    assertThat(first.applied()).isTrue();
    assertThat(first.contributed()).isFalse();
    assertThat(first.qualityImpact()).isEqualTo(-0.5);
    assertThat(first.summary()).isEqualTo("y".repeat(200));
    assertThat(first.query()).isEqualTo("q");
    assertThat(first.queryMicros()).isNull();
    Event.IntelligenceUsage second = items.get(1);
    assertThat(second.rank()).isNull();
    assertThat(second.applied()).isNull();
    assertThat(second.qualityImpact()).isNull();
    assertThat(second.metadata())
        .containsEntry("confidence_score_rejected", -2.0)
        .containsEntry("quality_impact_rejected", 7.0);
  }

  @Test
  void useOutsideAnExecutionIsCountedAndTheMethodIsNamedOnce() {
    try (CapturedLog log = new CapturedLog()) {
      assertThat(bridge.onEnter(getClass(), SEARCH, null, new Object[] {"q"})).isNull();
      assertThat(bridge.onEnter(getClass(), SEARCH, null, new Object[] {"q"})).isNull();
      assertThat(bridge.onRecordsIntelligence()).isFalse();
      bridge.onIntelligence(new Object[] {"n"});
      DeferredLog.flush();
      assertThat(log.lines()).filteredOn(line -> line.contains("TraceTest.search")).hasSize(1);
    }
    assertThat(counters.get(Counter.OUTSIDE_EXECUTION)).isEqualTo(4);
    assertThat(events()).isEmpty();
  }

  @Test
  void callThatThrowsRecordsNoItem() {
    Object token = run("p", null);
    Object call = bridge.onEnter(getClass(), APPLY, null, new Object[] {Map.of("name", "given")});
    bridge.onExit(call, null, new IllegalStateException());
    end(token);
    assertThat(items()).isEmpty();
  }

  private CaptureBridge bridge(String... options) {
    Properties properties = new Properties();
    for (int i = 0; i < options.length; i += 2) {
      properties.setProperty("agentlog." + options[i], options[i + 1]);
    }
    var config = ConfigLoader.load(null, properties, Map.of());
    CaptureLimits limits = new CaptureLimits(1_000, 1_000, 1_000);
    Capture capture =
        new Capture(
            journal,
            limits,
            Privacy.of(config, counters, line -> {}),
            TraceOptions.of(config),
            new Surroundings(type -> {}, counters),
            type -> {},
            counters);
    Map<Class<?>, List<MethodSpec>> specs = Map.of(getClass(), specs());
    MethodPlans plans =
        new MethodPlans(
            specs::get,
            limits,
            type -> {},
            (method, path, reason) -> failures.add(path + ": " + reason));
    return new CaptureBridge(plans, capture, counters);
  }

  private static List<MethodSpec> specs() {
    String any = "Ljava/lang/Object;";
    IntelligenceSpec guessed =
        new IntelligenceSpec("pattern", "qdrant", "patterns", "result", "", "", "", "", "", "");
    return List.of(
        new MethodSpec(
            TraceTest.class.getName(),
            "run",
            "(" + any + any + ")" + any,
            true,
            List.of(
                new ParameterSpec("prompt", Set.of(), null),
                new ParameterSpec("system", Set.of(), null)),
            new ExecutionSpec("tester", "", "", "", "", List.of(), "system"),
            null,
            null),
        method("search", "(Ljava/lang/String;)" + any, guessed, "query"),
        method(
            "paths",
            "(Ljava/lang/String;D)" + any,
            new IntelligenceSpec(
                "", "", "", "result.hits", "", "item.text", "score", "", "", "item.used"),
            "first",
            "score"),
        method(
            "later", "(Ljava/lang/String;)Ljava/util/concurrent/CompletableFuture;", guessed, "q"),
        method(
            "apply",
            "(" + any + ")V",
            new IntelligenceSpec("", "", "", "pattern", "", "", "", "", "", "true"),
            "pattern"));
  }

  private static MethodSpec method(
      String name, String descriptor, IntelligenceSpec spec, String... parameters) {
    return new MethodSpec(
            TraceTest.class.getName(),
            name,
            descriptor,
            true,
            Stream.of(parameters).map(each -> new ParameterSpec(each, Set.of(), null)).toList(),
            null,
            null,
            null)
        .marked(null, spec);
  }

  private Object run(Object prompt, String instructions) {
    return bridge.onEnter(getClass(), EXECUTION, null, new Object[] {prompt, instructions});
  }

  private void end(Object token) {
    bridge.onExit(token, "done", null);
  }

  private void found(int plan, Object result) {
    Object call = bridge.onEnter(getClass(), plan, null, new Object[] {"q"});
    bridge.onExit(call, result, null);
  }

  private List<Event> events() {
    var batch = reader.read(100_000, Long.MAX_VALUE);
    List<Event> events = batch.records().stream().map(decoder::decode).toList();
    reader.confirm(batch);
    return events;
  }

  private List<Event.Prompt> prompts() {
    return events().stream()
        .filter(Event.Prompt.class::isInstance)
        .map(Event.Prompt.class::cast)
        .toList();
  }

  private List<Event.IntelligenceUsage> items() {
    return items(events());
  }

  private static List<Event.IntelligenceUsage> items(Collection<Event> events) {
    return events.stream()
        .filter(Event.IntelligenceUsage.class::isInstance)
        .map(Event.IntelligenceUsage.class::cast)
        .toList();
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }
}
