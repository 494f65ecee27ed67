package io.agentlog.benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** With what an application of a framework is compared. */
enum FrameworkVariant {
  NONE("no agent"),
  FILES("agentlog, files"),
  DOWN("agentlog, database down"),
  OFF("agentlog, frameworks=off"),
  OTEL("OpenTelemetry, no exporter");

  private static final Pattern STOPPED =
      Pattern.compile(
          "\\[agentlog] stopped: (\\d+) executions, (\\d+) events recorded, dropped (\\d+)([^\\n"
              + "]*)");

  final String label;

  FrameworkVariant(String label) {
    this.label = label;
  }

  /** The options of a JVM of this variant, whose agent writes into the folder. */
  List<String> jvmOptions(Path jar, Path folder) {
    return switch (this) {
      case NONE -> List.of();
      case FILES -> agent(jar, folder, "file.enabled=true,shutdown.wait=20s,");
      case DOWN ->
          agent(jar, folder, "postgres.host=127.0.0.1,postgres.port=1,journal.max-size=1g,");
      case OFF -> agent(jar, folder, "file.enabled=true,frameworks=off,");
      case OTEL -> OpenTelemetryAgent.withoutExporter().jvmOptions();
    };
  }

  private static List<String> agent(Path jar, Path folder, String arguments) {
    return List.of("-javaagent:%s=service=benchmark,%sdir='%s'".formatted(jar, arguments, folder));
  }

  /**
   * Throws unless our agent says that it recorded each call, dropped nothing, and delivered
   * everything, or kept it for a database that is down; if frameworks are off, no call at all.
   */
  void check(String stderr, long calls, int events) {
    if (this == NONE || this == OTEL) {
      return;
    }
    long made = this == OFF ? 0 : calls;
    Matcher stopped = STOPPED.matcher(stderr);
    if (made == 0 && stderr.contains("[agentlog] agentlog ") && !stopped.find()) {
      return; // It was there, and has no journal to close.
    }
    boolean isWhole =
        stopped.find(0)
            && Long.parseLong(stopped.group(1)) == made
            && Long.parseLong(stopped.group(2)) == made * events
            && stopped.group(3).equals("0");
    long all = made * events;
    if (isWhole && this == FILES) {
      isWhole = stopped.group(4).equals("; file delivered " + all + ", pending 0, parked 0");
    } else if (isWhole && this == DOWN) {
      isWhole = stopped.group(4).equals("; postgres delivered 0, pending " + all + ", parked 0");
    }
    if (!isWhole) {
      throw new IllegalStateException(
          label + " did not record " + made + " calls of " + events + " events: " + stderr);
    }
  }
}
