package io.agentlog.agent;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each package of the agent uses what its {@code package-info.java} names, and none in a circle;
 * {@code docs/architecture.md} holds the same as a table.
 */
class PackagesTest {
  private static final PackageRules RULES =
      PackageRules.of("store", "agent/bootstrap", "agent/core");
  private static final String WIRING = "io.agentlog.agent";
  private static final Path PAGE = PackageRules.root().resolve("docs/architecture.md");
  private static final Pattern TABLE =
      Pattern.compile("(?<=<!-- packages -->\n).*?(?=<!-- end -->)", Pattern.DOTALL);

  static Collection<String> packages() {
    return RULES.packages();
  }

  @Test
  void javadocBeginsWithTheThingOrWithWhatItDoes() {
    assertThat(RULES.vagueOpenings()).isEmpty();
  }

  /** PostgreSQL reads no Persian digit, and a file's name with one is not found again. */
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
  void nobodyUsesTheWiringButTheCommands() {
    assertThat(RULES.packages())
        .filteredOn(name -> RULES.usedBy(name).contains(WIRING))
        .containsExactly(WIRING + ".command");
  }

  @Test
  void nobodyUsesTheCommands() {
    assertThat(RULES.packages())
        .noneMatch(name -> RULES.usedBy(name).contains(WIRING + ".command"));
  }

  @Test
  void whatTheApplicationsThreadPassesKnowsNoBackend() {
    assertThat(List.of("capture", "capture.value", "capture.async", "capture.spec", "journal"))
        .allSatisfy(
            name ->
                assertThat(RULES.usedBy(WIRING + "." + name))
                    .doesNotContain("io.agentlog.sink", "io.agentlog.postgres", "Jackson"));
  }

  @Test
  void pageHoldsThePackagesAsTheyAre() throws IOException {
    String page = Files.readString(PAGE);
    String fresh =
        TABLE.matcher(page).replaceFirst(Matcher.quoteReplacement(RULES.table(RULES.packages())));
    if (Boolean.getBoolean("agentlog.docs.write")) {
      Files.writeString(PAGE, fresh);
      return;
    }
    assertThat(page)
        .as(
            "docs/architecture.md is stale: run mvn -pl agent/core -am test"
                + " -Dtest=PackagesTest -Dagentlog.docs.write=true")
        .contains("<!-- packages -->\n")
        .isEqualTo(fresh);
  }
}
