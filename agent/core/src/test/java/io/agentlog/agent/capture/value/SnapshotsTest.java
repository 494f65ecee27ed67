package io.agentlog.agent.capture.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.CharBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.DoubleAdder;
import org.junit.jupiter.api.Test;

/** What a copy of each kind of value is; {@link SnapshotLimitsTest} shows where it stops. */
class SnapshotsTest {
  private final Snapshots snapshots = new Snapshots(new SnapshotLimits(100), type -> {});

  @Test
  void textsAndBooleansAreTheSameInstances() {
    String text = "as it ".concat("is");

    assertThat(snapshots.take(text)).isSameAs(text);
    assertThat(snapshots.take(true)).isEqualTo(true);
    assertThat(snapshots.take(null)).isNull();
  }

  @Test
  void wholeNumbersOfTheJdkAreLongs() {
    assertThat(snapshots.take(7)).isEqualTo(7L);
    assertThat(snapshots.take((short) 7)).isEqualTo(7L);
    assertThat(snapshots.take((byte) -7)).isEqualTo(-7L);
    assertThat(snapshots.take(7L)).isEqualTo(7L);
    assertThat(snapshots.take(new AtomicInteger(7))).isEqualTo(7L);
  }

  @Test
  void floatingNumbersAreDoublesWithTheSameDigits() {
    assertThat(snapshots.take(0.1)).isEqualTo(0.1);
    assertThat(snapshots.take(0.1f)).isEqualTo(0.1);
    DoubleAdder adder = new DoubleAdder();
    adder.add(1.5);
    assertThat(snapshots.take(adder)).isEqualTo(1.5);
  }

  @Test
  void numberThatJsonDoesNotHaveIsItsText() {
    assertThat(snapshots.take(Double.NaN)).isEqualTo("NaN");
    assertThat(snapshots.take(Float.NEGATIVE_INFINITY)).isEqualTo("-Infinity");
    assertThat(snapshots.take(List.of(Double.POSITIVE_INFINITY))).isEqualTo(List.of("Infinity"));
  }

  @Test
  void bigNumberIsKeptWhileItIsModestAndElseItsClassName() {
    BigInteger large = BigInteger.ONE.shiftLeft(1023);
    assertThat(snapshots.take(large)).isEqualTo(large);
    assertThat(snapshots.take(new BigDecimal("1.50"))).isEqualTo(new BigDecimal("1.50"));

    assertThat(snapshots.take(large.shiftLeft(1))).isEqualTo(cut("java.math.BigInteger"));
    assertThat(snapshots.take(new BigDecimal(BigInteger.ONE, 301)))
        .isEqualTo(cut("java.math.BigDecimal"));
  }

  @Test
  void namesIdentifiersAndTimesAreTexts() {
    UUID id = new UUID(1, 2);

    assertThat(snapshots.take('c')).isEqualTo("c");
    assertThat(snapshots.take(id)).isEqualTo(id.toString());
    assertThat(snapshots.take(TimeUnit.DAYS)).isEqualTo("DAYS");
    assertThat(snapshots.take(CharBuffer.wrap("built"))).isEqualTo("built");
    assertThat(snapshots.take(Instant.EPOCH)).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(snapshots.take(Duration.ofMinutes(90))).isEqualTo("PT1H30M");
    assertThat(snapshots.take(ZoneId.of("Europe/Berlin"))).isEqualTo("Europe/Berlin");
  }

  @Test
  @SuppressWarnings("JavaUtilDate") // Applications have it.
  void dateIsItsInstant() {
    assertThat(snapshots.take(new Date(1))).isEqualTo("1970-01-01T00:00:00.001Z");
  }

  @Test
  void optionalIsWhatIsInIt() {
    assertThat(snapshots.take(Optional.of(Optional.of("inner")))).isEqualTo("inner");
    assertThat(snapshots.take(Optional.empty())).isNull();
    assertThat(snapshots.take(OptionalInt.of(7))).isEqualTo(7L);
    assertThat(snapshots.take(List.of(OptionalDouble.of(1.5)))).isEqualTo(List.of(1.5));
  }

