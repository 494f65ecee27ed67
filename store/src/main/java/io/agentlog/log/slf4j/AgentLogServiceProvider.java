package io.agentlog.log.slf4j;

import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Provides loggers to SLF4J, which finds this class through {@code META-INF/services}. Prints no
 * markers and no MDC. Thread-safe.
 */
public final class AgentLogServiceProvider implements SLF4JServiceProvider {
  /** Newest version of SLF4J's interface that this was built against. */
  private static final String API_VERSION = "2.0.99";

  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter mdc = new NOPMDCAdapter();

  /** For the service loader. */
  public AgentLogServiceProvider() {}

  @Override
  public ILoggerFactory getLoggerFactory() {
    return LibraryLogger::new; // Not remembered, because libraries keep it in a static field.
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return mdc;
  }

  @Override
  public String getRequestedApiVersion() {
    return API_VERSION;
  }

  @Override
  public void initialize() {
    // Nothing to prepare.
  }
}
