package io.agentlog.insight.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StageReportTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void entryAndExitAreOneStep() {
    assertThat(
            steps(
                exit("validate", 10, 9), // at EXIT
                entry("score", 20), // at BOTH, with a stage of the same name within
                entry("score", 30),
                exit("score", 39, 9),
                exit("score", 50, 30),
                entry("decide", 60), // at ENTRY, twice
                entry("decide", 70)))
        .containsExactly(
            "validate 1-10", "score 20-50", "score 30-39", "decide 60-70", "decide 70-100");
  }

  @Test
  void anExitWithoutItsEntryIsAStep() {
    assertThat(steps(entry("score", 20), exit("score", 90, 30)))
        .containsExactly("score 20-60", "score 60-90");
  }

  @Test
  void namesTheLimitThatWasExceeded() throws Exception {
    StageCheck check =
        new StageCheck(
            StageExpression.parse("a+ b"),
            true,
            true,
            List.of(
                new TimeLimit("a", "a", Duration.ofMillis(50)),
                new TimeLimit("a", "b", Duration.ofMillis(80))));
    assertThat(verdict(check, entry("a", 0), entry("b", 50))).isEqualTo("as declared");
    assertThat(verdict(check, entry("a", 0), entry("b", 51)))
        .isEqualTo("`a` took 0.051 s, at most 0.050 s was allowed");
    assertThat(verdict(check, entry("a", 0), entry("a", 45), entry("b", 90)))
        .isEqualTo("from `a` to `b` took 0.090 s, at most 0.080 s was allowed");
  }

  @Test
  void judgesTenThousandStages() throws Exception {
    List<StageReport> reports = new ArrayList<>(List.of(entry("begin", 0)));
    for (int i = 1; i < 10_000 - 1; i++) {
      reports.add(entry(i % 2 == 0 ? "ask" : "answer", i));
    }
    reports.add(entry("end", 10_000));
    List<Step> steps = StageReport.steps(reports, START.plusMillis(10_001));
    StageCheck loop =
        new StageCheck(
            StageExpression.parse("begin (answer ask | answer review)* end"),
            true,
            true,
            List.of());
    assertThat(loop.check(steps, true).matches()).isTrue();
    assertThat(loop.check(steps.subList(0, 9_000), true).step()).isEqualTo(9_000);
    if (Boolean.getBoolean("agentlog.pattern.times")) {
      printTimes("as declared", loop, reports);
      reports.remove(5_000);
      printTimes("one stage missing", loop, reports);
    }
  }

  private static void printTimes(String what, StageCheck check, List<StageReport> reports) {
    List<Long> verdicts = new ArrayList<>();
    List<Long> shares = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      long start = System.nanoTime();
      List<Step> steps = StageReport.steps(reports, START.plusMillis(10_001));
      check.check(steps, true);
      verdicts.add(System.nanoTime() - start);
      check.share(steps, true);
      shares.add(System.nanoTime() - start);
    }
    System.out.printf(
        Locale.ROOT,
        "%s stages, %s: first verdict %.1f ms, median of 200 %.2f ms; with share %.1f ms, %.2f ms%n",
        Integer.toString(reports.size()),
        what,
        verdicts.get(0) / 1e6,
        verdicts.stream().sorted().toList().get(100) / 1e6,
        shares.get(0) / 1e6,
        shares.stream().sorted().toList().get(100) / 1e6);
  }

  private static String verdict(StageCheck check, StageReport... reports) {
    Deviation deviation = check.check(StageReport.steps(List.of(reports), null), true).deviation();
    return deviation == null ? "as declared" : deviation.text();
  }

  private static List<String> steps(StageReport... reports) {
    return StageReport.steps(List.of(reports), START.plusMillis(100)).stream()
        .map(step -> step.stage() + " " + millis(step.begin()) + "-" + millis(step.end()))
        .toList();
  }

  private static String millis(@Nullable Instant time) {
    return time == null ? "?" : Long.toString(Duration.between(START, time).toMillis());
  }

  private static StageReport entry(String stage, long at) {
    return new StageReport(stage, START.plusMillis(at), null);
  }

  private static StageReport exit(String stage, long at, long took) {
    return new StageReport(stage, START.plusMillis(at), Duration.ofMillis(took));
  }
}
