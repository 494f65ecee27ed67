package io.agentlog.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Question: what does a call of an AI service of LangChain4j, or of a chat client of Spring AI,
 * cost its caller in time and allocated bytes more with the agent?
 *
 * <p>Method: the model answers at once, asks for a tool first, and is asked again with its result.
 * Each JVM makes bursts of calls on one thread, with an untimed pause before each; the last third
 * of the bursts counts. Rounds go through all variants in turn; medians of the rounds are shown. A
 * figure of ours counts only if every event was recorded and, with files, delivered. OpenTelemetry
 * records nothing of these calls: its row is what its presence costs.
 */
public final class FrameworkCost {
  private static final List<String> KEYS =
      List.of("frameworks", "variants", "rounds", "bursts", "calls", "pause");

  /** Begins the line with the figures of {@code Loop}. */
  private static final String TAKEN = "taken ";

  private static final int P50 = 0;
  private static final int P99 = 1;
  private static final int MEAN = 2;
  private static final int CPU = 3;
  private static final int BYTES = 4;
  private static final int CALLS = 5;

  private final Map<String, String> settings;
  private final List<FrameworkVariant> variants = new ArrayList<>();

  private FrameworkCost(Map<String, String> settings) {
    this.settings = settings;
    String named = settings.getOrDefault("variants", "none,files,down,off,otel");
    for (String name : named.split(",", -1)) {
      variants.add(FrameworkVariant.valueOf(name.toUpperCase(Locale.ROOT)));
    }
  }

  /** Takes {@code KEY=value} for each of the keys above; the defaults take ten minutes. */
  public static void main(String[] arguments) throws Exception {
    new FrameworkCost(Names.settings(arguments, KEYS)).measure();
  }

  private void measure() throws IOException, InterruptedException {
    List<FrameworkApplication> applications = FrameworkApplication.ALL;
    if (settings.containsKey("frameworks")) {
      Set<String> names = new LinkedHashSet<>(List.of(settings.get("frameworks").split(",", -1)));
      applications = FrameworkApplication.named(names);
    }
    int rounds = Integer.parseInt(settings.getOrDefault("rounds", "3"));
    System.out.printf(
        Locale.ROOT,
        "%-20s %-28s %9s %9s %9s %9s %9s   Java %s, medians of %d%n",
        "nanoseconds a call",
        "",
        "p50",
        "p99",
        "mean",
        "CPU",
        "bytes",
        Runtime.version(),
        rounds);
    for (FrameworkApplication application : applications) {
      measure(application, rounds);
    }
  }

  private void measure(FrameworkApplication application, int rounds)
      throws IOException, InterruptedException {
    Map<FrameworkVariant, List<long[]>> results = new EnumMap<>(FrameworkVariant.class);
    Path folder = MeasuredProcess.newFolder();
    try {
      String classPath = application.compile(folder);
      for (int round = 0; round < rounds; round++) {
        for (FrameworkVariant variant : variants) {
          long[] taken = run(application, classPath, variant);
          results.computeIfAbsent(variant, key -> new ArrayList<>()).add(taken);
        }
      }
    } finally {
      MeasuredProcess.remove(folder);
    }
    print(application, results);
  }

  private long[] run(FrameworkApplication application, String classPath, FrameworkVariant variant)
      throws IOException, InterruptedException {
    Path folder = MeasuredProcess.newFolder();
    try {
      List<String> options = new ArrayList<>();
      options.add("-Xmx512m");
      Map<String, String> sizes = new LinkedHashMap<>();
      sizes.put("bursts", "100");
      sizes.put("calls", "300");
      sizes.put("pause", "40");
      sizes.forEach(
          (key, byDefault) ->
              options.add("-D" + key + "=" + settings.getOrDefault(key, byDefault)));
      options.addAll(variant.jvmOptions(ShippedAgent.jar(), folder));
      Path stderr = folder.resolve("stderr");
      Process process =
          new ProcessBuilder(application.command(classPath, options, "loop"))
              .redirectError(stderr.toFile())
              .start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      String warned = Files.readString(stderr);
      if (process.waitFor() != 0 || !said.contains(TAKEN)) {
        throw new IllegalStateException(variant + " of " + application + ": " + said + warned);
      }
      long[] taken = figures(said.substring(said.indexOf(TAKEN) + TAKEN.length()).strip());
      variant.check(warned, taken[CALLS] + 1, application.events()); // One call before the bursts.
      return taken;
    } finally {
      MeasuredProcess.remove(folder);
    }
  }

  private static long[] figures(String text) {
    String[] fields = text.split(" ", -1);
    long[] figures = new long[fields.length];
    for (int i = 0; i < fields.length; i++) {
      figures[i] = Long.parseLong(fields[i]);
    }
    return figures;
  }

  private static void print(
      FrameworkApplication application, Map<FrameworkVariant, List<long[]>> results) {
    List<long[]> none = results.get(FrameworkVariant.NONE);
    results.forEach(
        (variant, all) -> {
          System.out.printf(
              Locale.ROOT,
              "%-20s %-28s %,9d %,9d %,9d %,9d %,9d",
              application.label(),
              variant.label,
              median(all, P50),
              median(all, P99),
              median(all, MEAN),
              median(all, CPU),
              median(all, BYTES));
          if (none != null) {
            System.out.printf(
                Locale.ROOT,
                "   p50 +%,d (%.2f), CPU +%,d (%.2f), bytes +%,d",
                median(all, P50) - median(none, P50),
                (double) median(all, P50) / median(none, P50),
                median(all, CPU) - median(none, CPU),
                (double) median(all, CPU) / median(none, CPU),
                median(all, BYTES) - median(none, BYTES));
          }
          System.out.println();
        });
  }

  private static long median(List<long[]> all, int index) {
    return all.stream().mapToLong(each -> each[index]).sorted().toArray()[all.size() / 2];
  }
}
