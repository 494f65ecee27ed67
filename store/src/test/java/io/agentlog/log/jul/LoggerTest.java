package io.agentlog.log.jul;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class LoggerTest {
  private final Logger logger = Logger.getLogger("org.postgresql.Driver");

  @Test
  void fineLinesAreNotEvenMade() { // They hold the values of statements.
    AtomicInteger made = new AtomicInteger();
    Supplier<String> message = () -> "line " + made.incrementAndGet();

    logger.log(Level.FINE, message);
    logger.log(Level.FINEST, message);

    assertThat(made).hasValue(0);
    assertThat(logger.isLoggable(Level.FINER)).isFalse();
    logger.log(Level.WARNING, message);
    assertThat(made).hasValue(1);
  }

  @Test
  void everyShapeOfCallIsTaken() {
    logger.log(Level.INFO, "{0} and {1}", new Object[] {"one", null});
    logger.log(Level.INFO, null, (Object[]) null);
    logger.log(Level.SEVERE, "{0}", (Object) null);
    logger.log(Level.WARNING, "refused", new SQLException("Failing row contains (a prompt)"));
    LogRecord entry = new LogRecord(Level.WARNING, null);
    entry.setParameters(null);
    entry.setThrown(null);
    logger.log(entry);

    assertThat(logger.getName()).isEqualTo("org.postgresql.Driver");
  }
}
