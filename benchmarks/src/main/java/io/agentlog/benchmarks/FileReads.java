package io.agentlog.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link FileReadBenchmark} without the shipped agent, with it, and with it and {@code
 * files=true}, and prints all side by side. Takes JMH's own options.
 */
public final class FileReads {
  private FileReads() {}

  public static void main(String[] arguments) throws Exception {
    CommandLineOptions commandLine = new CommandLineOptions(arguments);
    List<String> agent =
        ShippedAgent.withFiles(Files.createTempDirectory("agentlog-file-reads-")).jvmOptions();
    List<String> agentWithFiles = new ArrayList<>(agent);
    agentWithFiles.add("-Dagentlog.files=true");
    agentWithFiles.add("-Dagentlog.project.path=" + Path.of("").toAbsolutePath());
    Map<String, List<String>> variants = new LinkedHashMap<>();
    variants.put("no agent", List.of());
    variants.put("agentlog", agent);
    variants.put("files=true", agentWithFiles);
    for (Map.Entry<String, List<String>> variant : variants.entrySet()) {
      run(commandLine, variant.getValue()).forEach(result -> print(variant.getKey(), result));
    }
  }

  @SuppressWarnings("SystemOut") // Printing is its purpose.
  private static void print(String variant, RunResult result) {
    Result<?> time = result.getPrimaryResult();
    System.out.printf(
        Locale.ROOT,
        "%-10s %-10s %,10.0f ± %,.0f ns%n",
        variant,
        time.getLabel(),
        time.getScore(),
        time.getScoreError());
  }

  private static Collection<RunResult> run(CommandLineOptions commandLine, List<String> options)
      throws Exception {
    return new Runner(
            new OptionsBuilder()
                .parent(commandLine)
                .include(FileReadBenchmark.class.getName())
                .jvmArgsAppend(options.toArray(String[]::new))
                .build())
        .run();
  }
}
