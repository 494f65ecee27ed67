package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever reaches a worker's REST interface names the URL that the worker opens. */
class DriverSettingsTest {
  private static final String URL = "jdbc:postgresql://db:5432/agents";

  @ParameterizedTest
  @ValueSource(
      strings = {
        URL,
        "postgresql://db/agents",
        "postgres://a:5432,b:5432/agents?targetServerType=primary",
        URL + "?sslmode=verify-full&sslrootcert=/etc/ca.pem&currentSchema=agents",
        URL + "?options=-c%20search_path=agents",
        URL + "?options=-c+search_path%3Dagents",
        URL + "?"
      })
  void urlOfAServerIsTaken(String url) {
    assertThat(DriverSettings.problemOfUrl(url)).isNull();
  }

  /** The first loads a class by its name with a text that the caller gives: CVE-2022-21724. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "socketFactory",
        "socketFactoryArg",
        "sslfactory",
        "sslfactoryarg",
        "sslhostnameverifier",
        "sslpasswordcallback",
        "authenticationPluginClassName",
        "xmlFactoryFactory",
        "loggerFile",
        "loggerLevel",
        "service",
        "localSocketAddress",
        "SSLMODE"
      })
  void settingThatLoadsClassesOrWritesFilesIsRefused(String name) {
    assertThat(DriverSettings.problemOf(name, "x")).contains(name).contains("not allowed");
    assertThat(DriverSettings.problemOfUrl(URL + "?ssl=true&" + name + "=x"))
        .contains(name)
        .contains("not allowed");
    assertThat(DriverSettings.problemOfUrl(URL + "?" + name)).contains("not allowed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-c statement_timeout=1",
        "-c search_path=a -c log_statement=all",
        "-c search_path=a%20-c%20log_statement=all",
        "-c search_path=a%09-c%09log_statement=all",
        "%zz",
        ""
      })
  void optionsMayHoldNothingButASearchPath(String options) {
    assertThat(DriverSettings.problemOf("options", options)).contains("search path");
    assertThat(DriverSettings.problemOfUrl(URL + "?options=" + options)).contains("search path");
  }

  /** The driver decodes parameters of the URL alone; as it is, this sets two things. */
  @Test
  void optionsOutsideOfTheUrlAreReadAsTheyAre() {
    String hidden = "-c search_path=a%5C --statement_timeout=1";
    assertThat(DriverSettings.problemOf("options", hidden)).contains("search path");
    assertThat(DriverSettings.problemOf("options", "-c search_path=agents")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://agentlog:geheim@db/agents",
        "postgresql://agentlog:geheim@db/agents",
        URL + "?password=geheim",
        URL + "?user=agentlog&password=geheim",
        URL + "?sslpassword=geheim"
      })
  void urlWithASecretIsRefusedWithoutItsText(String url) {
    assertThat(DriverSettings.problemOfUrl(url)).isNotNull().doesNotContain("geheim");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"jdbc:mysql://db/agents", "db:5432/agents", "jdbc:h2:mem:x;INIT=RUNSCRIPT", ""})
  void otherDriversAreRefused(String url) {
    assertThat(DriverSettings.problemOfUrl(url)).contains("jdbc:postgresql://HOST:PORT/DATABASE");
  }

  @Test
  void nameOfARefusedSettingIsShownShortAndInOneLine() {
    String problem = DriverSettings.problemOf("a\n[agentlog] forged" + "x".repeat(500), "");
    assertThat(problem).doesNotContain("\n").hasSizeLessThan(450);
  }
}
