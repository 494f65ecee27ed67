package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Goal: the gate never declares a JVM gone that goes on sending or whose events are not read, finds
 * each dead one in time, and takes one back that is heard again. Method: random histories, each
 * from a seed; see {@link GateSimulation}.
 *
 * <pre>
 *  -Dagentlog.gate.histories=100000   number of histories
 *  -Dagentlog.gate.seed=123           run only this history
 * </pre>
 */
class GateSimulationTest {
  private static final long HISTORIES = Long.getLong("agentlog.gate.histories", 3_000);
  private static final Long SEED = Long.getLong("agentlog.gate.seed");

  @Test
  void noHistoryMakesTheGateLie() {
    if (SEED != null) {
      GateSimulation.run(SEED);
      return;
    }
    long dead = 0;
    long ended = 0;
    long silent = 0;
    long leaderless = 0;
    for (long seed = 0; seed < HISTORIES; seed++) {
      GateOracle oracle;
      try {
        oracle = GateSimulation.run(seed).oracle;
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("replay with -Dagentlog.gate.seed=" + seed, e);
      }
      dead += oracle.deadCount;
      ended += oracle.endedCount;
      silent += oracle.silentCount;
      leaderless += oracle.leaderlessCount;
    }
    System.out.printf(
        "%s histories: gone were %s dead, %s that said so, %s silent for long; %s verdicts without a leader%n",
        HISTORIES, dead, ended, silent, leaderless);
    assertThat(dead).isGreaterThan(HISTORIES / 2);
    assertThat(ended).isGreaterThan(HISTORIES / 4);
    assertThat(silent).isGreaterThan(HISTORIES / 5);
    assertThat(leaderless).isLessThan((dead + ended + silent) / 5);
  }
}
