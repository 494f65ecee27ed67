package io.agentlog.insight.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Goal: where nothing changes, alerts stay silent. Method: weeks of simulated executions, each
 * after 28 days of its own, looked at every five minutes. A week depends on its name and number
 * alone: {@code -Dagentlog.simulation.setup='failures 1 %, 100/h' -Dagentlog.simulation.week=17}
 * replays one. {@code -Dagentlog.simulation.weeks=1000 -Dagentlog.simulation.setup=.*} simulates
 * all of the table in docs/performance.md.
 */
class FalseAlarmTest {
  /** What is neither clustered nor follows the hours nor drifts, as each build has it. */
  private static final String PLAIN = "[^,]*, [0-9]+/h";

  private static final String SETUP = System.getProperty("agentlog.simulation.setup", PLAIN);
  private static final int WEEK = Integer.getInteger("agentlog.simulation.week", -1);
  private static final int WEEKS_OF_BUILD = 100;
  private static final int WEEKS = Integer.getInteger("agentlog.simulation.weeks", WEEKS_OF_BUILD);

  /** With so many weeks a false alarm in a hundred weeks is out of the question, at 95 %. */
  private static final int WEEKS_FOR_BOUND = 1_000;

  private static final int ALARMS_MAX = 4;
  private static final int ALARMS_MAX_WHERE_EXECUTIONS_DEPEND = 8;

  @Test
  void noAlertFiresWhileNothingChanges() {
    List<String> tooMany = new ArrayList<>();
    for (Simulation.Setup setup : Simulation.setups()) {
      if (setup.name().matches(SETUP)) {
        List<String> alarms = new ArrayList<>();
        for (int week = Math.max(0, WEEK); week < (WEEK < 0 ? WEEKS : WEEK + 1); week++) {
          Instant alarm = Simulation.firstAlarm(setup, week);
          if (alarm != null) {
            alarms.add("week " + week + " at " + alarm);
          }
        }
        String line = String.format(Locale.ROOT, "| %s | %s |", setup.name(), alarms.size());
        if (WEEKS != WEEKS_OF_BUILD) {
          System.out.println(line + " " + alarms);
        }
        int alarmsMax =
            WEEKS < WEEKS_FOR_BOUND
                ? 0
                : setup.name().matches(PLAIN) ? ALARMS_MAX : ALARMS_MAX_WHERE_EXECUTIONS_DEPEND;
        if (alarms.size() > alarmsMax) {
          tooMany.add(line + " " + alarms);
        }
      }
    }
    assertThat(tooMany).isEmpty();
  }
}
