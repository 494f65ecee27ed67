package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Libraries;
import io.agentlog.it.support.Rows;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: the agent keeps no class loader of an application alive, whatever its executions did (fault
 * 75). Method: run {@link RedeployApp} with the shipped jar, which deploys an application fifty
 * times, and in a Tomcat.
 */
class RedeployIT {
  private static final Duration DEADLINE = Duration.ofSeconds(90);

  @TempDir private Path directory;

  @Test
  void loadersOfFiftyDeploymentsAreCollected() {
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory)
                .postgres(database)
                .service("server")
                .options("-Xmx256m")
                .start(RedeployApp.class)) {
      app.awaitLine("deployed " + RedeployApp.DEPLOYMENTS, DEADLINE);
      Rows.executions(database)
          .awaitCount(RedeployApp.DEPLOYMENTS * RedeployApp.EXECUTIONS, DEADLINE);
      app.awaitLine("left 0", DEADLINE);
      app.endInput();
      app.awaitSuccess();
      assertThat(Rows.executions(database).withStatus("success").count())
          .isEqualTo(RedeployApp.DEPLOYMENTS * (RedeployApp.EXECUTIONS - 1));
    }
  }

  /** The web application has the annotations in its own folder, as one that is built for it has. */
  @ParameterizedTest
  @CsvSource({"tomcat-oldest, Javax", "tomcat-newest, Jakarta"})
  void loadersOfFiftyDeploymentsInATomcatAreCollected(String libraries, String servlet)
      throws IOException {
    String type = ServletApp.class.getName() + "$" + servlet;
    Path application = directory.resolve("application");
    Path classFile =
        application.resolve("WEB-INF/classes").resolve(type.replace('.', '/') + ".class");
    Files.createDirectories(classFile.getParent());
    Files.copy(
        Path.of(AgentJvm.classPathOf(ServletApp.class), type.replace('.', '/') + ".class"),
        classFile);
    Files.copy(
        Path.of(AgentJvm.classPathOf(AgentExecution.class)),
        Files.createDirectory(application.resolve("WEB-INF/lib")).resolve("annotations.jar"));
    String classPath =
        AgentJvm.classPathOf(TomcatApp.class) + File.pathSeparator + Libraries.classPath(libraries);
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory.resolve("agentlog"))
                .postgres(database)
                .service("server")
                .options(
                    "-Xmx256m",
                    // By which Tomcat looks for leaks.
                    "--add-opens=java.base/java.lang=ALL-UNNAMED",
                    "--add-opens=java.base/java.io=ALL-UNNAMED",
                    "--add-opens=java.rmi/sun.rmi.transport=ALL-UNNAMED")
                .property("agentlog.shutdown.wait", "60s")
                .start(classPath, TomcatApp.class, type, application.toString())) {
      app.awaitLine("left 0", DEADLINE);
      app.awaitSuccess();
      assertThat(app.stdout())
          .containsExactly("deployed " + RedeployApp.DEPLOYMENTS, "left 0"); // And no complaint.
      assertThat(Rows.executions(database).ofAgent("request").withStatus("success").count())
          .isEqualTo(RedeployApp.DEPLOYMENTS);
    }
  }
}
