package io.agentlog.agent.capture.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a path is read from the values of a call, and what happens where it can't be. */
class ValueSourceTest {
  private final List<String> failures = new ArrayList<>();
  private final Members members = new Members(type -> {});

  @Test
  void rootIsTheParameterTheReceiverOrTheResult() throws Exception {
    Object[] arguments = {"first", "second"};

    assertThat(source(1, "a").read("self", arguments, "result")).isEqualTo("second");
    assertThat(source(ValueSource.SELF, "a").read("self", arguments, "result")).isEqualTo("self");
    assertThat(source(ValueSource.RESULT, "a").read("self", arguments, "result"))
        .isEqualTo("result");
  }

  @Test
  void sourceSaysWhichValuesOfACallItReads() throws Exception {
    assertThat(source(0, "a").usesArguments()).isTrue();
    assertThat(source(0, "a").usesSelf()).isFalse();
    assertThat(source(ValueSource.SELF, "a").usesSelf()).isTrue();
    assertThat(source(ValueSource.SELF, "a").usesArguments()).isFalse();
    assertThat(source(ValueSource.RESULT, "a").usesResult()).isTrue();
    assertThat(source(ValueSource.RESULT, "a").usesArguments()).isFalse();
  }

  @Test
  void argumentsThatAreNotThereGiveNull() throws Exception {
    assertThat(source(0, "a").read(null, null, null)).isNull();
    assertThat(source(1, "a").read(null, new Object[] {"only"}, null)).isNull();
    assertThat(failures).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "a.text, of the getter",
    "a.flag, true",
    "a.open, of the field",
    "a.named, of the method",
    "a.both, of the getter",
    "a.hidden, of the package",
  })
  void nameIsAGetterThenAPublicFieldThenAMethodThenAnyField(String path, String expected)
      throws Exception {
    assertThat(read(path, new Bean()).toString()).isEqualTo(expected);
    assertThat(failures).isEmpty();
  }

  @Test
  void nameOfAComponentIsTheComponentAlthoughThereIsAGetter() throws Exception {
    assertThat(read("a.text", new WithGetter("of the component"))).isEqualTo("of the component");
  }

  @ParameterizedTest
  @CsvSource({"a.shared", "a.nothing", "a.class", "a.missing", "a.wordy"})
  void memberThatGivesNoValueOfTheInstanceIsReported(String path) throws Exception {
    assertThat(read(path, new Bean())).isNull();
    assertThat(failures).singleElement().asString().startsWith("app.A.run " + path + ": ");
  }

  @Test
  void publicMethodOfAHiddenClassIsRead() throws Exception {
    Supplier<String> hidden = () -> "of a lambda";

    assertThat(read("a.get", hidden)).isEqualTo("of a lambda");
    assertThat(read("a.size", Arrays.asList(1, 2))).isEqualTo(2);
    assertThat(failures).isEmpty();
  }

  @Test
  void nameIsSearchedInTheClassOfEachValue() throws Exception {
    ValueSource source = source(0, "a.text");

    assertThat(read(source, new Bean())).isEqualTo("of the getter");
    assertThat(read(source, new WithGetter("component"))).isEqualTo("component");
    assertThat(read(source, new Bean())).isEqualTo("of the getter");
    assertThat(failures).isEmpty();
  }

  @Test
  void nullOnTheWayGivesNullAndIsNoFailure() throws Exception {
    assertThat(read("a.text.length", new WithGetter(null))).isNull();
    assertThat(read("a.text", (Object) null)).isNull();
    assertThat(failures).isEmpty();
  }

  @Test
  void optionalIsLookedIntoAtEveryStep() throws Exception {
    Object value = Optional.of(Map.of("k", Optional.of(List.of(OptionalLong.of(7)))));

    assertThat(read("a['k'][0]", value)).isEqualTo(7L);
    assertThat(read("a.k[0]", value)).isEqualTo(7L);
    assertThat(read("a.text", Optional.empty())).isNull();
    assertThat(failures).isEmpty();
  }

  @Test
  void nameIsAKeyOfAMapBeforeItIsAMember() throws Exception {
    Map<String, Object> map = new HashMap<>();
    assertThat(read("a.size", map)).isEqualTo(0);
    map.put("size", "of the key");
    assertThat(read("a.size", map)).isEqualTo("of the key");
    map.put("size", null);
    assertThat(read("a.size", map)).isNull();
    assertThat(failures).isEmpty();
  }

  @Test
  void keyOrElementThatIsNotThereGivesNullAndIsNoFailure() throws Exception {
    assertThat(read("a['other']", Map.of("k", 1))).isNull();
    assertThat(read("a.other", Map.of("k", 1))).isNull();
    assertThat(read("a[1]", List.of("only"))).isNull();
    assertThat(read("a[1]", new Object[] {"only"})).isNull();
    assertThat(read("a[1]", new int[] {1})).isNull();
    assertThat(failures).isEmpty();
  }

  @Test
  void elementsAndLengthOfArraysAreRead() throws Exception {
    assertThat(read("a[1]", new String[] {"a", "b"})).isEqualTo("b");
    assertThat(read("a[0]", new long[] {7})).isEqualTo(7L);
    assertThat(read("a.length", new long[] {7})).isEqualTo(1);
    assertThat(read("a[0][1]", List.of(List.of(1, 2)))).isEqualTo(2);
  }

  @Test
  void keyOfWhatIsNoMapAndElementOfWhatIsNoListAreReported() throws Exception {
    assertThat(read("a['k']", List.of("k"))).isNull();
    assertThat(read("a[0]", Map.of(0, "zero"))).isNull();
    assertThat(failures).hasSize(2);
  }

  @Test
  void getterThatThrowsGivesNullAndIsReportedOnceWithoutItsMessage() throws Exception {
    ValueSource source = source(0, "a.secret");
    Throwing value = new Throwing(new IllegalStateException("hunter2"));

    assertThat(read(source, value)).isNull();
    assertThat(read(source, value)).isNull();
    assertThat(failures)
        .singleElement()
        .asString()
        .startsWith("app.A.run a.secret: ")
        .contains(IllegalStateException.class.getName())
        .doesNotContain("hunter2");
  }

  @Test
  void errorsOfTheApplicationAreReportedAndNotThrown() throws Exception {
    assertThat(read("a.secret", new Throwing(new StackOverflowError()))).isNull();
    assertThat(read("a.secret", new Throwing(new NoClassDefFoundError("app/Gone")))).isNull();
    assertThat(failures).hasSize(2);
  }

  @Test
  void interruptionThatAGetterThrowsIsKeptForTheApplication() throws Exception {
    read("a.secret", new Throwing(new InterruptedException()));

    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void valueThatCanBeReadAfterAFailureIsRead() throws Exception {
    ValueSource source = source(0, "a.text");
    read(source, 7);

    assertThat(failures).hasSize(1);
    assertThat(read(source, new Bean())).isEqualTo("of the getter");
  }

  @Test
  void whoIsToldOfFailuresMayThrow() throws Exception {
    ValuePath path = ValuePath.parse("a.missing");
    FailureOnce failure =
        new FailureOnce(
            (method, text, reason) -> {
              throw new StackOverflowError();
            },
            "app.A.run",
            "a.missing");
    ValueStep[] steps = {ValueStep.of(path.steps().get(0), members)};

    assertThat(read(new ValueSource(0, steps, "a.missing", failure), "text")).isNull();
  }

  private Object read(String path, Object argument) throws Exception {
    return read(source(0, path), argument);
  }

  private static Object read(ValueSource source, Object argument) {
    return source.read(null, new Object[] {argument}, null);
  }

  private ValueSource source(int root, String text) throws Exception {
    ValueStep[] steps =
        ValuePath.parse(text).steps().stream()
            .map(step -> ValueStep.of(step, members))
            .toArray(ValueStep[]::new);
    ValueFailures told =
        (method, path, reason) -> failures.add(method + " " + path + ": " + reason);
    return new ValueSource(root, steps, text, new FailureOnce(told, "app.A.run", text));
  }

  /** Each kind of member. */
  public static final class Bean {
    public static final String shared = "of the class";
    public final String open = "of the field";
    public final String both = "of the field";
    final String hidden = "of the package";

    public String getText() {
      return "of the getter";
    }

    public boolean isFlag() {
      return true;
    }

    public String getBoth() {
      return "of the getter";
    }

    public String named() {
      return "of the method";
    }

    public void nothing() {}

    public String isWordy() {
      return "no flag";
    }
  }

  /** A component and a getter of one name. */
  public record WithGetter(String text) {
    public String getText() {
      return "of the getter";
    }
  }

  /** Throws when it is read. */
  public static final class Throwing {
    private final Throwable thrown;

    Throwing(Throwable thrown) {
      this.thrown = thrown;
    }

    public String getSecret() throws Throwable {
      if (thrown != null) {
        throw thrown;
      }
      return "secret";
    }

    @Override
    public String toString() {
      throw new AssertionError("asked for its text");
    }
  }
}
