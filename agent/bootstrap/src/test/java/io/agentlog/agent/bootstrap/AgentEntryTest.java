package io.agentlog.agent.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Tests the version check; {@code AgentJarIT} tests the rest with the shipped jar. */
class AgentEntryTest {
  @Test
  void olderJvmIsRefusedWithItsVersion() {
    assertThat(AgentEntry.tooOld("1.8"))
        .isEqualTo("agentlog needs Java 17 or later; this JVM runs Java 8");
    assertThat(AgentEntry.tooOld("11")).endsWith("this JVM runs Java 11");
    assertThat(AgentEntry.tooOld("16")).endsWith("this JVM runs Java 16");
  }

  @Test
  void newerJvmIsAccepted() {
    assertThat(AgentEntry.tooOld("17")).isNull();
    assertThat(AgentEntry.tooOld("25")).isNull();
  }

  @Test
  void quotesInTheArgumentsMeanTheSameAsToTheReaderOfAllOptions() {
    assertThat(AgentEntry.argument("enabled='false',service=x", "enabled")).isEqualTo("false");
    assertThat(AgentEntry.argument("service=x, enabled = \"off\"", "enabled")).isEqualTo("off");
    assertThat(AgentEntry.argument("dir='/a,enabled=false,b',service=x", "enabled")).isNull();
    assertThat(AgentEntry.argument("dir='it\\',enabled=off'", "enabled")).isNull();
    assertThat(AgentEntry.argument("dir=/a\\,enabled=off", "enabled")).isNull();
    assertThat(AgentEntry.argument("dir=it's,enabled=off,b='", "enabled")).isEqualTo("off");
    assertThat(AgentEntry.argument("a:1,b:2,enabled=off", "enabled")).isEqualTo("off");
    assertThat(AgentEntry.argument("enabled", "enabled")).isNull();
    assertThat(AgentEntry.argument(null, "enabled")).isNull();
  }
}
