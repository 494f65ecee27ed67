package io.agentlog.agent.instrumentation;

import java.util.List;
import java.util.stream.Stream;

/** The methods by which log events get their context: in Logback, and in Log4j 2. */
final class LogLineHooks {
  private static final String LOSS = "its log lines have no agent_execution_id";

  private LogLineHooks() {}

  static List<LibraryHook> all() {
    // Log4j takes one of the three, by the kind of its thread context.
    Stream<LibraryHook> log4j =
        Stream.of("Default", "CopyOnWrite", "GarbageFree").map(LogLineHooks::log4j);
    return Stream.concat(Stream.of(logback()), log4j).toList();
  }

  private static LibraryHook logback() {
    return new LibraryHook(
        "ch.qos.logback:logback-classic",
        "ch/qos/logback/classic/spi/LoggingEvent",
        "getMDCPropertyMap",
        "()Ljava/util/Map;",
        LogLineAdvice.Logback.class,
        LOSS);
  }

  private static LibraryHook log4j(String kind) {
    return new LibraryHook(
        "org.apache.logging.log4j:log4j-core",
        "org/apache/logging/log4j/core/impl/ThreadContextDataInjector$For"
            + kind
            + "ThreadContextMap",
        "injectContextData",
        "(Ljava/util/List;Lorg/apache/logging/log4j/util/StringMap;)"
            + "Lorg/apache/logging/log4j/util/StringMap;",
        LogLineAdvice.Log4j.class,
        LOSS);
  }
}
