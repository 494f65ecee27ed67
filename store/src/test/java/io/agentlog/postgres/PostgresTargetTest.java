package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.config.SchemaMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    assertThat(target.url()).isEqualTo(url);
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

  private static String fingerprint(String url) {
    return PostgresTarget.of(new TestConfig().with("postgres.url", url)).fingerprint();
  }
}
