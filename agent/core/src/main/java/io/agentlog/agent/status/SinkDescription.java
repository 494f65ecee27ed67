package io.agentlog.agent.status;

/**
 * A sink as named in the start-up line.
 *
 * @param name such as {@code postgres}
 * @param target host, port and database, or brokers and topic; no secrets
 * @param origin source of the setting that turned the sink on
 */
public record SinkDescription(String name, String target, String origin) {}
