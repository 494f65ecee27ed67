package io.agentlog.agent.capture.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How much of a value is copied, and that what is left out shows. */
class SnapshotLimitsTest {
  private static final int BYTES_MAX = 8;

  private final Snapshots snapshots = new Snapshots(new SnapshotLimits(BYTES_MAX), type -> {});

  @Test
  void limitOfBytesHasToBePositive() {
    assertThatThrownBy(() -> new SnapshotLimits(0)).isInstanceOf(IllegalArgumentException.class);
    assertThat(new SnapshotLimits(1).valueMaxBytes()).isEqualTo(1);
  }

  @Test
  void textOfExactlyTheLimitIsWholeAndALongerOneIsCut() {
    assertThat(snapshots.take("12345678")).isEqualTo("12345678");
    assertThat(snapshots.take("123456789")).isEqualTo(new Snapshots.Cut("12345678"));
  }

  @Test
  void textWithinAContainerIsCutAndTheWholeSnapshotSaysSo() {
    assertThat(snapshots.take(List.of("123456789", 1)))
        .isEqualTo(new Snapshots.Cut(List.of("12345678", 1L)));
    assertThat(snapshots.take(Map.of("123456789", 1)))
        .isEqualTo(new Snapshots.Cut(Map.of("12345678", 1L)));
    assertThat(snapshots.take(CharBuffer.wrap("123456789")))
        .isEqualTo(new Snapshots.Cut("12345678"));
  }

  @Test
  void containersAreCopiedToTheirDeepestLevelAndTheNextIsItsClassName() {
    assertThat(snapshots.take(nested(SnapshotLimits.DEPTH_MAX)))
        .isEqualTo(nested(SnapshotLimits.DEPTH_MAX));

    Object deeper = snapshots.take(nested(SnapshotLimits.DEPTH_MAX + 1));
    assertThat(deeper).isInstanceOf(Snapshots.Cut.class);
    Object innermost = ((Snapshots.Cut) deeper).value();
    for (int i = 0; i < SnapshotLimits.DEPTH_MAX; i++) {
      innermost = ((List<?>) innermost).get(0);
    }
    assertThat(innermost).isEqualTo(List.of().getClass().getName());
  }

  @Test
  void scalarBelowTheDeepestLevelIsKept() {
    assertThat(snapshots.take(List.of(List.of(List.of(List.of("deep"))))))
        .isEqualTo(List.of(List.of(List.of(List.of("deep")))));
  }

  @Test
  void recordsMapsAndArraysCountAsLevelsToo() {
    Object value = new Node(Map.of("k", new Object[] {new Node(new Node("too deep"))}));

    assertThat(snapshots.take(value))
        .isEqualTo(
            new Snapshots.Cut(
                Map.of("value", Map.of("k", List.of(Map.of("value", Node.class.getName()))))));
  }

  @Test
  void elementsBehindTheLastValueOfASnapshotAreLeftOut() {
    int fits = SnapshotLimits.NODES_MAX - 1; // The list itself counts.
    assertThat(snapshots.take(Collections.nCopies(fits, 1)))
        .isEqualTo(Collections.nCopies(fits, 1L));
    assertThat(snapshots.take(Collections.nCopies(fits + 1, 1)))
        .isEqualTo(new Snapshots.Cut(Collections.nCopies(fits, 1L)));
    assertThat(snapshots.take(new int[fits + 1]))
        .isEqualTo(new Snapshots.Cut(Collections.nCopies(fits, 0L)));
  }

  @Test
  void entriesBehindTheLastValueOfASnapshotAreLeftOut() {
    Map<Integer, Integer> map = new LinkedHashMap<>();
    for (int i = 0; i < SnapshotLimits.NODES_MAX; i++) {
      map.put(i, i);
    }

    Snapshots.Cut copy = (Snapshots.Cut) snapshots.take(map);
    assertThat((Map<?, ?>) copy.value())
        .hasSize(SnapshotLimits.NODES_MAX - 1)
        .extracting("0", "98")
        .containsExactly(0L, 98L);
  }

  @Test
  void componentsBehindTheLastValueOfASnapshotAreLeftOut() {
    Object value = new Pair(Collections.nCopies(200, 1), "left out");

    Snapshots.Cut copy = (Snapshots.Cut) snapshots.take(value);
    assertThat(((Map<?, ?>) copy.value()).keySet()).hasToString("[first]");
  }

  @Test
  void valuesOfAllContainersTogetherAreLimited() {
    List<List<Integer>> value = Collections.nCopies(50, List.of(1, 2, 3, 4));

    Snapshots.Cut copy = (Snapshots.Cut) snapshots.take(value);
    assertThat(count(copy.value())).isEqualTo(SnapshotLimits.NODES_MAX);
  }

  @Test
  void listThatHoldsItselfIsCopiedToTheLimitsAndNoFurther() {
    List<Object> cycle = new ArrayList<>();
    cycle.add("text");
    cycle.add(cycle);

    Snapshots.Cut copy = (Snapshots.Cut) snapshots.take(cycle);
    List<?> inner = (List<?>) copy.value();
    for (int i = 1; i < SnapshotLimits.DEPTH_MAX; i++) {
      assertThat(inner).hasSize(2).first().isEqualTo("text");
      inner = (List<?>) inner.get(1);
    }
    assertThat(inner).isEqualTo(List.of("text", "java.util.ArrayList"));
  }

  @Test
  void mapThatHoldsItselfManyTimesIsCopiedToTheLimits() {
    Map<String, Object> cycle = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      cycle.put("k" + i, cycle);
    }

    Snapshots.Cut copy = (Snapshots.Cut) snapshots.take(cycle);
    assertThat(count(copy.value())).isEqualTo(SnapshotLimits.NODES_MAX);
  }

  @Test
  void recordThatLeadsBackToItselfIsCopiedToTheLimits() {
    List<Object> list = new ArrayList<>();
    Node node = new Node(list);
    list.add(node);

    assertThat(snapshots.take(node))
        .isEqualTo(
            new Snapshots.Cut(
                Map.of("value", List.of(Map.of("value", List.of(Node.class.getName()))))));
  }

  /** Lists inside lists. */
  private static List<?> nested(int depth) {
    return depth == 1 ? List.of() : List.of(nested(depth - 1));
  }

  private static int count(Object snapshot) {
    int count = 1;
    if (snapshot instanceof Map<?, ?> map) {
      for (Object each : map.values()) {
        count += count(each);
      }
    } else if (snapshot instanceof List<?> list) {
      for (Object each : list) {
        count += count(each);
      }
    }
    return count;
  }

  private record Node(Object value) {}

  private record Pair(Object first, Object second) {}
}
