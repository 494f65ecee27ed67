package io.agentlog.insight.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.PackageRules;
import io.agentlog.backends.Postgres;
import io.agentlog.insight.MadeTables;
import io.agentlog.json.JsonReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The command over rows of the sample router. */
class PatternsCommandIT {
  private static Postgres database;

  @BeforeAll
  static void fill() throws Exception {
    database = MadeTables.empty();
    try (InputStream in = MadeTables.class.getResourceAsStream("router-rows.sql")) {
      database.execute(new String(Objects.requireNonNull(in).readAllBytes(), UTF_8));
    }
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @Test
  void declaresTheStagesThatTheRoutersCodeHas() throws Exception {
    Map<String, ?> printed =
        JsonReader.parse(
            run(0, "--agent", "agent-router", "--since", "1h", "--json").getBytes(UTF_8));
    assertThat(printed.get("stages")).isEqualTo(String.join(" ", stagesOfTheCode()));
    assertThat(printed.get("covered")).hasToString("1.0");
    assertThat(printed.get("executions")).isEqualTo(48L);
    assertThat(printed.get("sequences").toString())
        .contains("{stages=[validate, load-candidates, score, decide], success=40, failed=2")
        .contains("{stages=[validate, load-candidates], success=0, failed=2");
  }

  @Test
  void printsADeclarationForTheRulesFile() {
    assertThat(run(0, "--agent", "agent-router"))
        .contains("48 executions of agent-router since 7d, 4 different sequences of stages")
        .contains("40 success, 2 failed, 0 cancelled, median 7")
        .contains("validate > load-candidates > score > decide")
        .endsWith(
            """
            a declaration for the rules file, which 100.0 % of the executions with success follow:
            patterns:
              - agent: "agent-router"
                stages: "validate load-candidates score decide"
            """);
  }

  @Test
  void saysWhatIsMissing() {
    assertThat(run(1, "--agent", "nobody", "--json")).contains("no execution of nobody has ended");
    run(2, "--agent", "agent-router", "--since", "soon");
    run(2);
  }

  /** The names of the annotations, which stand in the order of the calls. */
  private static List<String> stagesOfTheCode() throws IOException {
    String code =
        Files.readString(
            PackageRules.root()
                .resolve("sample-app/src/main/java/io/agentlog/sample/router/RouterService.java"));
    Matcher matcher = Pattern.compile("@ProgressStage\\(\\s*value = \"([^\"]+)\"").matcher(code);
    List<String> stages = new ArrayList<>();
    while (matcher.find()) {
      stages.add(matcher.group(1));
    }
    return stages;
  }

  private static String run(int status, String... arguments) {
    List<String> all = new ArrayList<>(List.of("patterns"));
    all.addAll(List.of(arguments));
    Map.of(
            "postgres.host", database.host(),
            "postgres.port", Integer.toString(database.port()),
            "postgres.database", database.database(),
            "postgres.user", database.user(),
            "postgres.password", database.password())
        .forEach((key, value) -> all.addAll(List.of("-o", key + "=" + value)));
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      int was =
          new CommandLine(new InsightCommandLine())
              .setErr(new PrintWriter(Writer.nullWriter()))
              .execute(all.toArray(new String[0]));
      assertThat(was).as(printed.toString(UTF_8)).isEqualTo(status);
    } finally {
      System.setOut(out);
    }
    return printed.toString(UTF_8);
  }
}
