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
    FixedPostgres container = new FixedPostgres(Ports.free());
    OpenServers.add(container);
    container.start();
    return new ContainerPostgres(container);
  }

  static KafkaServer startKafka() {
    FixedKafka container = new FixedKafka(Ports.free());
    OpenServers.add(container);
    container.start();
    return new ContainerKafka(container);
  }

  private static void stop(GenericContainer<?> container) {
    try {
      container
          .getDockerClient()
          .stopContainerCmd(container.getContainerId())
          .withTimeout(STOP_SECONDS)
          .exec();
    } catch (NotModifiedException e) {
      // The container is stopped.
    }
  }

  private static void kill(GenericContainer<?> container) {
    container.getDockerClient().killContainerCmd(container.getContainerId()).exec();
  }

  private static void restart(GenericContainer<?> container) {
    container.getDockerClient().startContainerCmd(container.getContainerId()).exec();
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

  private record ContainerPostgres(FixedPostgres container) implements PostgresServer {
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
    public boolean isOwned() {
      return true;
    }

    @Override
    public void start() {
      restart(container);
      Postgres.awaitConnections(this, DEADLINE);
    }

    @Override
    public void stop() {
      Containers.stop(container);
    }

    @Override
    public void kill() {
      Containers.kill(container);
    }

    @Override
    public void close() {
      container.stop();
      OpenServers.remove(container);
    }
  }

  private record ContainerKafka(FixedKafka container) implements KafkaServer {
    @Override
    public String bootstrapServers() {
      return container.getBootstrapServers();
    }

    @Override
    public boolean isOwned() {
      return true;
    }

    @Override
    public void start() {
      restart(container);
      if (!Kafka.answers(bootstrapServers(), DEADLINE)) {
        throw new BackendException("the Kafka container did not start again within " + DEADLINE);
      }
    }

    @Override
    public void stop() {
      Containers.stop(container);
    }

    @Override
    public void kill() {
      Containers.kill(container);
    }

    @Override
    public void close() {
      container.stop();
      OpenServers.remove(container);
    }
  }
}
