package io.agentlog.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * The measured application of {@link StartUp}: loads classes, makes one recorded call if asked to,
 * prints that it is ready, and three seconds later prints its CPU time and memory.
 */
final class StartUpApp {
  static final String READY = "ready";
  static final String TAKEN = "taken";

  /** Time in which the agents' own threads may finish the work of their start. */
  private static final long SETTLED_MILLIS = 3_000;

  private static final String STAT = "/proc/self/stat";
  private static final String STATUS = "/proc/self/status";

  private StartUpApp() {}

  /** Takes the number of classes, and whether to make a call. */
  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    for (int n = 1; n <= count; n++) {
      Class.forName(ManyClasses.name(n));
    }
    if (Boolean.parseBoolean(arguments[1])) {
      new AnnotatedExecution().run("the first prompt", new UUID(1, 1));
    }
    long ticks = cpuTicks();
    System.out.println(READY);
    System.out.flush();
    Thread.sleep(SETTLED_MILLIS);
    long later = cpuTicks();
    System.gc();
    System.out.println(TAKEN + " " + ticks + " " + later + " " + kibibytes());
  }

  /** User and system time in the kernel's ticks, which are hundredths of a second. */
  private static long cpuTicks() throws IOException {
    String stat = Files.readString(Path.of(STAT));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  private static long kibibytes() throws IOException {
    long sum = 0;
    for (String line : Files.readAllLines(Path.of(STATUS))) {
      if (line.startsWith("RssAnon:") || line.startsWith("RssFile:")) {
        sum += Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return sum;
  }
}
