package io.agentlog.insight.alert;

import io.agentlog.config.ConfigLoader;
import io.agentlog.insight.Dashboard;
import io.agentlog.insight.DashboardSettings;
import io.agentlog.insight.rules.RulesWatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** A dashboard whose ticks are short, as a program. */
public final class QuickDashboard {
  static final AlertTimes TIMES =
      new AlertTimes(
          Duration.ofMillis(200),
          Duration.ZERO,
          Duration.ofMinutes(2),
          Duration.ofSeconds(5),
          Duration.ofMillis(50),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10),
          Duration.ofMillis(100),
          Duration.ofMillis(500),
          Duration.ofHours(24),
          Duration.ofSeconds(60),
          Duration.ofMinutes(4),
          Duration.ofMinutes(15));

  private QuickDashboard() {}

  /** Runs one until the process ends; takes URL, user and password of the database, and a file. */
  public static void main(String[] args) throws IOException, InterruptedException {
    RulesWatch rules = new RulesWatch(Path.of(args[3]));
    rules.look();
    rules.problems().forEach(System.err::println);
    DashboardSettings settings =
        new DashboardSettings(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            "",
            null,
            Set.of(),
            null,
            false,
            false,
            false,
            rules,
            null,
            link -> {});
    try (Dashboard dashboard =
        new Dashboard(
            ConfigLoader.loadForCommand(
                Map.of(
                    "postgres.url",
                    args[0],
                    "postgres.user",
                    args[1],
                    "postgres.password",
                    args[2]),
                new Properties(),
                Map.of()),
            settings,
            TIMES)) {
      System.out.println("reads " + dashboard.place());
      new CountDownLatch(1).await();
    }
  }
}
