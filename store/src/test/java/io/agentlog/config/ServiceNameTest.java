package io.agentlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class ServiceNameTest {
  @Test
  void optionWinsOverOpenTelemetryOverTheProgram() {
    Properties properties = new Properties();
    properties.setProperty("sun.java.command", "com.acme.Main");
    Map<String, String> otel = Map.of("OTEL_SERVICE_NAME", "otel");
    assertThat(ServiceName.of(config("service=own"), properties, otel).text()).isEqualTo("own");
    assertThat(ServiceName.of(config(null), properties, otel).text()).isEqualTo("otel");
    assertThat(ServiceName.of(config(null), properties, Map.of()).text())
        .isEqualTo("com.acme.Main");
  }

  @Test
  void programIsReadFromTheCommand() {
    assertThat(ofCommand("com.acme.Main --in /data/x.jar y")).isEqualTo("com.acme.Main");
    assertThat(ofCommand("/opt/my app/router-service.jar --port 1")).isEqualTo("router-service");
    assertThat(ofCommand("C:\\apps\\router.jar")).isEqualTo("router");
    assertThat(ofCommand("router.jar arg")).isEqualTo("router");
    assertThat(ofCommand("")).isEqualTo("java");
  }

  @Test
  void versionOfAJarIsLeftOffSoThatTheNextReleaseFindsTheJournal() {
    assertThat(ofCommand("/app/router-service-1.4.2.jar")).isEqualTo("router-service");
    assertThat(ofCommand("/app/router-0.0.1-SNAPSHOT.jar")).isEqualTo("router");
    assertThat(ofCommand("/app/router-v2.jar")).isEqualTo("router");
    assertThat(ofCommand("/app/log4j2.jar")).isEqualTo("log4j2");
    assertThat(ofCommand("/app/-1.jar")).isEqualTo("-1");
  }

  @Test
  void moduleGivesItsMainClass() {
    Properties properties = new Properties();
    properties.setProperty("jdk.module.main", "com.acme");
    properties.setProperty("jdk.module.main.class", "com.acme.Main");
    assertThat(ServiceName.of(config(null), properties, Map.of()).text())
        .isEqualTo("com.acme.Main");
    properties.setProperty("sun.java.command", "com.acme/com.acme.Main x");
    assertThat(ServiceName.of(config(null), properties, Map.of()).text())
        .isEqualTo("com.acme.Main");
  }

  @Test
  void folderIsSafeWhateverTheName() {
    assertThat(folderOf("../../etc/passwd")).isEqualTo("etc-passwd");
    assertThat(folderOf("..")).startsWith("service-");
    assertThat(folderOf("router \n\u001b[2J service")).isEqualTo("router-2J-service");
    assertThat(folderOf("маршрут")).startsWith("service-").isNotEqualTo(folderOf("сервис"));
    assertThat(folderOf("x".repeat(10_000))).hasSize(ServiceName.LENGTH_MAX);
  }

  private static String folderOf(String name) {
    return ServiceName.of(name).folder();
  }

  private static String ofCommand(String command) {
    Properties properties = new Properties();
    properties.setProperty("sun.java.command", command);
    return ServiceName.of(config(null), properties, Map.of()).text();
  }

  private static Config config(String arguments) {
    return ConfigLoader.load(arguments, new Properties(), Map.of());
  }
}
