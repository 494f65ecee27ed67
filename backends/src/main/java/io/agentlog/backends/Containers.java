package io.agentlog.backends;

import com.github.dockerjava.api.exception.NotModifiedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** Servers in containers. Their ports are fixed, so that a restart finds the same ones. */
final class Containers {
  private static final String POSTGRES_IMAGE = "postgres:18";
  private static final String KAFKA_IMAGE = "apache/kafka:4.3.1";
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int STOP_SECONDS = 30;

  private Containers() {}

  /**
   * Whether a Docker engine answers. Checks for its address first, because asking costs a second.
   */
  static boolean areAvailable() {
    return (System.getenv("DOCKER_HOST") != null
            || Files.exists(Path.of("/var/run/docker.sock"))
            || Files.exists(Path.of(System.getProperty("user.home"), ".docker/run/docker.sock"))
            || Files.exists(Path.of(System.getProperty("user.home"), ".testcontainers.properties")))
        && DockerClientFactory.instance().isDockerAvailable();
  }

  static PostgresServer startPostgres() {
    return started(new ContainerPostgres(new FixedPostgres(Ports.free())));
  }

  static KafkaServer startKafka() {
    return started(new ContainerKafka(new FixedKafka(Ports.free())));
  }

  private static <T extends ContainerServer> T started(T server) {
    OpenServers.add(server.container());
    server.container().start();
    return server;
  }

  /** Opens {@code addFixedExposedPort} to us. */
  private static final class FixedPostgres extends PostgreSQLContainer {
    FixedPostgres(int port) {
      super(POSTGRES_IMAGE);
      addFixedExposedPort(port, POSTGRESQL_PORT);
      withUsername("postgres");
      withPassword(UUID.randomUUID().toString());
      withDatabaseName("postgres");
    }
  }

  /** Opens {@code addFixedExposedPort} to us. */
  private static final class FixedKafka extends KafkaContainer {
    private static final int KAFKA_PORT = 9092;

    FixedKafka(int port) {
      super(KAFKA_IMAGE);
      addFixedExposedPort(port, KAFKA_PORT);
      withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false");
    }
  }

  /** A server in a container, which keeps its data while it is stopped. */
  private interface ContainerServer extends Server {
    GenericContainer<?> container();

    /** Waits until the server answers; throws if it does not in time. */
    void awaitAnswer();

    @Override
    default boolean isOwned() {
      return true;
    }

    @Override
    default void start() {
      container().getDockerClient().startContainerCmd(container().getContainerId()).exec();
      awaitAnswer();
    }

    @Override
    default void stop() {
      try {
        container()
            .getDockerClient()
            .stopContainerCmd(container().getContainerId())
            .withTimeout(STOP_SECONDS)
            .exec();
      } catch (NotModifiedException e) {
        // The container is stopped.
      }
    }

    @Override
    default void kill() {
      container().getDockerClient().killContainerCmd(container().getContainerId()).exec();
    }

    @Override
    default void close() {
      container().stop();
      OpenServers.remove(container());
    }
  }

  private record ContainerPostgres(FixedPostgres container)
      implements PostgresServer, ContainerServer {
    @Override
    public String host() {
      return container.getHost();
    }

    @Override
    public int port() {
      return container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT);
    }

    @Override
    public String firstDatabase() {
      return container.getDatabaseName();
    }

    @Override
    public String user() {
      return container.getUsername();
    }

    @Override
    public String password() {
      return container.getPassword();
    }

    @Override
    public void awaitAnswer() {
      Postgres.awaitConnections(this, DEADLINE);
    }
  }

  private record ContainerKafka(FixedKafka container) implements KafkaServer, ContainerServer {
    @Override
    public String bootstrapServers() {
      return container.getBootstrapServers();
    }

    @Override
    public void awaitAnswer() {
      if (!Kafka.answers(bootstrapServers(), DEADLINE)) {
        throw new BackendException("the Kafka container did not start again within " + DEADLINE);
      }
    }
  }
}
