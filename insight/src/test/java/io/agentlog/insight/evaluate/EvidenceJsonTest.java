package io.agentlog.insight.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.agentlog.insight.statistics.Interval;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EvidenceJsonTest {
  private static final Instant FROM = Instant.parse("2026-11-30T01:00:00Z");
  private static final Instant TO = Instant.parse("2026-11-30T02:00:00.000001Z");

  @Test
  void evidenceIsReadAsItWasWritten() {
    Evidence whole =
        new Evidence(
            "\"router\" fails: 10.2 %, 2 % before",
            FROM,
            TO,
            600,
            61,
            61 / 600.0,
            "share",
            0.05,
            new Interval(0.08, 0.13),
            new Evidence.Past(FROM, TO, 27, 16_200, 324, 0.02, 0.04),
            5.1,
            4.2e-19,
            2.1e-7,
            List.of(new UUID(1, 2), new UUID(3, 4)));

    assertThat(EvidenceJson.read(EvidenceJson.write(whole))).isEqualTo(whole);
  }

  @Test
  void fieldsThatAKindDoesNotHaveAreLeftOut() {
    Evidence bare =
        new Evidence(
            "2 hang", null, null, 2, 2, 2, "count", null, null, null, null, null, null, List.of());

    assertThat(EvidenceJson.write(bare))
        .isEqualTo(
            "{\"summary\":\"2 hang\",\"n\":2,\"k\":2,\"value\":2.0,\"unit\":\"count\",\"examples\":[]}");
    assertThat(EvidenceJson.read(EvidenceJson.write(bare))).isEqualTo(bare);
  }

  @Test
  void textThatIsNoEvidenceIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> EvidenceJson.read("{\"summary\":7}"));
    assertThatIllegalArgumentException().isThrownBy(() -> EvidenceJson.read("no evidence"));
  }
}
