package io.agentlog.insight;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.PackageRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each package of the dashboard uses what its {@code package-info.java} names, and none in a
 * circle; {@code docs/architecture.md} holds the same as a table.
 */
class InsightPackagesTest {
  private static final PackageRules RULES = PackageRules.of("store", "insight");
  private static final String WIRING = "io.agentlog.insight";
  private static final Path PAGE = PackageRules.root().resolve("docs/architecture.md");
  private static final Path TEMPLATES = PackageRules.root().resolve("insight/src/main/jte");
  private static final Pattern TABLE =
      Pattern.compile("(?<=<!-- packages of insight -->\n).*?(?=<!-- end -->)", Pattern.DOTALL);
  private static final Pattern FORBIDDEN =
      Pattern.compile("\\$unsafe| style=| on[a-z]+=|<style|<script(?! src=)");

  static Collection<String> packages() {
    return RULES.packages().stream().filter(name -> name.startsWith(WIRING)).toList();
  }

  @Test
  void javadocBeginsWithTheThingOrWithWhatItDoes() {
    assertThat(RULES.vagueOpenings()).isEmpty();
  }

  /** PostgreSQL reads no Persian digit, and a browser no path with one. */
  @Test
  void numbersAreWrittenInAsciiInEachLocale() {
    assertThat(RULES.localDigits()).isEmpty();
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.agentlog.(**)").should().beFreeOfCycles().check(RULES.classes());
  }

  @ParameterizedTest
  @MethodSource("packages")
  void packageUsesExactlyWhatItsPackageInfoNames(String name) {
    assertThat(RULES.usedBy(name)).as("used by " + name).isEqualTo(RULES.declaredBy(name));
  }

  @Test
  void serverKnowsNothingOfAgents() {
    assertThat(RULES.usedBy(WIRING + ".web")).noneMatch(used -> used.startsWith(WIRING));
  }

  /** Browsers are told to run no code of a page, and a template must escape what it shows. */
  @Test
  void templatesHaveNoCodeOfTheirOwn() throws IOException {
    try (Stream<Path> files = Files.walk(TEMPLATES)) {
      List<Path> templates = files.filter(file -> file.toString().endsWith(".jte")).toList();
      assertThat(templates).isNotEmpty();
      for (Path template : templates) {
        assertThat(Files.readString(template))
            .as(template.toString())
            .doesNotContainPattern(FORBIDDEN);
      }
    }
  }

  @Test
  void pageHoldsThePackagesAsTheyAre() throws IOException {
    String page = Files.readString(PAGE);
    String fresh =
        TABLE.matcher(page).replaceFirst(Matcher.quoteReplacement(RULES.table(packages())));
    if (Boolean.getBoolean("agentlog.docs.write")) {
      Files.writeString(PAGE, fresh);
      return;
    }
    assertThat(page)
        .as(
            "docs/architecture.md is stale: run mvn -pl insight -am test"
                + " -Dtest=InsightPackagesTest -Dagentlog.docs.write=true")
        .contains("<!-- packages of insight -->\n")
        .isEqualTo(fresh);
  }
}
