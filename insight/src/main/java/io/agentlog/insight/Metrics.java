package io.agentlog.insight;

import java.nio.charset.StandardCharsets;

/** Figures in the text format of Prometheus. One thread. */
final class Metrics {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final StringBuilder text = new StringBuilder();

  Metrics gauge(String name, String help, double value) {
    return add(name, help, "gauge", Double.toString(value));
  }

  Metrics counter(String name, String help, long value) {
    return add(name, help, "counter", Long.toString(value));
  }

  private Metrics add(String name, String help, String type, String value) {
    text.append("# HELP ").append(name).append(' ').append(help);
    text.append("\n# TYPE ").append(name).append(' ').append(type);
    text.append('\n').append(name).append(' ').append(value).append('\n');
    return this;
  }

  byte[] bytes() {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
