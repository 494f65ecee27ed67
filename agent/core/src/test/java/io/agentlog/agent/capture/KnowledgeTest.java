package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.event.Event;
import io.agentlog.log.CapturedLog;
import io.agentlog.log.DeferredLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Used knowledge becomes events as far as the policy says. */
class KnowledgeTest extends TraceFixture {
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
    assertThat(first.usageContext()).isEqualTo("planning");
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
      "n",
      "k",
      "s",
      "c",
      "i-1",
      0.25,
      4,
      true,
      false,
      -0.5,
      "y".repeat(300),
      "q",
      "for " + MAIL,
      "of a newer jar"
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
    assertThat(first.usageContext()).isEqualTo("for " + MAIL);
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
      assertThat(log.lines()).filteredOn(line -> line.contains("KnowledgeTest.search")).hasSize(1);
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
}
