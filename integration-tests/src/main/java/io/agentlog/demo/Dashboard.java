package io.agentlog.demo;

import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The dashboard in its own JVM; it ends with this one. */
final class Dashboard {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Pattern LINK = Pattern.compile("https?://\\S+/login\\?code=\\S+");

  private final ChildJvm jvm;
  private String link;

  private Dashboard(ChildJvm jvm, String link) {
    this.jvm = jvm;
    this.link = link;
  }

  /**
   * Prepares the database for the dashboard's figures, and starts the dashboard on a free port.
   *
   * @param more further options
   */
  static Dashboard start(Path jar, Postgres database, List<String> more) {
    try (ChildJvm migrate = command(jar, database, "migrate").start()) {
      int exitCode = migrate.awaitExit(DEADLINE);
      if (exitCode != 0) {
        throw new DemoException(
            "the dashboard's tables can't be made: " + String.join(" | ", migrate.stderr()));
      }
    }
    // The sample's prompts are nobody's secret.
    List<String> options = new ArrayList<>(List.of("dashboard", "--port", "0", "--texts"));
    options.addAll(more);
    ChildJvm jvm = command(jar, database, options.toArray(String[]::new)).start();
    jvm.awaitWhileAlive("link to the dashboard", DEADLINE, () -> link(jvm.stdout()).isPresent());
    return new Dashboard(jvm, link(jvm.stdout()).orElseThrow());
  }

  /** The address that logs one browser in. */
  String link() {
    return link;
  }

  /** Returns the link that has followed a used one; empty if there is no other than before. */
  Optional<String> newLink() {
    String latest = link(jvm.stdout()).orElse(link);
    if (latest.equals(link)) {
      return Optional.empty();
    }
    link = latest;
    return Optional.of(latest);
  }

  void requireAlive() {
    if (!jvm.isAlive()) {
      throw new DemoException("the dashboard ended: " + String.join(" | ", jvm.stderr()));
    }
  }

  private static ChildJvm.Builder command(Path jar, Postgres database, String... arguments) {
    return ChildJvm.likeThis()
        .options("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
        .property("agentlog.postgres.host", database.host())
        .property("agentlog.postgres.port", database.port())
        .property("agentlog.postgres.database", database.database())
        .property("agentlog.postgres.user", database.user())
        // Not a property: everyone who lists processes can read properties.
        .environment("AGENTLOG_POSTGRES_PASSWORD", database.password())
        .jar(jar, arguments);
  }

  private static Optional<String> link(List<String> lines) {
    return lines.stream()
        .map(LINK::matcher)
        .filter(Matcher::find)
        .map(Matcher::group)
        .reduce((before, latest) -> latest);
  }
}
