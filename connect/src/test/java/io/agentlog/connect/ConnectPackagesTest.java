package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.PackageRules;
import org.junit.jupiter.api.Test;

/** The connector uses what its {@code package-info.java} names. */
class ConnectPackagesTest {
  private static final PackageRules RULES = PackageRules.of("store", "connect");
  private static final String NAME = "io.agentlog.connect";

  @Test
  void packageUsesExactlyWhatItsPackageInfoNames() {
    assertThat(RULES.usedBy(NAME)).isEqualTo(RULES.declaredBy(NAME));
  }

  @Test
  void javadocBeginsWithTheThingOrWithWhatItDoes() {
    assertThat(RULES.vagueOpenings()).isEmpty();
  }

  @Test
  void numbersAreWrittenInAsciiInEachLocale() {
    assertThat(RULES.localDigits()).isEmpty();
  }
}
