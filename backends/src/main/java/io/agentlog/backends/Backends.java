package io.agentlog.backends;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The servers that all tests of a JVM share, each started at its first use and ended with the JVM.
 *
 * <p>The system property {@code agentlog.backends} narrows the choice: {@code processes} uses
 * neither the environment nor Docker, {@code docker} fails if no engine answers. Thread-safe.
 */
public final class Backends {
  private static final String CHOICE = "agentlog.backends";

  private static @Nullable Postgres sharedPostgres;
  private static @Nullable Kafka sharedKafka;

  /** True after the first failure, because looking for a missing image takes minutes. */
  private static volatile boolean containersFailed;

  private Backends() {}

  /** The server's first database. Tests take {@link Postgres#newDatabase()}. */
  public static synchronized Postgres postgres() {
    Postgres postgres = sharedPostgres;
    if (postgres == null) {
      PostgresServer server =
          mayUseEnvironment()
              ? ExternalPostgres.from(System.getenv()).orElseGet(Backends::newPostgresServer)
              : newPostgresServer();
      postgres = new Postgres(server, server.firstDatabase(), false);
      sharedPostgres = postgres;
    }
    return postgres;
  }

  /** The shared broker. Tests take {@link Kafka#newTopic}. */
  public static synchronized Kafka kafka() {
    Kafka kafka = sharedKafka;
    if (kafka == null) {
      KafkaServer server =
          mayUseEnvironment()
              ? ExternalKafka.from(System.getenv()).orElseGet(Backends::newKafkaServer)
              : newKafkaServer();
      kafka = new Kafka(server);
      sharedKafka = kafka;
    }
    return kafka;
  }

  /** A server that nobody else uses: a container or a process. */
  static PostgresServer newPostgresServer() {
    return start("postgres", Containers::startPostgres, PostgresProcess::startNew);
  }

  /** A broker that nobody else uses: a container or a process. */
  static KafkaServer newKafkaServer() {
    return start("kafka", Containers::startKafka, KafkaProcess::startNew);
  }

  private static <T> T start(String what, Supplier<T> container, Supplier<T> process) {
    boolean mustBeContainer = choice().equals("docker");
    if (!choice().equals("processes") && (mustBeContainer || !containersFailed)) {
      try {
        if (Containers.areAvailable()) {
          return container.get();
        }
      } catch (RuntimeException e) { // The engine can't get the image.
        if (mustBeContainer) {
          throw new BackendException(
              "can't start a container for " + what + ": " + e.getMessage(), e);
        }
        containersFailed = true;
        System.err.println(
            "backends: can't start a container for %s (%s); starting a process instead"
                .formatted(what, e.getMessage()));
      }
    }
    if (mustBeContainer) {
      throw new BackendException(
          CHOICE + "=docker, but no Docker engine answers; start one or unset it");
    }
    return process.get();
  }

  private static boolean mayUseEnvironment() {
    return choice().isEmpty();
  }

  private static String choice() {
    return System.getProperty(CHOICE, "");
  }
}
