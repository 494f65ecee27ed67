package io.agentlog.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.ExternalProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;

/**
 * Attaches the shipped jar to a measured JVM, with files in a temp folder as its sink, and reads
 * what the agent says when it stops: the run fails unless everything was recorded, delivered and
 * nothing dropped.
 */
public final class ShippedAgent implements ExternalProfiler {
  /** Names the jar, if it is not where the build leaves it. */
  static final String JAR_PROPERTY = "agentlog.jar";

  private static final String JAR_DEFAULT = "agent/dist/target/agentlog.jar";
  private static final Pattern STOPPED =
      Pattern.compile(
          "\\[agentlog] stopped: (\\d+) executions, (\\d+) events recorded, dropped (\\d+)(.*)");
  private static final Pattern ALL_DELIVERED =
      Pattern.compile("; file delivered (\\d+), pending 0, parked 0");

  private @Nullable Path folder;

  /** The jar, absolute. */
  static Path jar() {
    Path jar = Path.of(System.getProperty(JAR_PROPERTY, JAR_DEFAULT)).toAbsolutePath();
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException(
          jar + " is not there: build agent/dist, or name the jar with -D" + JAR_PROPERTY);
    }
    return jar;
  }

  @Override
  public Collection<String> addJVMOptions(BenchmarkParams params) {
    try {
      folder = Files.createTempDirectory("agentlog-benchmark-");
    } catch (IOException e) {
      throw new UncheckedIOException("no temp folder", e);
    }
    return List.of(
        "-javaagent:%s=service=benchmark,file.enabled=true,shutdown.wait=20s,dir='%s'"
            .formatted(jar(), folder),
        "-D" + Bursts.FOLDER_PROPERTY + "=" + folder);
  }

  @Override
  public Collection<? extends Result<?>> afterTrial(
      BenchmarkResult result, long pid, File stdOut, File stdErr) {
    try {
      requireAllRecorded(Files.readString(stdErr.toPath()));
    } catch (IOException e) {
      throw new UncheckedIOException("the agent's lines can't be read", e);
    } finally {
      remove();
    }
    return List.of();
  }

  /** Throws unless the agent's last line says that nothing is missing. */
  static void requireAllRecorded(String stderr) {
    Matcher stopped = STOPPED.matcher(stderr);
    if (!stopped.find()) {
      throw new IllegalStateException("the agent did not say that it stopped: " + stderr);
    }
    long executions = Long.parseLong(stopped.group(1));
    long events = Long.parseLong(stopped.group(2));
    Matcher delivered = ALL_DELIVERED.matcher(stopped.group(4));
    boolean complete =
        executions > 0
            && events == executions * CallerCostBenchmark.EVENTS_PER_EXECUTION
            && stopped.group(3).equals("0")
            && stopped.group(4).startsWith("; ")
            && delivered.find()
            && Long.parseLong(delivered.group(1)) == events;
    if (!complete) {
      throw new IllegalStateException("the figure does not count: " + stopped.group());
    }
    System.out.println("# " + stopped.group());
  }

  private void remove() {
    Path there = folder;
    if (there == null) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(there)) {
      deepestFirst = new ArrayList<>(all.sorted(Comparator.reverseOrder()).toList());
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the temp folder stays", e);
    }
  }

  @Override
  public Collection<String> addJVMInvokeOptions(BenchmarkParams params) {
    return List.of();
  }

  @Override
  public void beforeTrial(BenchmarkParams params) {
    // All is on the command line.
  }

  @Override
  public boolean allowPrintOut() {
    return true;
  }

  @Override
  public boolean allowPrintErr() {
    return true;
  }

  @Override
  public String getDescription() {
    return "attaches agentlog.jar and fails if it dropped anything";
  }
}
