package io.agentlog.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.ExternalProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;

/**
 * JMH's hook around the JVMs that it measures: attaches a {@link Variant} to each and collects what
 * it left. Belongs to the thread that runs JMH.
 */
public final class MeasuredVariant implements ExternalProfiler {
  /** Several bursts of three spans a call: the first export, all cold, can take a second. */
  private static final int QUEUE_SPANS = 32_768;

  /** What one JVM did. */
  record Fork(List<ThreadLog> threads, Delivery delivery) {}

  /** JMH makes profilers by their name and keeps them to itself. */
  private static final List<Fork> FORKS = new ArrayList<>();

  private final Variant variant;
  private @Nullable Path folder;
  private @Nullable Attachment attachment;

  /**
   * For JMH.
   *
   * @param variant the name of a {@link Variant}
   */
  public MeasuredVariant(String variant) {
    this.variant = Variant.valueOf(variant);
  }

  /** The JVMs measured since this was asked last. */
  static List<Fork> takeForks() {
    List<Fork> forks = List.copyOf(FORKS);
    FORKS.clear();
    return forks;
  }

  @Override
  public Collection<String> addJVMOptions(BenchmarkParams params) {
    try {
      Path made = MeasuredProcess.newFolder();
      folder = made;
      int queue = Integer.getInteger("opentelemetry.queue", QUEUE_SPANS);
      Attachment attached = variant.attach(made, queue);
      attachment = attached;
      List<String> options = new ArrayList<>(attached.jvmOptions());
      options.add("-D" + Bursts.FOLDER_PROPERTY + "=" + made);
      return options;
    } catch (IOException e) {
      throw new UncheckedIOException("the JVM to be measured can't be made ready", e);
    }
  }

  @Override
  public Collection<? extends Result<?>> afterTrial(
      BenchmarkResult result, long pid, File stdOut, File stdErr) {
    Path there = folder;
    Attachment attached = attachment;
    if (there == null || attached == null) {
      throw new IllegalStateException("JMH did not ask for options before");
    }
    try {
      List<ThreadLog> threads = ThreadLog.readAll(there);
      String stderr = Files.readString(stdErr.toPath());
      FORKS.add(new Fork(threads, attached.check(stderr, Calls.of(threads))));
      attached.close();
      MeasuredProcess.remove(there);
    } catch (IOException e) {
      throw new UncheckedIOException("what the measured JVM left can't be read", e);
    }
    return List.of();
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
    return false; // Ours is the table.
  }

  @Override
  public boolean allowPrintErr() {
    return false; // Read afterwards.
  }

  @Override
  public String getDescription() {
    return "attaches an agent and checks that it did its work";
  }
}
