package io.agentlog.agent.capture.value;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.FakeLibrary;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CorrelationId;
import io.agentlog.annotations.Metadata;
import io.agentlog.annotations.Prompt;
import io.agentlog.annotations.QualityScore;
import io.agentlog.annotations.SessionId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeclaredTypesTest {
  private static final String HERE = "Lio/agentlog/agent/capture/value/DeclaredTypesTest$";

  private final List<String> failures = new ArrayList<>();
  private final Members members = new Members(type -> {});

  @TempDir private Path classes;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Ljava/lang/String;",
        "Ljava/lang/CharSequence;",
        "Ljava/lang/Object;",
        "Ljava/lang/StringBuilder;",
        "Ljava/util/UUID;",
        "Ljava/lang/Integer;",
        "Ljava/math/BigDecimal;",
        "Ljava/lang/Character;",
        "Ljava/util/concurrent/TimeUnit;",
        "Ljava/util/Optional;",
        "Ljava/util/OptionalLong;",
        "J",
        "C",
        "Lapp/Missing;", // May be anything.
      })
  void typeMayHoldAText(String descriptor) {
    assertThat(types("(" + descriptor + ")V").mayHoldText(0)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Z",
        "Ljava/lang/Boolean;",
        "[C",
        "[Ljava/lang/String;",
        "Ljava/util/List;",
        "Ljava/util/OptionalDouble;",
        "Lio/agentlog/agent/capture/value/DeclaredTypesTest$Named;",
      })
  void typeHoldsNoText(String descriptor) {
    assertThat(types("(" + descriptor + ")V").mayHoldText(0)).isFalse();
  }

  @Test
  void parametersAreToldApartWhateverStandsBeforeThem() {
    DeclaredTypes types = types("([[Ljava/lang/String;J[I" + HERE + "Named;Z)Ljava/lang/String;");

    assertThat(IntStream.range(0, 5).mapToObj(types::mayHoldText))
        .containsExactly(false, true, false, false, false);
    assertThat(types.namedMember(3, "prompt")).isNotNull();
    assertThat(failures).isEmpty();
  }

  @Test
  void parameterThatTheDescriptorDoesNotHaveIsUnknown() {
    DeclaredTypes types = types("()V", "a");

    assertThat(types.mayHoldText(0)).isTrue();
    assertThat(types.markedMembers(0)).isEmpty();
    assertThat(types.namedMember(0, "prompt")).isNull();
    assertThat(types.headers(0)).isNull();
  }

  @Test
  void typeThatIsMissingIsReportedWithItsParameterAndLeavesTheOthers() {
    DeclaredTypes types = types("(Lapp/Missing;" + HERE + "Named;)V", "gone", "named");

    assertThat(types.namedMember(0, "prompt")).isNull();
    assertThat(types.markedMembers(0)).isEmpty();
    assertThat(types.namedMember(1, "prompt")).isNotNull();
    assertThat(failures).singleElement().asString().startsWith("gone: ").contains("app/Missing");
  }

  @Test
  void namedMemberIsAComponentAGetterOrAPublicFieldThatMayHoldAText() {
    DeclaredTypes types = types("(" + HERE + "Named;)V");

    assertThat(types.namedMember(0, "prompt").getName()).isEqualTo("getPrompt");
    assertThat(types.namedMember(0, "sessionId").getName()).isEqualTo("sessionId");
    assertThat(types.namedMember(0, "userPrompt")).isNull(); // A list.
    assertThat(types.namedMember(0, "urgent")).isNull(); // A flag.
    assertThat(types.namedMember(0, "hidden")).isNull();
    assertThat(types.namedMember(0, "shared")).isNull();
    assertThat(types("(" + HERE + "Answer;)V").namedMember(0, "text").getName()).isEqualTo("text");
  }

  @Test
  void methodThatOnlyHasTheNameIsNoMemberOfThatName() {
    assertThat(types("(" + HERE + "ChatClient;)V").namedMember(0, "prompt")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Ljava/lang/Thread;", "[Ljava/lang/Thread;", "J", "Ljava/lang/String;"})
  void membersOfTheJdksTypesAreNotSearched(String descriptor) {
    DeclaredTypes types = types("(" + descriptor + ")V");

    assertThat(types.namedMember(0, "name")).isNull();
    assertThat(types.markedMembers(0)).isEmpty();
    assertThat(types.headers(0)).isNull();
    assertThat(failures).isEmpty();
  }

  @Test
  void membersWithMarksAreThoseOfTheClassThenOfItsSupertypesMethodsFirst() {
    List<MarkedMember> marked = types("(" + HERE + "Marked;)V").markedMembers(0);

    assertThat(marked)
        .extracting(each -> each.mark() + " " + each.member().getName())
        .containsExactly(
            "Metadata getModel",
            "Prompt getText",
            "CorrelationId ticket",
            "SessionId getSession",
            "CorrelationId getTicket");
    assertThat(marked).extracting(MarkedMember::metadataKey).startsWith("model", (String) null);
    assertThat(failures).isEmpty();
  }

  @Test
  void markOfAComponentIsThatOfItsAccessorOnce() {
    List<MarkedMember> marked = types("(" + HERE + "Answer;)V").markedMembers(0);

    assertThat(marked).extracting(MarkedMember::mark).containsOnly("QualityScore");
    assertThat(marked).allMatch(each -> each.member() instanceof java.lang.reflect.Method);
  }

  @Test
  void markOnWhatCantBeReadIsReportedAndLeftOut() {
    assertThat(types("(" + HERE + "Misplaced;)V").markedMembers(0))
        .extracting(each -> each.member().getName())
        .containsExactly("good");
    assertThat(failures)
        .hasSize(3)
        .allMatch(each -> each.startsWith("p0: "))
        .anyMatch(each -> each.contains("withParameter"))
        .anyMatch(each -> each.contains("nothing"))
        .anyMatch(each -> each.contains("shared"));
  }

  @Test
  void membersOfATypeThatMentionsAMissingOneAreReportedAndLeftOut() throws Exception {
    ClassLoader loader =
        FakeLibrary.load(
            classes,
            "package app; public class Gone {}",
            """
            package app;
            public class Request {
              public Gone getGone() { return null; }
              public String getPrompt() { return null; }
            }
            """);
    Files.delete(classes.resolve("app/Gone.class"));
    DeclaredTypes types =
        new DeclaredTypes(
            spec("(Lapp/Request;)V", "request"),
            loader.loadClass("app.Request"),
            members,
            this::failed);

    assertThat(types.markedMembers(0)).isEmpty();
    assertThat(types.namedMember(0, "prompt")).isNull();
    assertThat(failures).isNotEmpty().allMatch(each -> each.startsWith("request: "));
    assertThat(failures).allMatch(each -> each.contains("app/Gone"));
  }

  @Test
  void headersOfAnUnknownVersionAreReportedAndLeftOut() throws Exception {
    String name = "org.apache.kafka.clients.consumer.ConsumerRecord";
    ClassLoader loader =
        FakeLibrary.load(
            classes, "package org.apache.kafka.clients.consumer; public class ConsumerRecord {}");
    DeclaredTypes types =
        new DeclaredTypes(
            spec("(L" + name.replace('.', '/') + ";)V", "message"),
            loader.loadClass(name),
            members,
            this::failed);

    assertThat(types.headers(0)).isNull();
    assertThat(failures).singleElement().asString().startsWith("message: ").contains(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Ljava/lang/Object;",
        "Ljava/util/List;",
        "Ljava/util/Optional;",
        "Ljava/util/concurrent/CompletableFuture;",
        HERE + "Later;",
        HERE + "Answer;",
        "Lapp/Missing;",
      })
  void resultMayHaveAMarkedScore(String descriptor) {
    assertThat(types("()" + descriptor).resultMayBeMarked()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"V", "D", "[Ljava/lang/Object;", "Ljava/lang/String;", HERE + "Plain;"})
  void resultCantHaveAMarkedScore(String descriptor) {
    assertThat(types("(Ljava/lang/Object;)" + descriptor).resultMayBeMarked()).isFalse();
  }

  @Test
  void markedScoreOfAClassIsRead() throws Throwable {
    MemberReader reader = DeclaredTypes.qualityReader(Answer.class, members);

    assertThat(reader.read(new Answer("text", 0.5))).isEqualTo(0.5);
  }

  @Test
  void classWithoutAMarkedScoreIsNoFailureAndOneWhoseScoreCantBeReadIs() {
    MemberReader absent = DeclaredTypes.qualityReader(Plain.class, members);
    MemberReader unreadable = DeclaredTypes.qualityReader(StaticScore.class, members);

    assertThat(absent.isReadable()).isFalse();
    assertThat(absent.mayReadOrFail()).isFalse();
    assertThat(unreadable.isReadable()).isFalse();
    assertThat(unreadable.mayReadOrFail()).isTrue();
  }

  private DeclaredTypes types(String descriptor, String... names) {
    return new DeclaredTypes(
        spec(descriptor, names), DeclaredTypesTest.class, members, this::failed);
  }

  private void failed(String path, String reason) {
    failures.add(path + ": " + reason);
  }

  /** With parameters {@code p0} and so on unless they have names. */
  private static MethodSpec spec(String descriptor, String... names) {
    List<ParameterSpec> parameters =
        IntStream.range(0, 8)
            .mapToObj(i -> new ParameterSpec(i < names.length ? names[i] : "p" + i, Set.of(), null))
            .toList();
    return new MethodSpec("app.A", "run", descriptor, true, parameters, null, null, null);
  }

  /** Members by their names alone. */
  public static class Named {
    public static final String shared = "c";
    public final String sessionId = "s";
    final String hidden = "h";

    public String getPrompt() {
      return "p";
    }

    public List<String> getUserPrompt() {
      return List.of();
    }

    public boolean isUrgent() {
      return true;
    }
  }

  interface ChatClient {
    CharSequence prompt();
  }

  interface Ticketed {
    @CorrelationId
    default String getTicket() {
      return "t";
    }
  }

  static class Base {
    @SessionId
    String getSession() {
      return "s";
    }
  }

  static class Marked extends Base implements Ticketed {
    @CorrelationId final String ticket = "f";

    @Prompt
    String getText() {
      return "p";
    }

    @Metadata("model")
    String getModel() {
      return "m";
    }

    @AgentExecution("not of a value")
    void run() {}
  }

  static class Misplaced {
    @Prompt static final String shared = "s";
    @Prompt final String good = "g";

    @Prompt
    String withParameter(String parameter) {
      return parameter;
    }

    @Prompt
    void nothing() {}
  }

  record Answer(String text, @QualityScore double score) {}

  record Plain(String text) {}

  record StaticScore(String text) {
    @QualityScore static final double SCORE = 1;
  }

  static final class Later extends CompletableFuture<String> {}
}
