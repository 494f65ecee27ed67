package io.agentlog.agent.capture.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WeakIdentityMapTest {
  private final WeakIdentityMap<String> map = new WeakIdentityMap<>();

  /** A key whose own {@code equals} must not be called. */
  private static final class Hostile {
    @Override
    public boolean equals(Object other) {
      throw new IllegalStateException("equals of the application's");
    }

    @Override
    public int hashCode() {
      throw new IllegalStateException("hashCode of the application's");
    }
  }

  @Test
  void keysAreComparedByIdentityAlone() {
    Hostile one = new Hostile();
    Hostile other = new Hostile();
    map.put(one, "one");
    assertThat(map.get(one)).isEqualTo("one");
    assertThat(map.get(other)).isNull();
    assertThat(map.putIfAbsent(one, "again")).isFalse();
    assertThat(map.putIfAbsent(other, "other")).isTrue();
    assertThat(map.remove(one)).isEqualTo("one");
    assertThat(map.get(one)).isNull();
    assertThat(map.isEmpty()).isFalse();
    assertThat(map.remove(other)).isEqualTo("other");
    assertThat(map.isEmpty()).isTrue();
  }

  @Test
  void entryGoesWithItsKey() {
    Object key = new Object();
    map.put(key, "value");
    WeakReference<Object> reference = new WeakReference<>(key);
    key = null;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    List<String> left = new ArrayList<>();
    while (!reference.refersTo(null) || !map.isEmpty()) {
      assertThat(System.nanoTime() - deadline).as("the key is collected").isNegative();
      System.gc();
      map.removeGone(left::add);
    }
    assertThat(left).containsExactly("value");
  }

  @Test
  void presentKeysAreVisitedAndEntriesWithOtherValuesStay() {
    Object one = new Object();
    Object other = new Object();
    map.put(one, "one");
    map.put(other, "other");
    List<Object> keys = new ArrayList<>();
    map.forEachKey(keys::add);
    assertThat(keys).containsExactlyInAnyOrder(one, other);
    map.remove(one, "one");
    map.remove(other, "one");
    assertThat(map.get(one)).isNull();
    assertThat(map.get(other)).isEqualTo("other");
  }
}
