package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.PackageRules;
import io.agentlog.agent.capture.framework.FrameworkMarkers;
import io.agentlog.agent.capture.framework.FrameworkSpec;
import io.agentlog.agent.capture.framework.HookSpec;
import io.agentlog.agent.capture.framework.HookSpec.Match;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The tables of {@code docs/frameworks.md} say what the frameworks' data says, and that data agrees
 * with what a start knows of it.
 */
class FrameworksPageTest {
  private static final Path PAGE = PackageRules.root().resolve("docs/frameworks.md");
  private static final Pattern TABLES =
      Pattern.compile(
          "(?<=<!-- frameworks -->\n).*?(?=<!-- end of frameworks -->)", Pattern.DOTALL);

  /** Run with {@code -Dagentlog.docs.write=true} to write them. */
  @Test
  void pageHasWhatIsWoven() throws IOException {
    String page = Files.readString(PAGE);
    Matcher tables = TABLES.matcher(page);
    assertThat(tables.find()).isTrue();
    if (Boolean.getBoolean("agentlog.docs.write")) {
      Files.writeString(PAGE, tables.replaceFirst(Matcher.quoteReplacement(tables())));
    } else {
      assertThat(tables.group()).isEqualTo(tables());
    }
  }

  @Test
  void markersAreThoseOfTheFrameworks() {
    List<FrameworkSpec> known = FrameworkWeaving.known();
    assertThat(known).isNotEmpty();
    assertThat(known).extracting(FrameworkSpec::name).isEqualTo(FrameworkMarkers.NAMES);
    assertThat(known).extracting(FrameworkSpec::markerPrefix).isEqualTo(FrameworkMarkers.PREFIXES);
  }

  /** Otherwise a class that has a hook would not be looked at. */
  @Test
  void hooksOfNamedClassesAreInTheFrameworksPackages() {
    for (FrameworkSpec framework : FrameworkWeaving.known()) {
      for (HookSpec hook : framework.hooks()) {
        if (hook.match() != Match.IMPLEMENTORS) {
          assertThat(hook.className()).startsWith(framework.markerPrefix());
        }
      }
    }
  }

  private static String tables() {
    StringBuilder text = new StringBuilder();
    text.append("\n| framework | option `frameworks` | oldest | tested | recorded |\n");
    text.append("| --- | --- | --- | --- | --- |\n");
    for (FrameworkSpec framework : FrameworkWeaving.known()) {
      text.append(
          "| `%s` | `%s` | %s | %s | %s |\n"
              .formatted(
                  framework.artifact(),
                  framework.name(),
                  framework.oldest(),
                  String.join(", ", framework.tested()),
                  framework.captured()));
    }
    text.append("\n| methods of | woven | without them |\n| --- | --- | --- |\n");
    for (FrameworkSpec framework : FrameworkWeaving.known()) {
      Map<String, StringBuilder> byLoss = new LinkedHashMap<>();
      for (HookSpec hook : framework.hooks()) {
        StringBuilder methods = byLoss.computeIfAbsent(hook.loss(), loss -> new StringBuilder());
        String name = "`" + hook.displayName() + "`" + of(hook.match());
        if (methods.indexOf(name) < 0) {
          methods.append(methods.isEmpty() ? "" : ", ").append(name);
        }
      }
      byLoss.forEach(
          (loss, methods) ->
              text.append("| `%s` | %s | %s |\n".formatted(framework.name(), methods, loss)));
    }
    return text.append('\n').toString();
  }

  private static String of(Match match) {
    return match == Match.IMPLEMENTORS ? " of all implementors" : "";
  }
}
