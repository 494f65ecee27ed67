package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoaderMapTest {
  private final LoaderMap<String> map = new LoaderMap<>();

  @Test
  void loadersAreToldApartByIdentityWhateverTheirEquals() {
    ClassLoader one = new Same();
    ClassLoader other = new Same();

    assertThat(map.computeIfAbsent(one, () -> "one")).isEqualTo("one");
    assertThat(map.computeIfAbsent(other, () -> "other")).isEqualTo("other");
    assertThat(map.computeIfAbsent(one, () -> "again")).isEqualTo("one");
    assertThat(map.get(other)).isEqualTo("other");
    assertThat(map.get(null)).isNull();
  }

  private static final class Same extends ClassLoader {
    @Override
    public int hashCode() {
      return 1;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Same;
    }
  }
}
