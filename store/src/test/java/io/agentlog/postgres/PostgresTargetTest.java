package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.config.SchemaMode;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

class PostgresTargetTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          jdbc:postgresql://db.example:5433/app            | db.example:5433/app
          jdbc:postgresql://db.example/app?ssl=true        | db.example:5432/app
          jdbc:postgresql://a:1,b/app                      | a:1,b:5432/app
          jdbc:postgresql://[::1]/app                      | [::1]:5432/app
          jdbc:postgresql://db.example/                    | db.example:5432/postgres
          jdbc:postgresql://db.example                     | db.example:5432/postgres
          jdbc:postgresql:app                              | localhost:5432/app
          jdbc:postgresql://db/a%20b?user=u                | db:5432/a b
          jdbc:postgresql://db/?user=u                     | db:5432/u
          jdbc:postgresql://db/app?currentSchema=agents    | db:5432/app schema agents
          postgresql://u:p@db,[::1]:1/app?sslmode=require  | db:5432,[::1]:1/app
          postgres://u@db                                  | db:5432/u
          jdbc:mysql://db/app                              | localhost:5432/postgres
          """)
  void targetOfAUrlIsHostPortDatabaseAndSchema(String url, String target) {
    assertThat(PostgresTarget.of(new TestConfig().with("postgres.url", url))).hasToString(target);
  }

  @Test
  void secretsOfAUrlAreNotInTheTarget() { // Fault 79
    String url = "jdbc:postgresql://me:s3cret@db.example/app?password=s3cret&user=me";
    PostgresTarget target =
        PostgresTarget.of(
            new TestConfig().with("postgres.url", url).with("postgres.password", "s3cret"));

    assertThat(target.toString() + target.hosts() + target.hostSetting())
        .doesNotContain("s3cret")
        .contains("db.example:5432/app");
    assertThat(target.url()).isEqualTo(url.replace("me:s3cret@", ""));
    assertThat(target.hasPassword()).isTrue();
  }

  @Test
  void hostPortAndDatabaseMakeTheUrl() {
    PostgresTarget target =
        PostgresTarget.of(
            new TestConfig()
                .with("postgres.host", "::1")
                .with("postgres.port", "6000")
                .with("postgres.database", "a/b c")
                .with("postgres.user", "me"));

    assertThat(target.url()).isEqualTo("jdbc:postgresql://[::1]:6000/a%2Fb+c");
    assertThat(target).hasToString("[::1]:6000/a/b c");
    assertThat(target.properties()).containsEntry("user", "me");
  }

  @Test
  void databaseIsNamedAsTheUserUnlessSet() {
    PostgresTarget target =
        PostgresTarget.of(new TestConfig().with("postgres.host", "db").with("postgres.user", "me"));

    assertThat(target.database()).isEqualTo("me");
  }

  @Test
  void everyTimeoutIsSetAndClientSettingsWin() { // Fault 39
    assertThat(
            PostgresTarget.of(
                    new TestConfig()
                        .with("postgres.host", "db")
                        .with("postgres.client.socketTimeout", "7")
                        .with("postgres.client.prepareThreshold", "0"))
                .properties())
        .containsEntry("connectTimeout", "5")
        .containsEntry("loginTimeout", "10")
        .containsEntry("socketTimeout", "7")
        .containsEntry("tcpKeepAlive", "true")
        .containsEntry("ApplicationName", "agentlog")
        .containsEntry("logServerErrorDetail", "false")
        .containsEntry("prepareThreshold", "0");
  }

  @Test
  void databaseKnownFromThePythonLoggerAloneIsOnlyValidated() {
    TestConfig config = new TestConfig().withPython("postgres.host", "db");

    assertThat(PostgresTarget.of(config).schemaMode()).isEqualTo(SchemaMode.VALIDATE);
    assertThat(PostgresTarget.of(config.with("postgres.schema", "off")).schemaMode())
        .isEqualTo(SchemaMode.OFF);
    assertThat(PostgresTarget.of(new TestConfig().with("postgres.host", "db")).schemaMode())
        .isEqualTo(SchemaMode.MIGRATE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          jdbc:postgresql://db/app            | jdbc:postgresql://DB:5432/app
          jdbc:postgresql://a:1,b/app         | jdbc:postgresql://b:5432,a:1/app
          jdbc:postgresql://db/app            | jdbc:postgresql://db/app?user=other&password=p&ssl=true
          jdbc:postgresql://db/?user=app      | jdbc:postgresql://db/app
          jdbc:postgresql://db/app?options=-c%20search_path=agents,%5C%20public%20-c%20jit=off | jdbc:postgresql://db/app?currentSchema=agents,public
          """)
  void fingerprintIsThatOfThePlaceHoweverItIsWritten(String url, String same) {
    assertThat(fingerprint(url)).isEqualTo(fingerprint(same)).matches("[0-9a-f]{32}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          jdbc:postgresql://localhost/app         | jdbc:postgresql://127.0.0.1:5432/app | true
          jdbc:postgresql://[::1]/app             | jdbc:postgresql://LOCALHOST/app      | true
          jdbc:postgresql:app                     | jdbc:postgresql://127.0.0.1/app      | true
          jdbc:postgresql://127.0.0.1:1,db:1/app  | jdbc:postgresql://db:1,localhost:1/app | true
          jdbc:postgresql://localhost/app         | jdbc:postgresql://127.0.0.1:5433/app | false
          jdbc:postgresql://localhost/app         | jdbc:postgresql://127.0.0.1/other    | false
          jdbc:postgresql://localhost.example/app | jdbc:postgresql://127.0.0.1/app      | false
          """)
  void serverOfThisMachineIsTheSameByEachOfItsNames(String url, String other, boolean isSame) {
    PostgresTarget target = PostgresTarget.of(new TestConfig().with("postgres.url", url));
    assertThat(target.hasFingerprint(fingerprint(other))).isEqualTo(isSame);
    assertThat(target.hasFingerprint(fingerprint(url))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          jdbc:postgresql://db/app                      | jdbc:postgresql://other/app
          jdbc:postgresql://db/app                      | jdbc:postgresql://db:5433/app
          jdbc:postgresql://db/app                      | jdbc:postgresql://db/App
          jdbc:postgresql://db/app                      | jdbc:postgresql://db/app?currentSchema=agents
          jdbc:postgresql://db/app?currentSchema=a,b    | jdbc:postgresql://db/app?currentSchema=b,a
          jdbc:postgresql:postgres                      | jdbc:mysql://localhost/postgres
          """)
  void fingerprintsOfDifferentPlacesDiffer(String url, String other) {
    assertThat(fingerprint(url)).isNotEqualTo(fingerprint(other));
  }

  @Test
  void hostPortAndDatabaseHaveTheFingerprintOfTheirUrl() {
    TestConfig config =
        new TestConfig()
            .with("postgres.host", "db")
            .with("postgres.port", "6000")
            .with("postgres.database", "app")
            .with("postgres.user", "me")
            .with("postgres.password", "s3cret");

    assertThat(PostgresTarget.of(config).fingerprint())
        .isEqualTo(fingerprint("jdbc:postgresql://db:6000/app"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          db        | 5432 | db:5432
          ' db '    | 6000 | db:6000
          a:1, b,[::1]:2,::1 | 6000 | a:1,b:6000,[::1]:2,[::1]:6000
          ''        | 5432 | localhost:5432
          a,b:7     | 6000 | a:6000,b:7
          fe80::1   | 5432 | [fe80::1]:5432
          [::1]     | 5432 | [::1]:5432
          [::1]:7   | 5432 | [::1]:7
          """)
  void hostAndPortBecomeAListOfBoth(String host, String port, String hosts) {
    PostgresTarget target =
        PostgresTarget.of(
            new TestConfig()
                .with("postgres.host", host)
                .with("postgres.port", port)
                .with("postgres.database", "app"));

    assertThat(target.hosts()).isEqualTo(hosts);
    assertThat(target.url()).isEqualTo("jdbc:postgresql://" + hosts + "/app");
  }

  @Test
  void loginBeforeTheHostsIsTakenOutOfTheUrl() {
    PostgresTarget target =
        of("postgres://Ticket%20Agent:p@ss:w%2Frd%20+@a:1,b/app?user=&sslmode=require");
    assertThat(target.url()).isEqualTo("jdbc:postgresql://a:1,b/app?user=&sslmode=require");
    assertThat(target.properties())
        .containsEntry("user", "Ticket Agent")
        .containsEntry("password", "p@ss:w/rd +");
    assertThat(of("jdbc:postgresql://db/a@b").url()).isEqualTo("jdbc:postgresql://db/a@b");
  }

  @Test
  void folderOfAUnixSocketIsRefusedWithWhatToWrite() {
    PostgresTarget target =
        PostgresTarget.of(new TestConfig().with("postgres.host", "/var/run/postgresql"));

    assertThat(target.isUsable()).isFalse();
    assertThat(target.notUsable())
        .isEqualTo(
            "agentlog.postgres.host is the folder of a Unix socket, which Java's driver can't use:"
                + " write the server's host and port, such as localhost");
  }

  @Test
  void userIsThatOfTheUrlThenOfTheSettingThenOfTheClientSettings() {
    TestConfig config = new TestConfig().with("postgres.url", "jdbc:postgresql://db/app");
    assertThat(PostgresTarget.of(config).user()).isEqualTo("postgres");
    config.with("postgres.client.user", "client");
    assertThat(PostgresTarget.of(config).user()).isEqualTo("client");
    config.with("postgres.user", "setting");
    assertThat(PostgresTarget.of(config).user()).isEqualTo("setting");
    assertThat(PostgresTarget.of(config).properties()).containsEntry("user", "setting");
    config.with("postgres.url", "jdbc:postgresql://db/app?user=the%20url");
    assertThat(PostgresTarget.of(config).user()).isEqualTo("the url");
  }

  @Test
  void passwordMayComeFromTheUrlOrFromAnySetting() {
    assertThat(of("jdbc:postgresql://db/app?user=me").hasPassword()).isFalse();
    assertThat(of("jdbc:postgresql://db/app?password=p").hasPassword()).isTrue();
    TestConfig config = new TestConfig().with("postgres.host", "db");
    assertThat(PostgresTarget.of(config.with("postgres.client.password", "p")).hasPassword())
        .isTrue();
    assertThat(PostgresTarget.of(config.with("postgres.password", "q")).properties())
        .containsEntry("password", "q");
  }

  @Test
  void settingsOfTheDriverAreFoundInTheUrlToo() {
    PostgresTarget plain = of("jdbc:postgresql://db/app");
    assertThat(plain.isPrepareThresholdSet()).isFalse();
    assertThat(plain.serverType()).isNull();
    assertThat(plain.schema()).isEqualTo("public");

    PostgresTarget set =
        of(
            "jdbc:postgresql://a,b/app?prepareThreshold=3&targetServerType=primary&currentSchema=agents%20,public");
    assertThat(set.isPrepareThresholdSet()).isTrue();
    assertThat(set.serverType()).isEqualTo("primary");
    assertThat(set.schema()).isEqualTo("agents");
  }

  @Test
  void urlIsStrippedAndItsBrokenPartsAreLeftToTheDriver() {
    assertThat(of("  jdbc:postgresql://db/app ").url()).isEqualTo("jdbc:postgresql://db/app");
    assertThat(of("jdbc:postgresql://db/a%zz?user=%zz&&=x&flag"))
        .hasToString("db:5432/a%zz")
        .extracting(PostgresTarget::user)
        .isEqualTo("%zz");
  }

  /** The documentation's own placeholder is one; the driver says only that it can't parse. */
  @ParameterizedTest
  @ValueSource(strings = {"HOST:PORT", "db:0", "db:65536", "db:5432x", "a:5432,b:port", "[::1]:x"})
  void portThatIsNoneIsNamed(String hosts) {
    String url = "jdbc:postgresql://" + hosts + "/agents";
    assertThat(Driver.parseURL(url, new Properties())).isNull();
    assertThat(of(url).isUsable()).isFalse();
    assertThat(of(url).notUsable())
        .isEqualTo(
            "agentlog.postgres.url has a port that is no number from 1 to 65535, in %s: write HOST:PORT, such as localhost:5432"
                .formatted(hosts));
  }

  @ParameterizedTest
  @ValueSource(strings = {"db", "db:1", "db:65535", "[::1]", "[::1]:5433", "a,b:5433"})
  void portThatTheDriverReadsIsTaken(String hosts) {
    String url = "jdbc:postgresql://" + hosts + "/agents";
    assertThat(Driver.parseURL(url, new Properties())).isNotNull();
    assertThat(of(url).isUsable()).isTrue();
  }

  @Test
  void urlOfAnotherDatabaseIsNotUsableAndAllOfThemAreOnePlace() {
    assertThat(of("jdbc:postgresql:app").isUsable()).isTrue();
    assertThat(of("jdbc:mysql://db/app").isUsable()).isFalse();
    assertThat(of("postgresqls://db/app").isUsable()).isFalse();
    assertThat(fingerprint("jdbc:mysql://db/app")).isEqualTo(fingerprint("postgresqls://other"));
  }

  @Test
  void hostIsNamedByTheSettingThatNamesIt() {
    assertThat(of("jdbc:postgresql://db/app").hostSetting()).isEqualTo("agentlog.postgres.url");
    assertThat(PostgresTarget.of(new TestConfig().with("postgres.host", "db")).hostSetting())
        .isEqualTo("agentlog.postgres.host");
  }

  @Test
  void propertiesForTheDriverAreACopy() {
    PostgresTarget target = of("jdbc:postgresql://db/app");
    Properties properties = target.properties();
    properties.clear();

    assertThat(target.properties()).containsEntry("user", "postgres").doesNotContainKey("password");
  }

  private static PostgresTarget of(String url) {
    return PostgresTarget.of(new TestConfig().with("postgres.url", url));
  }

  private static String fingerprint(String url) {
    return PostgresTarget.of(new TestConfig().with("postgres.url", url)).fingerprint();
  }
}
