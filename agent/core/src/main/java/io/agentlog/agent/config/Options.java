package io.agentlog.agent.config;

/** Every option, each declared once. {@code docs/configuration.md} is rendered from here. */
public final class Options {
  private Options() {}
}
