package io.agentlog.sink;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FingerprintTest {
  @Test
  void textStaysTheSameFromReleaseToRelease() { // It is on the disks of users.
    assertThat(Fingerprint.of("postgres", "db:5432", "app", ""))
        .isEqualTo("2c18acf57a58ddb3ee71b8a88d448106")
        .hasSize(Fingerprint.LENGTH);
  }

  @Test
  void partsAreNotTakenForEachOther() {
    assertThat(Fingerprint.of("k", "a", "b"))
        .isNotEqualTo(Fingerprint.of("k", "ab"))
        .isNotEqualTo(Fingerprint.of("k", "a", "b", ""))
        .isNotEqualTo(Fingerprint.of("ka", "b"))
        .isNotEqualTo(Fingerprint.of("k", "b", "a"));
  }

  @Test
  void serversAreTheSameInAnyOrderAndCase() {
    assertThat(Fingerprint.servers("B:2, a:1,,b:2")).isEqualTo("a:1,b:2");
  }
}
