package io.agentlog.backends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Goal: waiting for a JVM tells what was seen. Method: wait for conditions that come and go. */
class ChildJvmIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @Test
  void conditionThatHeldForAMomentHasHeld() {
    try (ChildJvm child = waitingForInput()) {
      AtomicInteger looks = new AtomicInteger();
      child.awaitWhileAlive("third look", DEADLINE, () -> looks.incrementAndGet() == 3);
      assertThat(looks).hasValue(3);
    }
  }

  @Test
  void endOfTheProcessIsNamed() {
    try (ChildJvm child = waitingForInput()) {
      child.kill();
      assertThatThrownBy(() -> child.awaitWhileAlive("line", DEADLINE, () -> false))
          .isInstanceOf(BackendException.class)
          .hasMessageContaining("no line: the process ended");
    }
  }

  private static ChildJvm waitingForInput() {
    return ChildJvm.likeThis().mainClass(Waits.class).start();
  }

  /** Runs until its input ends. */
  static final class Waits {
    public static void main(String[] arguments) throws IOException {
      System.in.read();
    }
  }
}
