package io.agentlog.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs {@link CallerCostBenchmark} for each {@link Variant} and prints all variants side by side.
 * Takes JMH's own options. Exits with an error if a figure of ours does not count because an event
 * was dropped, lost or changed.
 */
public final class CallerCost {
  /** Names the variants to run, separated by commas; the default is all that are available. */
  private static final String VARIANTS_PROPERTY = "variants";

  private static final List<Integer> THREADS = List.of(1, 4);
  private static final List<String> PROMPT_BYTES = List.of("1024", "16384");

  /** The variants on virtual threads, where only bytes are measured. */
  private static final List<Variant> ON_VIRTUAL_THREADS =
      List.of(Variant.NONE, Variant.AGENTLOG, Variant.OTEL);

  private final CommandLineOptions commandLine;
  private final Set<Variant> variants;
  private final List<String> voids = new ArrayList<>();

  private CallerCost(CommandLineOptions commandLine, Set<Variant> variants) {
    this.commandLine = commandLine;
    this.variants = variants;
  }

  public static void main(String[] arguments) throws Exception {
    CommandLineOptions commandLine = new CommandLineOptions(arguments);
    if (commandLine.shouldHelp()) {
      commandLine.showHelp();
      return;
    }
    Set<Variant> variants =
        Names.variants(System.getProperty(VARIANTS_PROPERTY), Variant.available());
    variants.forEach(Variant::requireJar); // Fails here rather than after minutes.
    if (!new CallerCost(commandLine, variants).measureAll()) {
      System.exit(1);
    }
  }

  private boolean measureAll() throws RunnerException {
    Collection<String> prompts = commandLine.getParameter("promptBytes").orElse(PROMPT_BYTES);
    List<Integer> threads =
        commandLine.getThreads().hasValue() ? List.of(commandLine.getThreads().get()) : THREADS;
    List<String> tables = new ArrayList<>();
    for (int threadCount : threads) {
      for (String promptBytes : prompts) {
        tables.add(measure("execution", threadCount, promptBytes, List.copyOf(variants)));
      }
    }
    if (Runtime.version().feature() >= VirtualThreads.FEATURE_VERSION_MIN) {
      List<Variant> some = ON_VIRTUAL_THREADS.stream().filter(variants::contains).toList();
      tables.add(measure("onFreshVirtualThreads", 1, "1024", some));
    }
    System.out.println();
    tables.forEach(System.out::println);
    line(
        "ns and bytes of the caller for one execution; mean/OT and CPU/OT: of %s. %s %s, %d cores",
        Variant.OTEL.label,
        System.getProperty("java.vm.name"),
        Runtime.version(),
        Runtime.getRuntime().availableProcessors());
    voids.forEach(flaw -> line("DOES NOT COUNT: %s", flaw));
    return voids.isEmpty();
  }

  /** Runs the variants one after the other, so that a change of the machine affects all of them. */
  private String measure(String method, int threads, String promptBytes, List<Variant> some)
      throws RunnerException {
    String title =
        "%s%d thread%s, prompt of %s B"
            .formatted(
                method.equals("execution") ? "" : "fresh virtual threads from ",
                threads,
                threads == 1 ? "" : "s",
                promptBytes);
    Map<Variant, CostTable.Row> rows = new EnumMap<>(Variant.class);
    for (Variant variant : some) {
      ChainedOptionsBuilder options =
          new OptionsBuilder()
              .parent(commandLine)
              .include(CallerCostBenchmark.class.getName() + "." + method + "$")
              .threads(threads)
              .param("promptBytes", promptBytes)
              .addProfiler(MeasuredVariant.class, variant.name())
              .shouldFailOnError(true);
      if (!commandLine.verbosity().hasValue()) {
        options.verbosity(VerboseMode.SILENT);
      }
      new Runner(options.build()).run();
      List<MeasuredVariant.Fork> forks = MeasuredVariant.takeForks();
      CostTable.Row row = CostTable.Row.of(forks);
      rows.put(variant, row);
      row.flaws().forEach(flaw -> voids.add(title + ", " + variant.label + ": " + flaw));
      line("# %s, %s: %s", title, variant.label, row.fate());
    }
    return CostTable.of(title, rows);
  }

  private static void line(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
