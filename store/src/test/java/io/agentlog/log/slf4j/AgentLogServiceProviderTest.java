package io.agentlog.log.slf4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.log.AgentLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.MarkerFactory;

class AgentLogServiceProviderTest {
  private final Logger logger = LoggerFactory.getLogger("org.apache.kafka.clients.NetworkClient");

  @AfterEach
  void restoreTheLevel() {
    AgentLog.setLevel(AgentLog.Level.INFO);
  }

  @Test
  void slf4jFindsTheProvider() {
    assertThat(logger).isInstanceOf(LibraryLogger.class);
    assertThat(logger.getName()).isEqualTo("org.apache.kafka.clients.NetworkClient");
  }

  @Test
  void librariesAreSilentByDefaultAndTheirMessagesAreNotEvenMade() {
    Object costly =
        new Object() {
          @Override
          public String toString() {
            throw new AssertionError("formatted although nothing is printed");
          }
        };
    assertThat(logger.isInfoEnabled()).isFalse();
    assertThat(logger.isErrorEnabled()).isFalse();
    logger.info("settings: {}", costly);
    logger.error("down: {}", costly);
    logger.atWarn().addArgument(costly).log("down: {}");
  }

  @Test
  void debugLevelPrintsWhatMattersAndNotEveryRequest() {
    AgentLog.setLevel(AgentLog.Level.DEBUG);
    assertThat(logger.isInfoEnabled()).isTrue();
    assertThat(logger.isWarnEnabled()).isTrue();
    assertThat(logger.isErrorEnabled()).isTrue();
    assertThat(logger.isDebugEnabled()).isFalse();
    assertThat(logger.isTraceEnabled()).isFalse();
    logger.warn(MarkerFactory.getMarker("m"), "a {} b\nforged", 1, new IllegalStateException("x"));
    logger.info(null);
  }

  @Test
  void contextIsAccepted() {
    MDC.put("k", "v");
    assertThat(MDC.get("k")).isNull();
  }
}
