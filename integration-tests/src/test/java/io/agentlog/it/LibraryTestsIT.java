package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Libraries;
import io.agentlog.it.support.Rows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * Goal: a library behaves with the agent as it does without it. Method: run the tests of Netty's
 * threads and promises, as their authors published them, in two JVMs, one of which has the agent
 * and rules for classes that they test; compare the result of each test. Some of them measure time,
 * and fail on a busy machine, with the agent and without: what fails is run again.
 */
class LibraryTestsIT {
  private static final Duration DEADLINE = Duration.ofMinutes(5);
  private static final int TESTS_MIN = 100;
  private static final int ATTEMPTS_MAX = 3;
  private static final String WITHOUT = "without";
  private static final String WITH = "with";
  private static final String FAILURE = "failure";

  /** Its results are decisions on the measured load of the processors. */
  private static final String LOAD_DEPENDENT = ".*AutoScaling.*";

  /** Counts to two thousand million, in a class that no rule names. */
  private static final String COUNTS_LONG =
      "io\\.netty\\.util\\.concurrent\\.FastThreadLocalTest#testConstructionWithIndex";

  private static final String RULES =
      """
      executions:
        - {method: 'io.netty.util.concurrent.UnorderedThreadPoolEventExecutor#*', agent: pool}
        - {method: 'io.netty.util.concurrent.ScheduledFutureTask#run', agent: scheduled}
        - {method: 'io.netty.util.concurrent.DefaultThreadFactory#newThread', agent: factory}
        - {method: 'io.netty.util.concurrent.SingleThreadEventExecutor#shutdownGracefully',
           agent: shutdown}
        - {method: 'io.netty.util.concurrent.PromiseCombiner#*', agent: combiner}
        - {method: 'io.netty.util.concurrent.DefaultPromise#await*', agent: waiting}
        - {method: 'io.netty.util.concurrent.DefaultPromise#cancel', agent: cancellation}
      stages:
        - {method: 'io.netty.util.concurrent.DefaultPromise#set*', at: both}
        - {method: 'io.netty.util.concurrent.DefaultPromise#notify*'}
        - {method: 'io.netty.util.concurrent.AbstractScheduledEventExecutor#schedule*'}
        - {method: 'io.netty.util.concurrent.SingleThreadEventExecutor#addTask'}
      """;

  @TempDir private Path directory;

  @Test
  void testsOfALibraryOfThreadsHaveTheSameResults() throws Exception {
    try (Postgres database = Backends.postgres().newDatabase()) {
      Path rules = Files.writeString(directory.resolve("rules.yaml"), RULES);
      // Side by side, since most of the tests wait.
      FutureTask<Map<String, String>> without =
          new FutureTask<>(() -> run(WITHOUT, () -> AgentJvm.in(directory).withoutAgent()));
      new Thread(without, WITHOUT).start();
      Map<String, String> results =
          run(
              WITH,
              () ->
                  AgentJvm.in(directory)
                      .postgres(database)
                      .service("library")
                      .property("agentlog.rules", rules)
                      .property("agentlog.shutdown.wait", "60s"));
      Map<String, String> expected = without.get(DEADLINE.toMinutes(), TimeUnit.MINUTES);
      assertThat(expected).hasSizeGreaterThan(TESTS_MIN).doesNotContainValue(FAILURE);
      assertThat(results).isEqualTo(expected);
      assertEachRuleMadeRows(database);
    }
  }

  private static void assertEachRuleMadeRows(Postgres database) {
    List<Object> agents =
        Rows.of(database, "SELECT DISTINCT agent_name FROM agent_execution_logs").stream()
            .map(row -> row.get("agent_name"))
            .toList();
    assertThat(agents)
        .contains(
            "pool", "scheduled", "factory", "shutdown", "combiner", "waiting", "cancellation");
    assertThat(Rows.stages(database).count()).isPositive();
  }

  private Map<String, String> run(String name, Supplier<AgentJvm.Builder> jvms) throws Exception {
    Map<String, String> results = new TreeMap<>();
    List<String> selected = List.of("--select-package=io.netty.util.concurrent");
    for (int i = 1; i <= ATTEMPTS_MAX && !selected.isEmpty(); i++) {
      Path reports = directory.resolve(name + i);
      try (AgentJvm jvm = start(jvms.get(), reports, selected)) {
        int failed = jvm.awaitExit(DEADLINE);
        Map<String, String> attempt = resultsIn(reports);
        assertThat(attempt).as("%s: %s", name, jvm.stdout()).isNotEmpty();
        results.putAll(attempt);
        selected = classesThatFailed(attempt);
        assertThat(selected.isEmpty()).as("%s: %s", name, jvm.stdout()).isEqualTo(failed == 0);
        if (name.equals(WITH)) {
          assertStoppedWell(jvm);
        }
      }
    }
    return results;
  }

  private static AgentJvm start(AgentJvm.Builder jvm, Path reports, List<String> selected) {
    List<String> arguments = new ArrayList<>(List.of("execute"));
    arguments.addAll(selected);
    arguments.addAll(
        List.of(
            "--exclude-classname=" + LOAD_DEPENDENT,
            "--exclude-methodname=" + COUNTS_LONG,
            "--details=none",
            "--disable-banner",
            "--reports-dir=" + reports));
    return jvm.start(
        Libraries.classPath("netty-tests"),
        "org.junit.platform.console.ConsoleLauncher",
        arguments.toArray(String[]::new));
  }

  private static List<String> classesThatFailed(Map<String, String> results) {
    return results.entrySet().stream()
        .filter(result -> result.getValue().contains(FAILURE))
        .map(result -> "--select-class=" + result.getKey().replaceFirst("#.*", ""))
        .distinct()
        .toList();
  }

  private static void assertStoppedWell(AgentJvm jvm) {
    assertThat(jvm.stderr())
        .filteredOn(line -> line.startsWith("[agentlog] stopped: "))
        .singleElement()
        .asString()
        // A stage of a thread that outlives its execution comes too late.
        .containsPattern(" dropped (0|\\d+ \\(after_end \\d+\\)),")
        .contains(" pending 0,")
        .doesNotContain("suppressed");
  }

  private static Map<String, String> resultsIn(Path reports) throws Exception {
    Map<String, String> results = new TreeMap<>();
    try (Stream<Path> files = Files.list(reports)) {
      for (Path report : files.toList()) {
        readInto(results, report);
      }
    }
    return results;
  }

  private static void readInto(Map<String, String> results, Path report) throws Exception {
    NodeList tests =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(report.toFile())
            .getElementsByTagName("testcase");
    for (int i = 0; i < tests.getLength(); i++) {
      Element test = (Element) tests.item(i);
      String name = test.getAttribute("classname") + "#" + test.getAttribute("name");
      results.merge(name, resultOf(test), (one, other) -> one + "," + other);
    }
  }

  private static String resultOf(Element test) {
    for (Node child = test.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (List.of(FAILURE, "error", "skipped").contains(child.getNodeName())) {
        return child.getNodeName().equals("error") ? FAILURE : child.getNodeName();
      }
    }
    return "success";
  }
}
