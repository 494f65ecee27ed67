package io.agentlog.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import javax.tools.ToolProvider;

/**
 * Question: does a recorded method with many returns run as fast as without the agent, once it is
 * compiled? HotSpot compiles no method of more than 8,000 bytes, so code that is copied to each
 * return could keep a long method interpreted for ever.
 *
 * <p>Method: a method of some 7,000 bytes with 40 returns and a loop is written, compiled and
 * called in JVMs without and with the agent, in turn. Each JVM prints the median time of a call
 * after the compiler has had its time. The result is a future, which needs the most code at an
 * exit.
 */
public final class ManyReturns {
  private static final List<String> KEYS = List.of("rounds");
  private static final int RETURNS = 40;
  private static final int STATEMENTS_EACH = 28;
  private static final String NAME = "ManyReturnsApp";

  private ManyReturns() {}

  /** Takes {@code rounds=}; 5 by default. */
  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = Names.settings(arguments, KEYS);
    int rounds = Integer.parseInt(settings.getOrDefault("rounds", "5"));
    Path folder = MeasuredProcess.newFolder();
    try {
      compile(folder);
      List<Long> without = new ArrayList<>();
      List<Long> with = new ArrayList<>();
      for (int i = 0; i < rounds; i++) {
        Path journal = Files.createDirectories(folder.resolve("journal" + i));
        without.add(run(folder, List.of()));
        with.add(run(folder, ShippedAgent.withFiles(journal).jvmOptions()));
      }
      System.out.printf(
          Locale.ROOT,
          "Java %s: no agent %,d ns a call, agentlog %,d ns%n",
          Runtime.version(),
          median(without),
          median(with));
    } finally {
      MeasuredProcess.remove(folder);
    }
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  private static long run(Path classes, List<String> options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path") + File.pathSeparator + classes, NAME));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(NAME + " failed: " + said);
    }
    return Long.parseLong(said.strip());
  }

  private static void compile(Path folder) throws IOException {
    Path source = Files.writeString(folder.resolve(NAME + ".java"), source());
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-cp",
                System.getProperty("java.class.path"),
                "-proc:none",
                "-d",
                folder.toString(),
                source.toString());
    if (failed != 0) {
      throw new IllegalStateException("the application was not compiled");
    }
  }

  private static String source() {
    return """
    import io.agentlog.annotations.AgentExecution;
    import java.util.Arrays;
    import java.util.concurrent.CompletableFuture;

    public class ManyReturnsApp {
      static final int WARM_UP = 2_000;
      static final int MEASURED = 500;

      public static void main(String[] arguments) {
        long sum = 0;
        long[] nanos = new long[MEASURED];
        for (int i = 0; i < WARM_UP + MEASURED; i++) {
          long begin = System.nanoTime();
          sum += classify(i).join();
          if (i >= WARM_UP) {
            nanos[i - WARM_UP] = System.nanoTime() - begin;
          }
        }
        Arrays.sort(nanos);
        System.out.println(sum == 0 ? -1 : nanos[MEASURED / 2]);
      }

      @AgentExecution
      static CompletableFuture<Long> classify(int n) {
        long x = n;
        for (int i = 0; i < 100_000; i++) {
          x = x * 31 + i;
        }
        switch (n %% %d) {
    %s    }
        return CompletableFuture.completedFuture(x);
      }
    }
    """
        .formatted(RETURNS, cases());
  }

  private static String cases() {
    String[] operations = {"x += x << ", "x ^= x >>> ", "x -= x << ", "x += x >>> "};
    Random random = new Random(1);
    StringBuilder cases = new StringBuilder();
    for (int i = 0; i < RETURNS; i++) {
      cases.append("case ").append(i).append(":\n");
      for (int j = 0; j < STATEMENTS_EACH; j++) {
        cases
            .append(operations[random.nextInt(operations.length)])
            .append(1 + random.nextInt(5))
            .append(";\n");
      }
      cases.append("return CompletableFuture.completedFuture(x);\n");
    }
    return cases.toString();
  }
}
