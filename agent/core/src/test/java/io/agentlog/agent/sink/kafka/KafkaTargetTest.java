package io.agentlog.agent.sink.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KafkaTargetTest {
  @Test
  void brokersInAnyWritingAreTheSamePlace() {
    assertThat(new KafkaTarget("b:9092,A:9092", "t").fingerprint())
        .isEqualTo(new KafkaTarget("SSL://a:9092,b:9092", "t").fingerprint())
        .isNotEqualTo(new KafkaTarget("a:9092", "t").fingerprint())
        .isNotEqualTo(new KafkaTarget("a:9092,b:9092", "T").fingerprint());
  }

  @Test
  void brokerOfThisMachineIsTheSameByEachOfItsNames() {
    KafkaTarget target = new KafkaTarget("PLAINTEXT://localhost:9092", "t");
    assertThat(target.hasFingerprint(new KafkaTarget("127.0.0.1:9092", "t").fingerprint()))
        .isTrue();
    assertThat(target.hasFingerprint(new KafkaTarget("127.0.0.1:9093", "t").fingerprint()))
        .isFalse();
    assertThat(target.hasFingerprint(new KafkaTarget("127.0.0.1:9092", "u").fingerprint()))
        .isFalse();
  }
}
