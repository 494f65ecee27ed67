package io.agentlog.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.config.BaseDirectory;
import io.agentlog.config.Config;
import io.agentlog.config.ConfigLoader;
import io.agentlog.config.ServiceName;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceTest {
  @TempDir private Path base;

  @Test
  void usableFolderHoldsTheJournalOfTheService() {
    Instance instance = instance(base.toString());
    assertThat(instance.onDisk()).isTrue();
    assertThat(instance.folder()).isEqualTo(base.resolve("router"));
    assertThat(instance.journalFolder()).isEqualTo(instance.folder());
  }

  @Test
  void folderWhoseNameIsNoPathHereLeavesTheJournalInMemory() {
    Instance instance = instance("/srv/b\0ro"); // As a letter that the locale can't encode.
    assertThat(instance.onDisk()).isFalse();
    assertThat(instance.journalFolder()).isNull();
    assertThat(instance.folder()).hasFileName("agentlog-" + instance.id());
  }

  @Test
  void idIsARandomUuid() {
    UUID id = instance(base.toString()).id();
    assertThat(id.version()).isEqualTo(4);
    assertThat(id.variant()).isEqualTo(2);
    assertThat(instance(base.toString()).id()).isNotEqualTo(id);
  }

  private static Instance instance(String dir) {
    Properties properties = new Properties();
    properties.setProperty("agentlog.dir", dir);
    properties.setProperty("agentlog.service", "router");
    Config config = ConfigLoader.load("", properties, Map.of());
    return Instance.of(
        config,
        ServiceName.of(config, properties, Map.of()),
        BaseDirectory.find(config, properties, Map.of()));
  }
}
