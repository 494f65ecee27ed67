package io.agentlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestKeyTest {
  private static final List<String> KEYS =
      List.of("service", "dir", "postgres.host", "postgres.port", "postgres.password");

  @Test
  void slipsOfTheFingerAreUnderstood() {
    assertThat(NearestKey.of("sevrice", KEYS)).isEqualTo("service");
    assertThat(NearestKey.of("postgres_host", KEYS)).isEqualTo("postgres.host");
    assertThat(NearestKey.of("Postgres.Prot", KEYS)).isEqualTo("postgres.port");
    assertThat(NearestKey.of("password", KEYS)).isEqualTo("postgres.password");
  }

  @Test
  void farKeysAreNotGuessed() {
    assertThat(NearestKey.of("retention", KEYS)).isNull();
    assertThat(NearestKey.of("", KEYS)).isNull();
    assertThat(NearestKey.of("x".repeat(10_000), KEYS)).isNull();
  }

  @Test
  void distanceCountsSwapsOnce() {
    assertThat(NearestKey.distance("abcd", "abdc")).isEqualTo(1);
    assertThat(NearestKey.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(NearestKey.distance("", "abc")).isEqualTo(3);
  }
}
