package io.agentlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrlTextTest {
  @ParameterizedTest
  @CsvSource({
    "db.example:5432, db.example:5432",
    "bob:hunter2@db, ****@db",
    "bob@db, ****@db",
    "SASL_SSL://bob:hun@ter2@b:9092, SASL_SSL://****@b:9092",
    "jdbc:postgresql://bob:hun//ter2@db/x, jdbc:postgresql://****@db/x",
    "jdbc:postgresql://db/x?password=hunter2, jdbc:postgresql://db/x?****",
    "jdbc:postgresql://db/x?password=hun@ter2&a=b, jdbc:postgresql://****",
    "bob:hun?ter2@db, ****"
  })
  void userAndPasswordAreHidden(String text, String shown) {
    assertThat(UrlText.withoutSecrets(text)).isEqualTo(shown);
  }

  @Test
  void urlInAnOptionOfAnotherKindIsNotPrinted() {
    Properties given = new Properties();
    given.setProperty("agentlog.postgres.port", "5432/db?password=hunter2");
    given.setProperty("agentlog.journal.max-size", "bob:hunter2@db");
    assertThat(ConfigLoader.load(null, given, Map.of()).problems())
        .hasSize(2)
        .noneSatisfy(line -> assertThat(line).contains("hunter2"));
  }

  @Test
  void pathWithAnAtSignIsShown() {
    assertThat(Problems.shown("/opt/app@1.2/rules.yaml")).isEqualTo("/opt/app@1.2/rules.yaml");
  }
}
