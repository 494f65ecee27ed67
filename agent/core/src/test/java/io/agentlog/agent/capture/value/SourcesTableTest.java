package io.agentlog.agent.capture.value;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.capture.value.MethodSources.ExecutionSources;
import io.agentlog.annotations.CorrelationId;
import io.agentlog.annotations.Metadata;
import io.agentlog.annotations.Prompt;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rows 1 to 4 of the table in {@code docs/capture.md}, which a method's declared types decide on.
 * {@code IdentitySourcesTest} has those below.
 */
class SourcesTableTest {
  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private final List<String> failures = new ArrayList<>();
  private boolean isStatic;
  private Class<?> result = String.class;

  /** A parameter as it is declared. */
  private record Declared(Class<?> type, ParameterSpec spec) {}

  // Row 1: the path in the annotation.

  @Test
  void pathGoesBeforeAnnotationsAndNames() {
    ExecutionSources sources =
        bind(
            paths("request.text", "request.ticket", "this.session"),
            marked(String.class, "a", "Prompt"),
            plain(String.class, "correlationId"),
            plain(Request.class, "request"));
    Object[] arguments = {"annotated", "named", new Request("of the path", "t-1")};

    assertThat(sources.prompt().read(null, arguments, null)).isEqualTo("of the path");
    assertThat(sources.correlation().read(null, arguments, null)).isEqualTo("t-1");
    assertThat(sources.session().read(Map.of("session", "s-1"), arguments, null)).isEqualTo("s-1");
    assertThat(failures).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"other", "text.[", "result", "arg1", "2nd"})
  void pathThatDoesNotBindIsReportedAndGivesWayToNothingElse(String path) {
    ExecutionSources sources = bind(paths(path, "", ""), marked(String.class, "prompt", "Prompt"));

    assertThat(sources.prompt()).isNull();
    assertThat(failures).singleElement().asString().startsWith(path + ": ");
  }

  @Test
  void pathThatCantBeReadInACallGivesNullAndIsReportedOnce() {
    ExecutionSources sources = bind(paths("a.missing", "", ""), plain(Object.class, "a"));

    assertThat(read(sources.prompt(), new Request("text", "t"))).isNull();
    assertThat(read(sources.prompt(), new Request("text", "t"))).isNull();
    assertThat(failures).singleElement().asString().startsWith("a.missing: ");
  }

  @Test
  void parameterMayBeCalledByItsPosition() {
    ExecutionSources sources = bind(paths("arg1", "", ""), plain(int.class, "a"), plain("b"));

    assertThat(read(sources.prompt(), 7, "second")).isEqualTo("second");
  }

  @Test
  void receiverOfAStaticMethodDoesNotBind() {
    isStatic = true;

    assertThat(bind(paths("this.name", "", "")).prompt()).isNull();
    assertThat(failures).singleElement().asString().startsWith("this.name: ");
  }

  @Test
  void resultOfAMethodThatReturnsNothingIsAParameterOfThatNameOrDoesNotBind() {
    result = void.class;

    assertThat(read(bind(paths("result", "", ""), plain("result")).prompt(), "p")).isEqualTo("p");
    assertThat(failures).isEmpty();
    assertThat(bind(paths("result", "", "")).prompt()).isNull();
    assertThat(failures).hasSize(1);
  }

  @Test
  void metadataOfTheResultIsReadAtTheEndAndOtherMetadataAtEntry() {
    ExecutionSources sources =
        bind(metadata("length = result.length", "first=a[0]"), plain(List.class, "a"));

    assertThat(sources.entryMetadata()).extracting("key").containsExactly("first");
    assertThat(read(sources.entryMetadata().get(0).source(), List.of(7))).isEqualTo(7);
    assertThat(sources.exitMetadata()).extracting("key").containsExactly("length");
    assertThat(sources.exitMetadata().get(0).source().read(null, null, new int[3])).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"a", "=a", "key=", "progress=a", "completed_at=a", "k=missing", "k=a."})
  void metadataThatDoesNotBindIsReportedAndLeftOut(String entry) {
    ExecutionSources sources = bind(metadata(entry, "good=a"), plain("a"));

    assertThat(sources.entryMetadata()).extracting("key").containsExactly("good");
    assertThat(failures).hasSize(1);
  }

  @Test
  void keyThatIsTooLongOrHasAControlCharacterIsReportedAndLeftOut() {
    ExecutionSources sources =
        bind(
            metadata("k".repeat(128) + "=a", "k".repeat(129) + "=a", "a\tb=a", "twice=a"),
            plain("a"));

    assertThat(sources.entryMetadata()).extracting("key").containsExactly("k".repeat(128), "twice");
    assertThat(failures).hasSize(2);
  }

  @Test
  void firstOfTwoEntriesWithOneKeyIsKeptAndTheSecondIsReported() {
    ExecutionSources sources = bind(metadata("k=a", "k=b"), plain("a"), plain("b"));

    assertThat(sources.entryMetadata()).hasSize(1);
    assertThat(read(sources.entryMetadata().get(0).source(), "first", "second")).isEqualTo("first");
    assertThat(failures).hasSize(1);
  }

  // Row 2: annotations on a parameter, or on a member of its type.

  @Test
  void annotatedParametersAreTakenBeforeTheNamedOnes() {
    ExecutionSources sources =
        bind(
            none(),
            plain("prompt"),
            marked(String.class, "a", "Prompt"),
            marked(String.class, "b", "CorrelationId"),
            marked(String.class, "c", "SessionId"),
            marked(String.class, "d", "ProjectPath"),
            marked(String.class, "e", "ProjectName"));
    Object[] arguments = {"named", "p", "c", "s", "path", "name"};

    assertThat(
            Stream.of(
                    sources.prompt(),
                    sources.correlation(),
                    sources.session(),
                    sources.projectPath(),
                    sources.projectName())
                .map(source -> source.read(null, arguments, null)))
        .containsExactly("p", "c", "s", "path", "name");
  }

  @Test
  void annotatedParameterIsTakenBeforeAnAnnotatedMember() {
    ExecutionSources sources =
        bind(none(), plain(Marked.class, "a"), marked(String.class, "b", "Prompt"));

    assertThat(read(sources.prompt(), new Marked("member", "t", "m"), "parameter"))
        .isEqualTo("parameter");
  }

  @Test
  void annotatedMemberIsTakenBeforeAParameterOfAKnownName() {
    ExecutionSources sources = bind(none(), plain("prompt"), plain(Marked.class, "a"));
    Object[] arguments = {"named", new Marked("member", "t-1", "m")};

    assertThat(read(sources.prompt(), arguments)).isEqualTo("member");
    assertThat(read(sources.correlation(), arguments)).isEqualTo("t-1");
    assertThat(sources.session()).isNull();
    assertThat(read(sources.prompt(), "named", null)).isNull();
    assertThat(failures).isEmpty();
  }

  @Test
  void annotatedMetadataIsAddedUnlessAnEntryOrAnotherAnnotationHasItsKey() {
    ExecutionSources sources =
        bind(
            metadata("model=b"),
            new Declared(String.class, new ParameterSpec("a", Set.of("Metadata"), "size")),
            plain("b"),
            new Declared(String.class, new ParameterSpec("c", Set.of("Metadata"), "model")),
            plain(Marked.class, "d"));
    Object[] arguments = {"large", "of the entry", "of c", new Marked("p", "t", "of d")};

    assertThat(sources.entryMetadata())
        .extracting(each -> each.key() + "=" + read(each.source(), arguments))
        .containsExactly("model=of the entry", "size=large");
    assertThat(failures).isEmpty();
  }

  @Test
  void annotatedMetadataWithAReservedKeyIsReportedAndLeftOut() {
    ExecutionSources sources =
        bind(
            none(),
            new Declared(String.class, new ParameterSpec("a", Set.of("Metadata"), "progress")));

    assertThat(sources.entryMetadata()).isEmpty();
    assertThat(failures).hasSize(1);
  }

  // Row 3: names.

  @ParameterizedTest
  @CsvSource({"prompt", "userPrompt", "user_prompt", "userRequest", "user_request"})
  void parameterOfAKnownNameIsThePrompt(String name) {
    assertThat(read(bind(none(), plain("a"), plain(name)).prompt(), "a", "b")).isEqualTo("b");
  }

  @ParameterizedTest
  @CsvSource({
    "correlationId, sessionId",
    "correlation_id, session_id",
  })
  void parametersOfKnownNamesAreCorrelationAndSession(String correlation, String session) {
    ExecutionSources sources = bind(none(), plain(session), plain(correlation));

    assertThat(read(sources.correlation(), "s", "c")).isEqualTo("c");
    assertThat(read(sources.session(), "s", "c")).isEqualTo("s");
    assertThat(sources.prompt()).isNull();
  }

  @Test
  void earlierNameOfTheListIsTakenWhereverItsParameterStands() {
    ExecutionSources sources = bind(none(), plain("user_request"), plain("prompt"));

    assertThat(read(sources.prompt(), "last", "first")).isEqualTo("first");
  }

  @Test
  void parameterOfAKnownNameIsTakenBeforeAMemberOfThatName() {
    ExecutionSources sources = bind(none(), plain(Named.class, "a"), plain("user_request"));

    assertThat(read(sources.prompt(), new Named("member"), "parameter")).isEqualTo("parameter");
  }

  @Test
  void memberOfAKnownNameIsTakenIfTheParameterOfThatNameHoldsNoText() {
    ExecutionSources sources = bind(none(), plain(Named.class, "prompt"));

    assertThat(read(sources.prompt(), new Named("member"))).isEqualTo("member");
    assertThat(bind(none(), plain(List.class, "prompt")).prompt()).isNull();
  }

  // Row 4: headers.

  @ParameterizedTest
  @CsvSource({"correlation_id", "X-Correlation-ID", "x-correlation-id"})
  void headerOfAMessageIsTheCorrelation(String header) {
    ExecutionSources sources = bind(none(), plain("a"), plain(ConsumerRecord.class, "b"));

    assertThat(read(sources.correlation(), "a", message(header, "t-1"))).isEqualTo("t-1");
    assertThat(read(sources.correlation(), "a", message("other", "t-1"))).isNull();
    assertThat(sources.session()).isNull();
    assertThat(failures).isEmpty();
  }

  @Test
  void firstHeaderOfTheListThatIsNotBlankIsTheCorrelation() {
    ExecutionSources sources = bind(none(), plain(ConsumerRecord.class, "a"));
    ConsumerRecord<String, String> message = message("x-correlation-id", "third");
    message.headers().add("X-Correlation-ID", "second".getBytes(UTF_8));
    assertThat(read(sources.correlation(), message)).isEqualTo("second");
    message.headers().add("correlation_id", " ".getBytes(UTF_8));
    assertThat(read(sources.correlation(), message)).isEqualTo("second");
  }

  @Test
  void headerIsNotReadWhereAnEarlierRowAppliesAlthoughItsValueIsNull() {
    ExecutionSources sources =
        bind(none(), plain(ConsumerRecord.class, "a"), plain("correlationId"));

    assertThat(read(sources.correlation(), message("correlation_id", "t-1"), null)).isNull();
  }

  @Test
  void headersOfTheFirstMessageAloneAreRead() {
    ExecutionSources sources =
        bind(none(), plain(ConsumerRecord.class, "a"), plain(ConsumerRecord.class, "b"));

    assertThat(read(sources.correlation(), message("x", "-"), message("correlation_id", "t-2")))
        .isNull();
  }

  @Test
  void traceIsTheHeaderOfTheMessageWhateverTheCorrelationIs() {
    ExecutionSources sources =
        bind(paths("", "b", ""), plain(ConsumerRecord.class, "a"), plain("b"));

    assertThat(read(sources.traceparent(), message("traceparent", TRACE), "t-1")).isEqualTo(TRACE);
    assertThat(bind(none(), plain("traceparent")).traceparent()).isNull();
  }

  @Test
  void instructionsAreThePathElseTheMarkElseAKnownName() {
    ExecutionSpec path = new ExecutionSpec("agent", "", "", "", "", List.of(), "a");
    Declared marked = marked(String.class, "b", "Instructions");

    assertThat(read(bind(path, plain("a"), marked).instructions(), "a", "b")).isEqualTo("a");
    assertThat(read(bind(none(), plain("systemPrompt"), marked).instructions(), "a", "b"))
        .isEqualTo("b");
    assertThat(read(bind(none(), plain("system_prompt")).instructions(), "a")).isEqualTo("a");
    assertThat(bind(none(), plain("instructions")).instructions()).isNull();
    assertThat(failures).isEmpty();
  }

  // No row.

  @Test
  void methodWithoutAnySourceHasNone() {
    result = void.class;
    ExecutionSources sources = bind(none(), plain("a"), plain(int[].class, "b"));

    assertThat(sources)
        .isEqualTo(
            new ExecutionSources(
                null, null, null, null, null, null, null, null, List.of(), List.of()));
    assertThat(failures).isEmpty();
  }

  private static Object read(
      io.agentlog.agent.capture.value.ValueSource source, Object... arguments) {
    return source.read(null, arguments, null);
  }

  private ExecutionSources bind(ExecutionSpec execution, Declared... parameters) {
    List<Class<?>> types = new ArrayList<>();
    List<ParameterSpec> specs = new ArrayList<>();
    for (Declared each : parameters) {
      types.add(each.type());
      specs.add(each.spec());
    }
    String descriptor = MethodType.methodType(result, types).toMethodDescriptorString();
    return MethodSources.bind(
            new MethodSpec("app.A", "run", descriptor, isStatic, specs, execution, null, null),
            SourcesTableTest.class,
            type -> {},
            (method, path, reason) -> failures.add(path + ": " + reason))
        .execution();
  }

  private static ExecutionSpec none() {
    return paths("", "", "");
  }

  private static ExecutionSpec paths(String prompt, String correlation, String session) {
    return new ExecutionSpec("agent", prompt, correlation, session, "", List.of());
  }

  private static ExecutionSpec metadata(String... entries) {
    return new ExecutionSpec("agent", "", "", "", "", List.of(entries));
  }

  private static Declared plain(String name) {
    return plain(String.class, name);
  }

  private static Declared plain(Class<?> type, String name) {
    return new Declared(type, new ParameterSpec(name, Set.of(), null));
  }

  private static Declared marked(Class<?> type, String name, String mark) {
    return new Declared(type, new ParameterSpec(name, Set.of(mark), null));
  }

  private static ConsumerRecord<String, String> message(String header, String value) {
    ConsumerRecord<String, String> message = new ConsumerRecord<>("t", 0, 0, "k", "v");
    message.headers().add(header, value.getBytes(UTF_8));
    return message;
  }

  private record Request(String text, String ticket) {}

  record Marked(@Prompt String p, @CorrelationId String t, @Metadata("model") String m) {}

  record Named(String userPrompt) {}
}