  @Test
  void charactersInAnArrayAreOneTextSoThatASecretInThemIsFound() {
    assertThat(snapshots.take("4111".toCharArray())).isEqualTo("4111");
  }

  @Test
  void arraysOfAnyTypeAreLists() {
    assertThat(snapshots.take(new int[] {1, 2})).isEqualTo(List.of(1L, 2L));
    assertThat(snapshots.take(new boolean[] {true})).isEqualTo(List.of(true));
    assertThat(snapshots.take(new String[][] {{"a"}, {}}))
        .isEqualTo(List.of(List.of("a"), List.of()));
    assertThat(snapshots.take(new Object[] {null})).isEqualTo(Collections.singletonList(null));
  }

  @Test
  void mapKeepsItsOrderAndItsKeysBecomeTexts() {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put("z", 1);
    map.put(2, "two");
    map.put(TimeUnit.DAYS, null);
    map.put(null, "null");
    map.put(new Opaque(), "opaque");

    Map<String, Object> copy = new LinkedHashMap<>();
    copy.put("z", 1L);
    copy.put("2", "two");
    copy.put("DAYS", null);
    copy.put("null", "null");
    copy.put(Opaque.class.getName(), "opaque");
    assertThat((Map<?, ?>) snapshots.take(map)).isEqualTo(copy);
    assertThat(((Map<?, ?>) snapshots.take(map)).keySet().toArray())
        .isEqualTo(copy.keySet().toArray());
  }

  @Test
  void firstOfTwoKeysWithOneTextIsKeptAndTheCopyIsCut() {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put(1, "number");
    map.put("1", "text");

    assertThat(snapshots.take(map)).isEqualTo(cut(Map.of("1", "number")));
  }

  @Test
  void recordIsAMapOfItsComponentsInTheirOrder() {
    Object copy = snapshots.take(new Request("find it", List.of(1), new Request("", null, null)));

    assertThat(((Map<?, ?>) copy).keySet().toArray())
        .isEqualTo(new Object[] {"text", "numbers", "next"});
    assertThat((Map<?, ?>) copy)
        .extracting("text", "numbers", "next.text", "next.next")
        .containsExactly("find it", List.of(1L), "", null);
  }

  @Test
  void accessorThatThrowsIsATextInPlaceOfItsComponentAlone() {
    Object copy = snapshots.take(new Hostile("secret", 7));

    assertThat((Map<?, ?>) copy).extracting("number").isEqualTo(7L);
    assertThat(((Map<?, ?>) copy).get("text").toString())
        .contains(IllegalStateException.class.getName())
        .doesNotContain("secret");
  }

