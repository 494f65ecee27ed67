package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.log.AgentLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a connector's check finds in a real database. */
class ConfigCheckIT {
  /** The driver's property that names its file of passwords; by default {@code ~/.pgpass}. */
  private static final String PASSWORD_FILE = "org.postgresql.pgpassfile";

  @TempDir private Path folder;

  private final Postgres database = Backends.postgres().newDatabase();

  @AfterEach
  void restore() {
    System.clearProperty(PASSWORD_FILE);
    AgentLog.setTarget(null);
  }

  /** Or whoever may make connectors could send the worker's password to a host of theirs. */
  @Test
  void passwordsOfTheWorkersUserAreNotRead() throws Exception {
    Path file = folder.resolve("pgpass");
    Files.writeString(file, "*:*:*:*:" + database.password() + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    System.setProperty(PASSWORD_FILE, file.toString());
    Map<String, String> config = config();
    assertThat(errors(config)).isEmpty();

    config.put("connection.password", "");
    assertThat(errors(config)).containsOnlyKeys("connection.password");
    config.remove("connection.password");
    assertThat(errors(config))
        .containsOnlyKeys("connection.password")
        .hasEntrySatisfying(
            "connection.password", text -> assertThat(text).contains("asks for a password"));
  }

  private Map<String, String> config() {
    Map<String, String> config = new HashMap<>();
    config.put("connection.url", database.jdbcUrl());
    config.put("connection.user", database.user());
    config.put("connection.password", database.password());
    config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
    config.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
    return config;
  }

  private static Map<String, String> errors(Map<String, String> config) {
    Map<String, String> errors = new TreeMap<>();
    for (ConfigValue value : new AgentlogSinkConnector().validate(config).configValues()) {
      value.errorMessages().forEach(text -> errors.merge(value.name(), text, String::concat));
    }
    return errors;
  }
}
