package io.agentlog.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Question: how long does a call take in a JVM that has just started, at the application's own
 * rate, and does everything arrive?
 *
 * <p>Method: each {@link Variant} gets a JVM of its own, with no warm-up and the agent's own
 * defaults, and makes calls by a schedule (an open loop): a late call does not delay the due time
 * of the next, so a slow call hides no others. Each call has two times: its own, and from its due
 * time to its end. The first is the agent's cost; the second adds the wake-up of a sleeping thread
 * and the wait for a core. Percentiles cover all calls from the first. Afterwards the recorded and
 * delivered calls are counted. A figure of ours with a missing event does not count;
 * OpenTelemetry's is printed with the number of missing spans.
 *
 * <p>Assumptions: the calls use a small part of the cores, so what competes with them is the
 * agent's own threads, the sink's process and the compiler, as in a real start.
 */
public final class Paced {
  private static final Variant[] VARIANTS = {Variant.NONE, Variant.AGENTLOG, Variant.OTEL};
  private static final List<String> KEYS =
      List.of("variants", "rates", "seconds", "threads", "prompt");
  private static final String COLUMNS =
      "%-28s %8s %10s | %8s %8s %8s %9s | %8s %8s %8s %9s | %10s %10s %10s%n";

  /** Extra time for the JVM's start, its last flush and a busy machine. */
  private static final long SLACK_SECONDS = 90;

  private final int seconds;
  private final int threads;
  private final int promptBytes;
  private final StringBuilder table = new StringBuilder();
  private final List<String> voids = new ArrayList<>();

  private Paced(Map<String, String> settings) {
    seconds = Integer.parseInt(settings.getOrDefault("seconds", "20"));
    threads = Integer.parseInt(settings.getOrDefault("threads", "4"));
    promptBytes = Integer.parseInt(settings.getOrDefault("prompt", "1024"));
  }

  /** Takes {@code KEY=value} for each of the keys above; the defaults take some three minutes. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Map<String, String> settings = Names.settings(arguments, KEYS);
    Set<Variant> variants = Names.variants(settings.get("variants"), VARIANTS);
    if (variants.contains(Variant.RAW)) {
      throw new IllegalArgumentException(
          "raw can't run here, because PacedApp makes annotated calls");
    }
    variants.forEach(Variant::requireJar);
    Paced paced = new Paced(settings);
    for (String rate : settings.getOrDefault("rates", "2000,5000").split(",", -1)) {
      for (Variant variant : variants) {
        paced.measure(variant, Integer.parseInt(rate));
      }
    }
    if (!paced.print()) {
      System.exit(1);
    }
  }

  private void measure(Variant variant, int rate) throws IOException, InterruptedException {
    Path folder = MeasuredProcess.newFolder();
    try (Attachment attachment = variant.attach(folder, OpenTelemetryAgent.QUEUE_DEFAULT)) {
      List<String> options = new ArrayList<>(attachment.jvmOptions());
      options.add("-Xmx512m");
      File stdout = folder.resolve("stdout").toFile();
      File stderr = folder.resolve("stderr").toFile();
      Process process =
          new ProcessBuilder(
                  MeasuredProcess.command(
                      options,
                      PacedApp.class,
                      String.valueOf(rate),
                      String.valueOf(seconds),
                      String.valueOf(threads),
                      String.valueOf(promptBytes)))
              .redirectOutput(stdout)
              .redirectError(stderr)
              .start();
      if (!process.waitFor(seconds + SLACK_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(variant.label + ": the JVM did not end in time");
      }
      String errors = Files.readString(stderr.toPath());
      String result =
          Files.readString(stdout.toPath())
              .lines()
              .filter(line -> line.startsWith(PacedApp.RESULT))
              .map(line -> line.substring(PacedApp.RESULT.length()))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException(variant.label + " failed: " + errors));
      add(variant, rate, result.split(" ", -1), errors, attachment);
    }
    MeasuredProcess.remove(folder);
  }

  private void add(
      Variant variant, int rate, String[] figures, String stderr, Attachment attachment)
      throws IOException {
    Calls calls =
        new Calls(
            Map.of(promptBytes, Long.valueOf(figures[0])), Boolean.parseBoolean(figures[1]), 1);
    Delivery delivery = attachment.check(stderr, calls);
    List<Object> row = new ArrayList<>();
    row.add(variant.label);
    row.add(Delivery.count(rate));
    row.add(Delivery.count(calls.count()));
    for (int i = 3; i < figures.length; i++) {
      row.add(delivery.flaw() == null ? rounded(figures[i]) : "void");
    }
    boolean records = delivery.made() > 0;
    row.add(records ? Delivery.count(delivery.made()) + " " + delivery.unit().charAt(0) : "-");
    row.add(records ? Delivery.count(delivery.recorded()) : "-");
    row.add(records ? Delivery.count(delivery.delivered()) : "-");
    table.append(String.format(Locale.ROOT, COLUMNS, row.toArray()));
    if (delivery.flaw() != null) {
      voids.add(variant.label + " at " + rate + ": " + delivery.flaw());
    }
    System.out.printf(
        Locale.ROOT, "# %s, %d a second asked for, %s made%n", variant.label, rate, figures[2]);
  }

  private static String rounded(String micros) {
    return String.format(Locale.ROOT, "%,.1f", Double.parseDouble(micros));
  }

  private boolean print() {
    System.out.println();
    System.out.printf(
        Locale.ROOT,
        COLUMNS,
        "us: a call | from when it was due",
        "rate/s",
        "calls",
        "p50",
        "p99",
        "p99.9",
        "max",
        "p50",
        "p99",
        "p99.9",
        "max",
        "made",
        "recorded",
        "delivered");
    System.out.print(table);
    System.out.printf(
        Locale.ROOT,
        "%d s each on %d threads, prompt of %d B; e: events, s: spans. %s %s, %d cores%n",
        seconds,
        threads,
        promptBytes,
        System.getProperty("java.vm.name"),
        Runtime.version(),
        Runtime.getRuntime().availableProcessors());
    voids.forEach(flaw -> System.out.println("DOES NOT COUNT: " + flaw));
    return voids.isEmpty();
  }
}
