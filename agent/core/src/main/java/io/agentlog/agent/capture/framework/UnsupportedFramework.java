package io.agentlog.agent.capture.framework;

import java.util.List;

/**
 * Code that looks like a framework's and does what the framework does in its own way, so that it is
 * not recorded.
 *
 * @param framework name of the framework that it is built on
 * @param className a class of it, with slashes
 * @param line says so to users
 */
public record UnsupportedFramework(String framework, String className, String line) {
  /** All that are known. */
  public static final List<UnsupportedFramework> ALL =
      List.of(
          new UnsupportedFramework(
              "langchain4j",
              "io/quarkiverse/langchain4j/runtime/aiservice/AiServiceMethodImplementationSupport",
              "quarkus-langchain4j makes AI services by code of its own: their calls are not"
                  + " recorded; model calls and tools in other executions are. Annotate their"
                  + " callers, or name them in rules"));
}
