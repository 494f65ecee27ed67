package io.agentlog.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
  @TempDir Path folder;
  private final Properties properties = new Properties();
  private final Map<String, String> environment = new HashMap<>();

  @Test
  void defaultsStandWhenNothingIsSet() {
    LoadedConfig config = load(null);
    assertThat(config.problems()).isEmpty();
    assertThat(config.get(Options.POSTGRES_PORT)).isEqualTo(5432);
    assertThat(config.get(Options.LOG_LEVEL)).isEqualTo(AgentLog.Level.INFO);
    assertThat(config.find(Options.POSTGRES_HOST)).isNull();
    assertThat(config.origin(Options.POSTGRES_PORT)).isEqualTo("default");
    assertThat(config.isExplicit(Options.POSTGRES_PORT)).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> config.get(Options.POSTGRES_HOST));
  }

  @Test
  void placesRankAsDocumented() throws IOException {
    Path file = write("postgres.host=file\n");
    environment.put("POSTGRES_HOST", "python");
    assertHost("python", "environment POSTGRES_HOST", false);
    environment.put("AGENTLOG_CONFIG", file.toString());
    assertHost("file", "file " + file, true);
    environment.put("AGENTLOG_POSTGRES_HOST", "env");
    assertHost("env", "environment AGENTLOG_POSTGRES_HOST", true);
    properties.setProperty("agentlog.postgres.host", "property");
    assertHost("property", "system property agentlog.postgres.host", true);
    LoadedConfig config = load("postgres.host=argument");
    assertThat(config.find(Options.POSTGRES_HOST)).isEqualTo("argument");
    assertThat(config.origin(Options.POSTGRES_HOST)).isEqualTo("agent argument postgres.host");
  }

  private void assertHost(String host, String origin, boolean explicit) {
    LoadedConfig config = load(null);
    assertThat(config.find(Options.POSTGRES_HOST)).isEqualTo(host);
    assertThat(config.origin(Options.POSTGRES_HOST)).isEqualTo(origin);
    assertThat(config.isExplicit(Options.POSTGRES_HOST)).isEqualTo(explicit);
    assertThat(config.problems()).isEmpty();
  }

  @Test
  void theFileIsNamedByAnyOfTheFirstThreePlaces() throws IOException {
    Path file = write("agentlog.service=with-prefix");
    assertThat(load("config=" + file).find(Options.SERVICE)).isEqualTo("with-prefix");
    properties.setProperty("agentlog.config", file.toString());
    assertThat(load(null).find(Options.SERVICE)).isEqualTo("with-prefix");
  }

  @Test
  void oneFalseTurnsTheAgentOffWhereverItStands() throws IOException {
    Path file = write("enabled=false");
    LoadedConfig config = load("enabled=true,config=" + file);
    assertThat(config.get(Options.ENABLED)).isFalse();
    assertThat(config.origin(Options.ENABLED)).isEqualTo("file " + file);
    environment.put("AGENTLOG_ENABLED", "off");
    assertThat(load("enabled=true").get(Options.ENABLED)).isFalse();
    environment.clear();
    assertThat(load("enabled=no").get(Options.ENABLED)).isFalse();
    assertThat(load("enabled=true").get(Options.ENABLED)).isTrue();
  }

  @Test
  void aKeySetToNothingHidesLaterPlaces() {
    environment.put("POSTGRES_HOST", "python");
    properties.setProperty("agentlog.postgres.host", "");
    LoadedConfig config = load(null);
    assertThat(config.find(Options.POSTGRES_HOST)).isNull();
    assertThat(config.isExplicit(Options.POSTGRES_HOST)).isFalse();
    assertThat(config.problems()).isEmpty();
  }

  @Test
  void anEmptyVariableIsNotSet() throws IOException {
    Path file = write("service=file");
    environment.put("AGENTLOG_SERVICE", " ");
    assertThat(load("config=" + file).find(Options.SERVICE)).isEqualTo("file");
  }

  @Test
  void familiesAreOpenAndMergedKeyByKey() throws IOException {
    Path file =
        write("kafka.client.acks=1\nkafka.client.client.id=a\npostgres.client.sslmode=require");
    environment.put("AGENTLOG_KAFKA_CLIENT_SECURITY_PROTOCOL", "SSL");
    properties.setProperty("agentlog.kafka.client.acks", "all");
    LoadedConfig config = load("config=" + file + ",postgres.client.ApplicationName=x");
    assertThat(config.family(Options.KAFKA_CLIENT))
        .isEqualTo(Map.of("acks", "all", "client.id", "a", "security.protocol", "SSL"));
    assertThat(config.family(Options.POSTGRES_CLIENT))
        .isEqualTo(Map.of("sslmode", "require", "ApplicationName", "x"));
    assertThat(config.problems()).isEmpty();
  }

  @Test
  void aSecretIsReadFromItsFile() throws IOException {
    Path secret = Files.writeString(folder.resolve("pw"), " hunter 2 \n");
    environment.put("AGENTLOG_POSTGRES_PASSWORD_FILE", secret.toString());
    LoadedConfig config = load(null);
    assertThat(config.find(Options.POSTGRES_PASSWORD)).isEqualTo(" hunter 2 ");
    assertThat(config.origin(Options.POSTGRES_PASSWORD))
        .isEqualTo("environment AGENTLOG_POSTGRES_PASSWORD_FILE=" + secret);
    assertThat(config.problems()).isEmpty();
    environment.put("AGENTLOG_POSTGRES_PASSWORD", "direct");
    assertThat(load(null).find(Options.POSTGRES_PASSWORD)).isEqualTo("direct");
    assertThat(load("postgres.password-file=" + secret).find(Options.POSTGRES_PASSWORD))
        .isEqualTo(" hunter 2 ");
  }

  @Test
  void aSecretThatIsRotatedIsReadAgain() throws IOException {
    Path secret = Files.writeString(folder.resolve("pw"), "old");
    LoadedConfig config =
        load(
            "postgres.password-file=%s,kafka.client.ssl.key.password-file=%s"
                .formatted(secret, secret));
    assertThat(config.find(Options.POSTGRES_PASSWORD)).isEqualTo("old");
    Files.writeString(secret, "new\n");
    assertThat(config.find(Options.POSTGRES_PASSWORD)).isEqualTo("new");
    assertThat(config.family(Options.KAFKA_CLIENT)).containsEntry("ssl.key.password", "new");
    Files.writeString(secret, ""); // Being written.
    assertThat(config.find(Options.POSTGRES_PASSWORD)).isEqualTo("old");
    Files.delete(secret);
    assertThat(config.find(Options.POSTGRES_PASSWORD)).isEqualTo("old");
  }

  @Test
  void anEmptySettingOfKafkasClientIsAValue() throws IOException {
    Map<String, String> empty = Map.of("ssl.endpoint.identification.algorithm", "");
    String key = "kafka.client.ssl.endpoint.identification.algorithm";
    Path file = write(key + "=");
    assertThat(load("config=" + file).family(Options.KAFKA_CLIENT)).isEqualTo(empty);
    environment.put("AGENTLOG_KAFKA_CLIENT_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM", "");
    assertThat(load(null).family(Options.KAFKA_CLIENT)).isEqualTo(empty);
    properties.setProperty("agentlog." + key, "");
    assertThat(load(null).family(Options.KAFKA_CLIENT)).isEqualTo(empty);
    assertThat(load(null).problems()).isEmpty();
  }

  @Test
  void onlyOneLineBreakOfASecretFileIsStripped() throws IOException {
    assertThat(secretOf("a\n\n")).isEqualTo("a\n");
    assertThat(secretOf("a\r\n")).isEqualTo("a");
    assertThat(secretOf("a\r")).isEqualTo("a\r");
    assertThat(secretOf("\n")).isNull();
  }

  private String secretOf(String content) throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), content);
    return load("postgres.password-file=" + secret).find(Options.POSTGRES_PASSWORD);
  }

  @Test
  void aSecretClientPropertyIsReadFromItsFile() throws IOException {
    Path secret = Files.writeString(folder.resolve("jaas"), "a.B required;\n");
    environment.put("AGENTLOG_KAFKA_CLIENT_SASL_JAAS_CONFIG_FILE", secret.toString());
    assertThat(load(null).family(Options.KAFKA_CLIENT))
        .isEqualTo(Map.of("sasl.jaas.config", "a.B required;"));
  }

  @Test
  void anUnreadableSecretIsOneLineAndNotSet() { // Fault 80
    environment.put("POSTGRES_HOST", "h");
    environment.put("POSTGRES_PASSWORD", "of-the-application");
    environment.put("AGENTLOG_POSTGRES_PASSWORD_FILE", "/nowhere/pw");
    LoadedConfig config = load(null);
    assertThat(config.find(Options.POSTGRES_PASSWORD)).isNull();
    assertThat(config.problems())
        .singleElement()
        .asString()
        .contains("postgres.password-file=/nowhere/pw", "AGENTLOG_POSTGRES_PASSWORD_FILE")
        .contains("no such file", "Make the file readable");
  }

  @Test
  void anUnreadableConfigFileIsOneLine() { // Fault 80
    assertThat(load("config=/nowhere/a.properties,service=x").problems())
        .singleElement()
        .asString()
        .contains("agentlog.config=/nowhere/a.properties", "no such file", "agent argument");
    assertThat(load("config=" + folder).problems())
        .singleElement()
        .asString()
        .contains("not a regular file");
    properties.setProperty("agentlog.config", "nul\0in-path");
    assertThat(load(null).problems())
        .singleElement()
        .asString()
        .contains("can't be read")
        .doesNotContain("\0");
  }

  @Test
  void aMalformedLineOfTheFileIsNamedAndCostsOnlyItself() throws IOException { // Fault 80
    Path file =
        write("# comment\nservice=a\nhunter2\n\ndir=\\uXYZ\npostgres.host=\\\n  h\nservice=b\n");
    LoadedConfig config = load("config=" + file);
    assertThat(config.find(Options.SERVICE)).isEqualTo("b");
    assertThat(config.find(Options.POSTGRES_HOST)).isEqualTo("h");
    assertThat(config.problems()).hasSize(2);
    assertThat(config.problems().get(0))
        .contains(file + ", line 3", "not KEY=value")
        .doesNotContain("hunter2");
    assertThat(config.problems().get(1)).contains("line 5");
  }

  @Test
  void aLineThatIsNotUtf8IsNamed() throws IOException {
    Path file = folder.resolve("latin1.properties");
    Files.write(file, "service=a\nproject.name=caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    LoadedConfig config = load("config=" + file);
    assertThat(config.find(Options.SERVICE)).isEqualTo("a");
    assertThat(config.problems()).singleElement().asString().contains("line 2", "UTF-8");
  }

  @Test
  void aFileInUtf8MayBeginWithItsMark() throws IOException {
    LoadedConfig config = load("config=" + write("\uFEFFservice=caf\u00e9\r\ndir=/x"));
    assertThat(config.find(Options.SERVICE)).isEqualTo("caf\u00e9");
    assertThat(config.find(Options.DIR)).isEqualTo("/x");
    assertThat(config.problems()).isEmpty();
  }

  @Test
  void aFileCanNotNameAnother() throws IOException {
    assertThat(load("config=" + write("config=/etc/other")).problems())
        .singleElement()
        .asString()
        .contains("line 1", "ignored");
  }

  @Test
  void aBadValueIsReportedAndTheDefaultUsed() { // Fault 80
    environment.put("AGENTLOG_POSTGRES_PORT", "post");
    LoadedConfig config = load("file.enabled=maybe");
    assertThat(config.get(Options.POSTGRES_PORT)).isEqualTo(5432);
    assertThat(config.find(Options.FILE_ENABLED)).isNull();
    assertThat(config.origin(Options.POSTGRES_PORT)).isEqualTo("default");
    assertThat(config.problems())
        .containsExactlyInAnyOrder(
            "postgres.port=post (environment AGENTLOG_POSTGRES_PORT) is not usable: expected a port, 1 to 65535; using 5432. See docs/configuration.md",
            "file.enabled=maybe (agent argument file.enabled) is not usable: expected true or false; ignored. See docs/configuration.md");
  }

  @Test
  void unknownKeysAreReportedWithTheNearest() throws IOException { // Fault 81
    environment.put("AGENTLOG_POSTGRES_HOTS", "x");
    environment.put("AGENTLOG_KAFKA_BOOTSTRAP", "x");
    properties.setProperty("agentlog.kafka.bootstrap.servers", "x");
    Path file = write("\nlog-level=debug\npassword=hunter2\ncompletely.different=x");
    assertThat(load("servce=x,config=" + file).problems())
        .satisfiesExactly(
            line -> assertThat(line).contains("agent arguments", "'servce'", "'service'"),
            line ->
                assertThat(line)
                    .contains("'kafka.bootstrap.servers'", "mean 'kafka.bootstrap-servers'"),
            line -> assertThat(line).contains("AGENTLOG_KAFKA_BOOTSTRAP ").doesNotContain("mean"),
            line -> assertThat(line).contains("mean AGENTLOG_POSTGRES_HOST?"),
            line -> assertThat(line).contains("line 2", "'log.level'"),
            line -> assertThat(line).contains("line 3", "mean 'postgres.password'?"),
            line -> assertThat(line).contains("line 4").doesNotContain("mean"))
        .noneMatch(line -> line.contains("hunter2"));
  }

  @Test
  void variablesThatKubernetesMakesForAServiceAreNotOurs() {
    environment.put("AGENTLOG_SERVICE_HOST", "10.0.0.1");
    environment.put("AGENTLOG_PORT", "tcp://10.0.0.1:80");
    environment.put("AGENTLOG_PORT_80_TCP_ADDR", "10.0.0.1");
    environment.put("POSTGRES_PORT", "tcp://10.0.0.2:5432");
    LoadedConfig config = load(null);
    assertThat(config.problems()).isEmpty();
    assertThat(config.find(Options.SERVICE)).isNull();
  }

  @Test
  void kafkaOfThePythonLoggerNeedsItsSwitch() {
    environment.put("KAFKA_BOOTSTRAP_SERVERS", "k:9092");
    assertThat(load(null).find(Options.KAFKA_BOOTSTRAP_SERVERS)).isNull();
    environment.put("KAFKA_ENABLE_LOGGING", "True");
    LoadedConfig config = load(null);
    assertThat(config.find(Options.KAFKA_BOOTSTRAP_SERVERS)).isEqualTo("k:9092");
    assertThat(config.isExplicit(Options.KAFKA_BOOTSTRAP_SERVERS)).isFalse();
  }

  @Test
  void variablesOfThePythonLoggerCompleteAnExplicitHost() {
    environment.put("POSTGRES_PORT", "5436");
    environment.put("POSTGRES_DATABASE", "db");
    environment.put("POSTGRES_USER", "u");
    environment.put("POSTGRES_PASSWORD", "p");
    LoadedConfig config = load("postgres.host=h");
    assertThat(config.get(Options.POSTGRES_PORT)).isEqualTo(5436);
    assertThat(config.find(Options.POSTGRES_DATABASE)).isEqualTo("db");
    assertThat(config.find(Options.POSTGRES_USER)).isEqualTo("u");
    assertThat(config.find(Options.POSTGRES_PASSWORD)).isEqualTo("p");
    assertThat(config.origin(Options.POSTGRES_PASSWORD)).isEqualTo("environment POSTGRES_PASSWORD");
  }

  @Test
  void pieceOfASecretThatLostItsQuotesIsNotShown() { // Fault 79
    String text =
        "postgres.password=one,two=three,four=five,service=x,"
            + "postgres.url=jdbc:postgresql://h/d?user=u&password=six,seven=eight";
    assertThat(load(text).problems())
        .hasSize(3)
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains("not shown", "quotes")
                    .doesNotContain("one", "two", "three", "four", "five", "six", "seven"));
  }

  @Test
  void controlCharactersOfAValueForgeNoLine() { // Fault 78
    properties.setProperty("agentlog.postgres.port", "1\r\n[agentlog] all is well\u001b[2J");
    assertThat(load(null).problems())
        .singleElement()
        .asString()
        .doesNotContain("\n", "\r", "\u001b")
        .contains("\\n[agentlog] all is well");
  }

  @Test
  void longValuesAreCutInLinesAndRefusedBeyondTheLimit() {
    properties.setProperty("agentlog.postgres.port", "9".repeat(10_000));
    properties.setProperty("agentlog.service", "s".repeat(ConfigLoader.VALUE_CHARS_MAX + 1));
    LoadedConfig config = load(null);
    assertThat(config.find(Options.SERVICE)).isNull();
    assertThat(config.problems()).hasSize(2).allMatch(line -> line.length() < 400);
  }

  @Test
  void problemsAreBounded() {
    for (int i = 0; i < 500; i++) {
      environment.put("AGENTLOG_UNKNOWN_" + i, "x");
    }
    assertThat(load(null).problems())
        .hasSize(Problems.LINES_MAX + 1)
        .last()
        .asString()
        .startsWith("450 more");
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("agentlog.properties"), text);
  }

  private LoadedConfig load(String arguments) {
    return ConfigLoader.load(arguments, properties, environment);
  }
}
