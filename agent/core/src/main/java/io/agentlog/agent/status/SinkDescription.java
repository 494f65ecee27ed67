package io.agentlog.agent.status;

/**
 * A sink as the start-up line names it.
 *
 * @param name such as {@code postgres}
 * @param target host, port and database, or brokers and topic; no secrets
 * @param origin where the setting that turned it on came from
 */
public record SinkDescription(String name, String target, String origin) {}
