package io.agentlog;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each package of the store uses what its {@code package-info.java} names, and none in a circle.
 */
class StorePackagesTest {
  private static final PackageRules RULES = PackageRules.of("store");

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

  @ParameterizedTest
  @MethodSource("packages")
  void nothingInTheStoreKnowsTheAgent(String name) {
    assertThat(RULES.usedBy(name)).noneMatch(used -> used.startsWith("io.agentlog.agent"));
  }
}
