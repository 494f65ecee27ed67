package io.agentlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No input makes the loader throw or print a secret. A failure names its seed. */
class ConfigLoaderFuzzTest {
  private static final String SECRET = "hunter2secret";
  private static final String[] PIECES = {
    "=",
    ",",
    "'",
    "\"",
    "\\",
    "\n",
    "\r\n",
    " ",
    "#",
    ":",
    "\\u",
    "\\u12",
    "\0",
    "\u001b[2J",
    "\ud800",
    "agentlog.",
    "service",
    "postgres.port",
    "postgres.password",
    "postgres.password-file",
    "config",
    "kafka.client.",
    "kafka.client.sasl.jaas.config",
    "postgres.url",
    "enabled",
    "-file",
    "false",
    "65536",
    "x"
  };

  @Test
  void randomPiecesNeverThrow(@TempDir Path folder) throws IOException { // Fault 80
    for (int seed = 0; seed < 1_000; seed++) {
      Random random = new Random(seed);
      Path file = folder.resolve("agentlog.properties");
      Files.write(file, randomText(random).getBytes(StandardCharsets.UTF_8));
      assertHarmless(seed, randomText(random), file, randomText(random));
    }
  }

  @Test
  void randomBytesNeverThrow(@TempDir Path folder) throws IOException { // Fault 80
    for (int seed = 0; seed < 1_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = new byte[random.nextInt(400)];
      random.nextBytes(bytes);
      Path file = folder.resolve("agentlog.properties");
      Files.write(file, bytes);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      assertHarmless(seed, text, file, text);
    }
  }

  @Test
  void noSecretIsPrintedWhateverItsQuoting(@TempDir Path folder) throws IOException { // Fault 79
    String[] keys = {
      "postgres.password",
      "kafka.client.sasl.jaas.config",
      "postgres.pasword",
      "postgres.client.password"
    };
    for (int seed = 0; seed < 1_000; seed++) {
      Random random = new Random(seed);
      String key = keys[random.nextInt(keys.length)];
      // A password of any characters, some of which end it early.
      String value = randomSecret(random);
      Path file = Files.writeString(folder.resolve("agentlog.properties"), key + "=" + value);
      assertHarmless(seed, "postgres.port=bad," + key + "=" + value + ",service=x", file, value);
    }
  }

  private static void assertHarmless(int seed, String arguments, Path file, String value) {
    Properties properties = new Properties();
    properties.setProperty("agentlog.config", file.toString());
    properties.setProperty("agentlog.postgres.password", value);
    Map<String, String> environment =
        Map.of(
            "AGENTLOG_POSTGRES_PASSWORD", value, "POSTGRES_PASSWORD", value, "AGENTLOG_X", value);
    LoadedConfig config = ConfigLoader.load(arguments, properties, environment);
    for (Option<?> option : OptionGroups.options()) {
      Object unused = config.find(option);
      assertThat(config.origin(option)).isNotNull();
    }
    assertThat(config.problems())
        .as("seed %d", seed)
        .allSatisfy(
            line ->
                assertThat(line)
                    .hasSizeLessThan(600)
                    .doesNotContainIgnoringCase(SECRET)
                    .doesNotContain("\n", "\r", "\u001b", "\0"));
  }

  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(25); i > 0; i--) {
      text.append(PIECES[random.nextInt(PIECES.length)]);
    }
    return text.toString();
  }

  private static String randomSecret(Random random) {
    String[] ends = {",", "=", "'", "\"", "\\", ",,", "\\,", "=,", ",=", " ", ";", "x"};
    StringBuilder text = new StringBuilder();
    for (int i = 1 + random.nextInt(5); i > 0; i--) {
      text.append(SECRET).append(ends[random.nextInt(ends.length)]);
    }
    return text.toString();
  }
}
