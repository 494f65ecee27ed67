package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Jdks;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an application that starts from an archive of its classes (CDS, or the AOT cache of newer
 * JDKs) still does with the agent, and is recorded. Method: the router, with an archive that a run
 * without the agent has left, and the JVM's own log of where each class came from.
 */
class ArchivesIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final int FIRST_WITH_AOT_CACHE = 25;

  @TempDir private Path directory;

  @Test
  void archiveOfClassesIsUsedWithTheAgent() throws IOException {
    Path archive = directory.resolve("app.jsa");
    train("-XX:ArchiveClassesAtExit=" + archive);
    assertThat(archive).exists();
    assertUsed("-XX:SharedArchiveFile=" + archive, "-Xshare:on");
  }

  @Test
  void aotCacheIsUsedWithTheAgent() throws IOException {
    assumeThat(Jdks.versionUnderTest()).isGreaterThanOrEqualTo(FIRST_WITH_AOT_CACHE);
    Path cache = directory.resolve("app.aot");
    train("-XX:AOTCacheOutput=" + cache, "-XX:-AOTClassLinking");
    assertThat(cache).exists();
    assertUsed("-XX:AOTCache=" + cache, "-XX:AOTMode=on");
  }

  private void train(String... options) throws IOException {
    try (AgentJvm router =
        AgentJvm.in(directory).withoutAgent().options(options).start(AgentJvm.sampleAppJar())) {
      answerOne(router);
      assertThat(router.awaitExit(DEADLINE)).as("%s", router.stderr()).isZero();
    }
  }

  /** Both options refuse to start the JVM where the archive can't be used. */
  private void assertUsed(String... options) throws IOException {
    Path loads = directory.resolve("loads.log");
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm router =
            AgentJvm.in(directory)
                .postgres(database)
                .service("router")
                .property("agentlog.shutdown.wait", "60s")
                .options(options)
                .options("-Xlog:class+load:file=" + loads)
                .start(AgentJvm.sampleAppJar())) {
      answerOne(router);
      router.awaitSuccess();
      assertThat(Rows.executions(database).ofAgent("agent-router").withStatus("success").count())
          .isOne();
    }
    List<String> ofTheRouter =
        Files.readAllLines(loads).stream().filter(line -> line.contains(".RouterApp ")).toList();
    assertThat(ofTheRouter).singleElement().asString().contains("shared objects file");
  }

  private static void answerOne(AgentJvm router) throws IOException {
    router.say(
        "{\"user_request\": \"my pods are in CrashLoopBackOff\", \"correlation_id\": \"T-1\"}");
    router.await("an answer", DEADLINE, () -> !router.stdout().isEmpty());
    router.endInput();
  }
}
