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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
 * and rules for classes that they test; compare the result of each test.
 */
class LibraryTestsIT {
  private static final Duration DEADLINE = Duration.ofMinutes(5);
  private static final int TESTS_MIN = 100;

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
      try (AgentJvm without = start("without", AgentJvm.in(directory).withoutAgent());
          AgentJvm with =
              start(
                  "with",
                  AgentJvm.in(directory)
                      .postgres(database)
                      .service("library")
                      .property("agentlog.rules", rules)
                      .property("agentlog.shutdown.wait", "60s"))) {
        Map<String, String> expected = results("without", without);
        Map<String, String> results = results("with", with);
        assertThat(expected).hasSizeGreaterThan(TESTS_MIN).doesNotContainValue("failure");
        assertThat(results).isEqualTo(expected);
        assertThat(with.stderr())
            .filteredOn(line -> line.startsWith("[agentlog] stopped: "))
            .singleElement()
            .asString()
            // A stage of a thread that outlives its execution comes too late.
            .containsPattern(" dropped (0|\\d+ \\(after_end \\d+\\)),")
            .contains(" pending 0,")
            .doesNotContain("suppressed");
      }
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
    assertThat(Rows.count(database, "SELECT count(*) FROM agent_execution_progress")).isPositive();
  }

  private AgentJvm start(String name, AgentJvm.Builder jvm) {
    return jvm.start(
        Libraries.classPath("netty-tests"),
        "org.junit.platform.console.ConsoleLauncher",
        "execute",
        "--select-package=io.netty.util.concurrent",
        "--details=none",
        "--disable-banner",
        "--reports-dir=" + directory.resolve(name));
  }

  private Map<String, String> results(String name, AgentJvm jvm) throws Exception {
    assertThat(jvm.awaitExit(DEADLINE)).as("%s: %s", name, jvm.stdout()).isZero();
    Map<String, String> results = new TreeMap<>();
    try (Stream<Path> reports = Files.list(directory.resolve(name))) {
      for (Path report : reports.toList()) {
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
      if (List.of("failure", "error", "skipped").contains(child.getNodeName())) {
        return child.getNodeName().equals("error") ? "failure" : child.getNodeName();
      }
    }
    return "success";
  }
}
