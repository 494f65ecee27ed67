package io.agentlog.insight.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RulesFileTest {
  @TempDir private Path folder;

  @BeforeEach
  void secretsAreMounted() throws IOException {
    Files.writeString(folder.resolve("slack"), "https://hooks.example/T0/s3cret\n");
    Files.writeString(folder.resolve("key"), "signature\n");
    Files.writeString(folder.resolve("empty"), "");
    Files.writeString(folder.resolve("ftp"), "ftp://user:s3cret@host/");
  }

  @Test
  void everySectionIsRead() throws IOException {
    Rules rules =
        rules(
            """
            version: 1
            channels:
              ops:  {type: slack, url-file: slack}
              hook: {type: webhook, url: "http://127.0.0.1:9/x", secret-file: key}
              am:   {type: alertmanager, url: [http://am-1:9093, http://am-2:9093]}
            defaults: {false-alarms: 1%/week, notify: [ops], repeat: 24h, keep-firing: 15m, labels: {severity: ticket}}
            rules:
              - {name: failures, kind: failure-rate, agents: ["*"], windows: [1h, 6h], max: 5%, baseline: same-hour 28d, min-count: 30}
              - {name: slower,   kind: latency, agents: [support-router], windows: [6h, 1h], quantile: 99%, min-ratio: 1.5, min-increase: 200ms}
              - {name: hung,     kind: stuck, after: 10m, labels: {severity: page}, notify: [hook, am]}
            mute: [{from: 2026-12-24T00:00Z, to: 2026-12-27T01:00+01:00, agents: ["*"]}]
            patterns:
              - agent: support-router
                stages: validate load score{1,3} [review] decide
                on-failure: complete
                within: {score: 2s, validate..decide: 5s}
            scores:
              - {name: answer, agents: [support-router], scorers: [{kind: no-error, weight: 2}, {kind: judge, url: "http://j/"}]}
            """);

    assertThat(rules.channels())
        .extracting(Channel::toString)
        .containsExactly("ops (SLACK)", "hook (WEBHOOK)", "am (ALERTMANAGER)");
    assertThat(rules.channels().get(0).urls()).hasToString("[https://hooks.example/T0/s3cret]");
    assertThat(rules.channels().get(1).secret()).isEqualTo("signature");
    assertThat(rules.channels().get(2).urls()).hasSize(2);
    AlertRule failures = rules.alerts().get(0);
    assertThat(failures.condition())
        .isEqualTo(
            new Condition.FailureRate(
                List.of(Duration.ofHours(1), Duration.ofHours(6)),
                new Baseline(Baseline.Kind.SAME_HOUR, Duration.ofDays(28)),
                30,
                0.05,
                Condition.Unit.EXECUTION));
    assertThat(failures.falseAlarms()).isEqualTo(0.01);
    assertThat(failures.channels()).containsExactly("ops");
    assertThat(failures.labels()).isEqualTo(Map.of("severity", "ticket"));
    Condition.Latency slower = (Condition.Latency) rules.alerts().get(1).condition();
    assertThat(slower.windows()).containsExactly(Duration.ofHours(1), Duration.ofHours(6));
    assertThat(slower.quantile()).isEqualTo(0.99);
    assertThat(slower.baseline()).isNotNull();
    AlertRule hung = rules.alerts().get(2);
    assertThat(hung.condition()).isEqualTo(new Condition.Stuck(Duration.ofMinutes(10)));
    assertThat(hung.labels()).isEqualTo(Map.of("severity", "page"));
    assertThat(hung.channels()).containsExactly("hook", "am");
    assertThat(rules.mutes())
        .containsExactly(
            new Mute(
                Instant.parse("2026-12-24T00:00:00Z"),
                Instant.parse("2026-12-27T00:00:00Z"),
                List.of("*")));
    StagePattern pattern = rules.patterns().get(0);
    assertThat(pattern.agents()).containsExactly("support-router");
    assertThat(pattern.othersForbidden()).isTrue();
    assertThat(pattern.failedMayStop()).isFalse();
    assertThat(pattern.limits())
        .containsExactly(
            new StagePattern.Limit("score", "score", Duration.ofSeconds(2)),
            new StagePattern.Limit("validate", "decide", Duration.ofSeconds(5)));
    ScoreRule score = rules.scores().get(0);
    assertThat(score.scorers())
        .extracting(ScoreRule.Scorer::source)
        .containsExactly(ScoreRule.Source.NO_ERROR, ScoreRule.Source.JUDGE);
    assertThat(score.failBelow()).isEqualTo(0.5);
  }

  @Test
  void hashIsTheSameInAnotherOrderAndWithDefaultsSpelledOut() throws IOException {
    String one = rule("{name: a, kind: quality, min-effect: 0.20, agents: [x, y]}").hash();
    String same =
        rule("{agents: [y, x], kind: quality, windows: [6h, 60m], name: a, min-count: 50, min-effect: 0.2}")
            .hash();
    String other = rule("{name: a, kind: quality, min-effect: 0.21, agents: [x, y]}").hash();

    assertThat(one).hasSize(64).isEqualTo(same).isNotEqualTo(other);
  }

  @Test
  void latencyWithAMaxAloneHasNoBaseline() throws IOException {
    Condition.Latency latency =
        (Condition.Latency) rule("{name: a, kind: latency, max: 2s}").condition();

    assertThat(latency.baseline()).isNull();
    assertThat(latency.max()).isEqualTo(Duration.ofSeconds(2));
  }

  private AlertRule rule(String yaml) throws IOException {
    return rules("version: 1\nrules: [" + yaml + "]").alerts().get(0);
  }

  private Rules rules(String yaml) throws IOException {
    RulesFile.Outcome read = read(yaml);
    assertThat(read.problems()).isEmpty();
    assertThat(read.rules()).isNotNull();
    return read.rules();
  }

  private RulesFile.Outcome read(String yaml) throws IOException {
    Path file = folder.resolve("alerts.yaml");
    Files.writeString(file, yaml);
    return RulesFile.read(file);
  }
}
