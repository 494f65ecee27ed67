package io.agentlog.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Question: how much longer does a small application of LangChain4j take to start with the agent,
 * and how much more memory does it hold? Does the support of frameworks cost a JVM that has none?
 *
 * <p>Method: an application builds a service and makes its first call; another loads no framework.
 * Each runs in turn without the agent, with it, and with {@code frameworks=off}; with {@code
 * before=JAR} also with another jar of the agent. Times run from the start of the process to the
 * line that the application prints; CPU time and memory (RssAnon and RssFile, after a collection)
 * are the kernel's, three seconds later. Medians of the rounds are shown. Linux only.
 */
public final class FrameworkStartUp {
  private static final List<String> KEYS = List.of("rounds", "before", "frameworks");

  /** Time in which the agent's own threads may finish the work of their start. */
  private static final long SETTLED_MILLIS = 3_000;

  private static final int READY_MICROS = 0;
  private static final int CPU_TICKS = 1;
  private static final int KIBIBYTES = 2;

  private final Map<String, List<long[]>> results = new LinkedHashMap<>();

  private FrameworkStartUp() {}

  /** Takes {@code KEY=value} for each of the keys above; the defaults take four minutes. */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = Names.settings(arguments, KEYS);
    String framework = settings.getOrDefault("frameworks", "langchain4j-newest");
    int rounds = Integer.parseInt(settings.getOrDefault("rounds", "7"));
    String before = settings.get("before");
    FrameworkStartUp measured = new FrameworkStartUp();
    measured.measure(
        FrameworkApplication.ALONE,
        rounds,
        before == null ? null : Path.of(before).toAbsolutePath());
    for (FrameworkApplication each : FrameworkApplication.named(Set.of(framework.split(",", -1)))) {
      measured.measure(each, rounds, null);
    }
    measured.print();
  }

  private void measure(FrameworkApplication application, int rounds, @Nullable Path jarBefore)
      throws IOException, InterruptedException {
    Path folder = MeasuredProcess.newFolder();
    try {
      String classPath = application.compile(folder);
      Path jar = ShippedAgent.jar();
      for (int round = 0; round < rounds; round++) {
        run(application, classPath, FrameworkVariant.NONE, jar, "no agent");
        run(application, classPath, FrameworkVariant.FILES, jar, "agentlog");
        run(application, classPath, FrameworkVariant.OFF, jar, "agentlog, frameworks=off");
        if (jarBefore != null) {
          run(application, classPath, FrameworkVariant.FILES, jarBefore, "agentlog before");
        }
      }
    } finally {
      MeasuredProcess.remove(folder);
    }
  }

  private void run(
      FrameworkApplication application,
      String classPath,
      FrameworkVariant variant,
      Path jar,
      String label)
      throws IOException, InterruptedException {
    Path folder = MeasuredProcess.newFolder();
    try {
      List<String> options = new ArrayList<>();
      options.add("-Xmx256m");
      options.addAll(variant.jvmOptions(jar, folder));
      Path stderr = folder.resolve("stderr");
      long begin = System.nanoTime();
      Process process =
          new ProcessBuilder(application.command(classPath, options, "start"))
              .redirectError(stderr.toFile())
              .start();
      long[] taken = new long[3];
      try (BufferedReader out = process.inputReader();
          OutputStream in = process.getOutputStream()) {
        expect("ready", out, stderr);
        taken[READY_MICROS] = (System.nanoTime() - begin) / 1_000;
        Thread.sleep(SETTLED_MILLIS);
        Path proc = Path.of("/proc", String.valueOf(process.pid()));
        taken[CPU_TICKS] = cpuTicks(proc.resolve("stat"));
        in.write('\n');
        in.flush();
        expect("collected", out, stderr);
        taken[KIBIBYTES] = kibibytes(proc.resolve("status"));
      }
      String warned = process.waitFor() == 0 ? Files.readString(stderr) : "";
      variant.check(warned, application.events() == 0 ? 0 : 1, application.events());
      results.computeIfAbsent(application.label() + "|" + label, k -> new ArrayList<>()).add(taken);
    } finally {
      MeasuredProcess.remove(folder);
    }
  }

  private static void expect(String line, BufferedReader out, Path stderr) throws IOException {
    String said = out.readLine();
    if (!line.equals(said)) {
      throw new IllegalStateException(
          "expected " + line + ", was " + said + ": " + Files.readString(stderr));
    }
  }

  /** User and system time in the kernel's ticks, which are hundredths of a second. */
  private static long cpuTicks(Path file) throws IOException {
    String stat = Files.readString(file);
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  private static long kibibytes(Path file) throws IOException {
    long sum = 0;
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("RssAnon:") || line.startsWith("RssFile:")) {
        sum += Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return sum;
  }

  private void print() {
    System.out.printf(
        Locale.ROOT,
        "%-20s %-26s %9s %9s %9s   Java %s%n",
        "",
        "",
        "ready ms",
        "CPU ms",
        "MiB",
        Runtime.version());
    Map<String, double[]> without = new LinkedHashMap<>();
    results.forEach(
        (key, all) -> {
          String[] names = key.split("\\|", -1);
          double[] medians = {
            median(all, READY_MICROS) / 1e3,
            median(all, CPU_TICKS) * 10,
            median(all, KIBIBYTES) / 1_024
          };
          double[] none = without.computeIfAbsent(names[0], k -> medians);
          System.out.printf(
              Locale.ROOT,
              "%-20s %-26s %9.0f %9.0f %9.1f   +%.0f ms, +%.0f ms CPU, +%.1f MiB%n",
              names[0],
              names[1],
              medians[0],
              medians[1],
              medians[2],
              medians[0] - none[0],
              medians[1] - none[1],
              medians[2] - none[2]);
        });
  }

  private static double median(List<long[]> all, int index) {
    return all.stream().mapToDouble(each -> each[index]).sorted().toArray()[all.size() / 2];
  }
}
