package io.agentlog.benchmarks;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Question: how much longer does a JVM take to start with an agent, in time and in CPU time, and
 * how much more memory does it hold?
 *
 * <p>Method: one application loads many classes without an annotation, another makes a first
 * recorded call. Each runs without an agent, with an agent that does nothing, with ours writing
 * files, at the first start in a folder and at a later one, with ours writing to Kafka alone if
 * {@code KAFKA_BOOTSTRAP_SERVERS} names a broker, and with OpenTelemetry's, whose spans go nowhere.
 * Time runs from the start of the process until the application reports that it is ready: classes
 * loaded, call made and, with our agent, the call's events safe from a crash of the process. CPU
 * time is the whole process's until ready, and until three seconds later. Memory is RssAnon and
 * RssFile at that later time, after a collection. Rounds go through all set-ups in turn; the
 * medians are shown. Linux only.
 */
public final class StartUp {
  private static final List<String> KEYS = List.of("classes", "rounds", "heap");

  private final int classCount;
  private final int rounds;
  private final String heap;
  private final Map<String, List<long[]>> results = new LinkedHashMap<>();
  private Path again = Path.of("");

  private StartUp(Map<String, String> settings) {
    classCount = Integer.parseInt(settings.getOrDefault("classes", "10000"));
    rounds = Integer.parseInt(settings.getOrDefault("rounds", "11"));
    heap = settings.getOrDefault("heap", "256m");
  }

  /** Takes {@code KEY=value} for each of the keys above; the defaults take some eight minutes. */
  public static void main(String[] arguments) throws Exception {
    new StartUp(Names.settings(arguments, KEYS)).measure();
  }

  private void measure() throws IOException, InterruptedException {
    Path folder = MeasuredProcess.newFolder();
    try {
      again = Files.createDirectory(folder.resolve("again"));
      Path jar = folder.resolve("classes.jar");
      ManyClasses.write(jar, classCount);
      Path nothing = NothingAgent.write(folder);
      for (int round = 0; round < rounds; round++) {
        measure("none", Variant.NONE, List.of(), jar);
        measure("does_nothing", Variant.NONE, List.of("-javaagent:" + nothing), jar);
        measure("agentlog", Variant.AGENTLOG, List.of(), jar);
        measureAgain(jar);
        if (ShippedAgent.hasBroker()) {
          measure("agentlog_kafka", Variant.AGENTLOG_FLEET, List.of(), jar);
        }
        measure("otel_no_export", Variant.OTEL_NO_EXPORT, List.of(), jar);
      }
    } finally {
      MeasuredProcess.remove(folder);
    }
    print();
  }

  private void measure(String name, Variant variant, List<String> more, Path jar)
      throws IOException, InterruptedException {
    run(name, variant, more, jar, classCount, false);
    run(name, variant, more, jar, 0, true);
  }

  /** Measures a later start: each one finds what the starts before have left in the folder. */
  private void measureAgain(Path jar) throws IOException, InterruptedException {
    run("agentlog_again", Variant.AGENTLOG, List.of(), jar, classCount, false, again);
    if (results.keySet().stream().noneMatch(key -> key.endsWith("call|agentlog_again"))) {
      run("agentlog_again_first", Variant.AGENTLOG, List.of(), jar, 0, true, again);
      results.keySet().removeIf(key -> key.endsWith("agentlog_again_first"));
    }
    run("agentlog_again", Variant.AGENTLOG, List.of(), jar, 0, true, again);
  }

  private void run(
      String name, Variant variant, List<String> more, Path jar, int classes, boolean calls)
      throws IOException, InterruptedException {
    Path folder = MeasuredProcess.newFolder();
    try {
      run(name, variant, more, jar, classes, calls, folder);
    } finally {
      MeasuredProcess.remove(folder);
    }
  }

  private void run(
      String name,
      Variant variant,
      List<String> more,
      Path jar,
      int classes,
      boolean calls,
      Path folder)
      throws IOException, InterruptedException {
    File stderr = folder.resolve("stderr").toFile();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + heap);
    command.addAll(options(variant, folder));
    command.addAll(more);
    command.add("-cp");
    command.add(System.getProperty("java.class.path") + File.pathSeparator + jar);
    command.add(StartUpApp.class.getName());
    command.add(String.valueOf(classes));
    command.add(String.valueOf(calls));
    long begin = System.nanoTime();
    Process process = new ProcessBuilder(command).redirectError(stderr).start();
    long micros = -1;
    long[] taken = null;
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.equals(StartUpApp.READY)) {
          micros = (System.nanoTime() - begin) / 1_000;
        } else if (line.startsWith(StartUpApp.TAKEN)) {
          String[] fields = line.split(" ", -1);
          taken =
              new long[] {
                micros,
                Long.parseLong(fields[1]),
                Long.parseLong(fields[2]),
                Long.parseLong(fields[3])
              };
        }
      }
    }
    String said = Files.readString(stderr.toPath());
    boolean isRecorded =
        !calls || !variant.isAgentlog() || said.contains("stopped: 1 executions, 4 events");
    if (process.waitFor() != 0 || taken == null || !isRecorded) {
      throw new IllegalStateException(variant + " did not do what it was asked for: " + said);
    }
    String what = calls ? "one annotated class and a call" : classes + " classes, none annotated";
    results.computeIfAbsent(what + "|" + name, key -> new ArrayList<>()).add(taken);
  }

  private static List<String> options(Variant variant, Path folder) {
    return switch (variant) {
      case AGENTLOG -> ShippedAgent.withFiles(folder).jvmOptions();
      case AGENTLOG_FLEET -> ShippedAgent.withKafka(folder).jvmOptions();
      case OTEL_NO_EXPORT -> OpenTelemetryAgent.withoutExporter().jvmOptions();
      default -> List.of();
    };
  }

  private void print() {
    System.out.printf(
        Locale.ROOT,
        "%-36s %-16s %10s %10s %12s %14s%n",
        "Java " + Runtime.version(),
        "",
        "ready ms",
        "CPU ms",
        "CPU ms 3 s",
        "anon+file MiB");
    Map<String, double[]> without = new LinkedHashMap<>();
    results.forEach(
        (key, all) -> {
          String[] names = key.split("\\|", -1);
          double[] medians = {
            median(all, 0) / 1e3, median(all, 1) * 10, median(all, 2) * 10, median(all, 3) / 1_024
          };
          without.putIfAbsent(names[0], medians);
          double[] none = without.get(names[0]);
          System.out.printf(
              Locale.ROOT,
              "%-36s %-16s %10.0f %10.0f %12.0f %14.1f   +%.0f ms, +%.0f ms CPU, +%.1f MiB%n",
              names[0],
              names[1],
              medians[0],
              medians[1],
              medians[2],
              medians[3],
              medians[0] - none[0],
              medians[2] - none[2],
              medians[3] - none[3]);
        });
  }

  private static double median(List<long[]> results, int index) {
    return results.stream().mapToDouble(r -> r[index]).sorted().toArray()[results.size() / 2];
  }
}
