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
 * JMH's hook around each measured JVM: attaches a {@link Variant} and collects the JVM's files.
 * Belongs to the thread that runs JMH.
 */
public final class MeasuredVariant implements ExternalProfiler {
  /**
   * Holds several bursts of three spans a call, because the first, cold export can take a second.
   */
  private static final int QUEUE_SPANS = 32_768;

  /** The logs of one JVM's threads, and what happened to its calls. */
  record Fork(List<ThreadLog> threads, Delivery delivery) {}

  /** Static, because JMH makes profilers by name and does not hand them out. */
  private static final List<Fork> FORKS = new ArrayList<>();

  private final Variant variant;
  private @Nullable Path folder;
  private @Nullable Attachment attachment;

  /**
   * Called by JMH.
   *
   * @param variant the name of a {@link Variant}
   */
  public MeasuredVariant(String variant) {
    this.variant = Variant.valueOf(variant);
  }

  /** The JVMs measured since the last call. */
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
      throw new UncheckedIOException("can't prepare the JVM to measure", e);
    }
  }

  @Override
  public Collection<? extends Result<?>> afterTrial(
      BenchmarkResult result, long pid, File stdOut, File stdErr) {
    Path there = folder;
    Attachment attached = attachment;
    if (there == null || attached == null) {
      throw new IllegalStateException("JMH started a JVM without asking for its options");
    }
    try {
      List<ThreadLog> threads = ThreadLog.readAll(there);
      String stderr = Files.readString(stdErr.toPath());
      FORKS.add(new Fork(threads, attached.check(stderr, Calls.of(threads))));
      attached.close();
      MeasuredProcess.remove(there);
    } catch (IOException e) {
      throw new UncheckedIOException("can't read the files of the measured JVM", e);
    }
    return List.of();
  }

  @Override
  public Collection<String> addJVMInvokeOptions(BenchmarkParams params) {
    return List.of();
  }

  @Override
  public void beforeTrial(BenchmarkParams params) {
    // All settings are on the command line.
  }

  @Override
  public boolean allowPrintOut() {
    return false; // Only the table is printed.
  }

  @Override
  public boolean allowPrintErr() {
    return false; // The file is read afterwards.
  }

  @Override
  public String getDescription() {
    return "attaches an agent and checks that it did its work";
  }
}
