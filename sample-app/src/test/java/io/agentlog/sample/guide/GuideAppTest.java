package io.agentlog.sample.guide;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class GuideAppTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final GuideApp app =
      new GuideApp(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));

  @Test
  void eachQuestionIsAnsweredWithWhatTheRouterSays() {
    assertThat(
            app.run("--think", "0", "my pods are in CrashLoopBackOff", "数据库太慢", "ring the bells"))
        .isZero();
    assertThat(out.toString(UTF_8).lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("I have asked around. kubernetes-operator ("),
            line -> assertThat(line).startsWith("I have asked around. "),
            line -> assertThat(line).startsWith("I have asked around. no agent reaches 0.45"));
    assertThat(err.toString(UTF_8)).isEmpty();
  }

  @Test
  void wrongUsageIsExplained() {
    assertThat(app.run()).isEqualTo(2);
    assertThat(app.run("--nothing")).isEqualTo(2);
    assertThat(app.run("--think", "long")).isEqualTo(2);
    assertThat(err.toString(UTF_8))
        .contains(
            "no QUESTION is given", "can't use --nothing", "can't use --think long", "usage:");
  }
}
