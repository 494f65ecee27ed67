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
}