  @Test
  void interruptionThatAnAccessorThrowsIsKeptForTheApplication() {
    snapshots.take(new Interrupted(7));

    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void objectOfAnotherClassIsItsNameAndNothingOfItIsCalled() {
    assertThat(snapshots.take(new Opaque())).isEqualTo(Opaque.class.getName());
    assertThat(snapshots.take(List.of(new Opaque()))).isEqualTo(List.of(Opaque.class.getName()));
    assertThat(snapshots.take(new OpaqueList())).isEqualTo(OpaqueList.class.getName());
    assertThat(snapshots.take(new OpaqueNumber())).isEqualTo(OpaqueNumber.class.getName());
    assertThat(snapshots.take(new Object())).isEqualTo("java.lang.Object");
  }

  @Test
  void viewOfTheJdkOverACollectionThatThrowsIsATextInItsPlace() {
    Object view = Collections.unmodifiableList(new OpaqueList());

    assertThat(snapshots.take(view).toString()).contains(AssertionError.class.getName());
    Map<?, ?> copy = (Map<?, ?>) snapshots.take(Map.of("view", view));
    assertThat(copy.get("view").toString()).contains(AssertionError.class.getName());
  }

  @Test
  void whatChangesAfterTheSnapshotDoesNotShow() {
    List<Object> inner = new ArrayList<>(List.of("a"));
    Map<String, Object> map = new HashMap<>(Map.of("inner", inner));
    int[] array = {1};
    StringBuilder text = new StringBuilder("before");
    Object copy = snapshots.take(Arrays.asList(map, array, text));
    inner.add("b");
    map.put("later", true);
    array[0] = 2;
    text.append(" and after");

    assertThat(copy).isEqualTo(List.of(Map.of("inner", List.of("a")), List.of(1L), "before"));
  }

  @Test
  void snapshotCantBeChanged() {
    List<?> list = (List<?>) snapshots.take(new ArrayList<>(List.of("a")));
    Map<?, ?> map = (Map<?, ?>) snapshots.take(new HashMap<>(Map.of("a", 1)));

    assertThatThrownBy(list::clear).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(map::clear).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void everyTextIsRedactedBeforeItIsCut() {
    Snapshots redacting =
        new Snapshots(new SnapshotLimits(6), type -> {}, text -> text.replace("secretsecret", "*"));

    assertThat(redacting.take("secretsecret")).isEqualTo("*");
    assertThat(redacting.take("abcde secretsecret")).isEqualTo(cut("abcde "));
    assertThat(redacting.take(Map.of("secretsecret", List.of("secretsecret"))))
        .isEqualTo(Map.of("*", List.of("*")));
  }

  @Test
  void sizeGrowsWithWhatIsInASnapshot() {
    long empty = Snapshots.sizeBytes(List.of());

    assertThat(Snapshots.sizeBytes("abc") - Snapshots.sizeBytes("")).isEqualTo(3);
    assertThat(Snapshots.sizeBytes("αβγ") - Snapshots.sizeBytes("")).isEqualTo(6);
    assertThat(Snapshots.sizeBytes(List.of("abc", 7L)))
        .isEqualTo(empty + Snapshots.sizeBytes("abc") + Snapshots.sizeBytes(7L));
    assertThat(Snapshots.sizeBytes(Map.of("abc", true)))
        .isEqualTo(empty + Snapshots.sizeBytes("abc") + Snapshots.sizeBytes(true));
    assertThat(Snapshots.sizeBytes(BigInteger.TEN.pow(100))).isGreaterThan(101);
    assertThat(Snapshots.sizeBytes(new BigDecimal("1E+200"))).isGreaterThan(200);
  }

  private static Snapshots.Cut cut(Object value) {
    return new Snapshots.Cut(value);
  }

  private record Request(String text, List<Integer> numbers, Request next) {}

  record Hostile(String text, int number) {
    @Override
    public String text() {
      throw new IllegalStateException(text);
    }

    @Override
    public String toString() {
      throw new AssertionError("asked for its text");
    }
  }

  record Interrupted(int number) {
    @Override
    public int number() {
      throw Interrupted.<RuntimeException>undeclared(new InterruptedException());
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> T undeclared(Throwable thrown) throws T {
      throw (T) thrown;
    }
  }

  /** Nothing of it may be called. */
  static class Opaque {
    public String getText() {
      throw new AssertionError("asked for a property");
    }

    @Override
    public String toString() {
      throw new AssertionError("asked for its text");
    }
  }

  private static final class OpaqueList extends AbstractList<String> {
    @Override
    public String get(int index) {
      throw new AssertionError("asked for an element");
    }

    @Override
    public int size() {
      throw new AssertionError("asked for its size");
    }
  }

  private static final class OpaqueNumber extends Number {
    private static final long serialVersionUID = 1L;

    @Override
    public int intValue() {
      throw new AssertionError("asked for an int");
    }

    @Override
    public long longValue() {
      throw new AssertionError("asked for a long");
    }

    @Override
    public float floatValue() {
      throw new AssertionError("asked for a float");
    }

    @Override
    public double doubleValue() {
      throw new AssertionError("asked for a double");
    }
  }
}
