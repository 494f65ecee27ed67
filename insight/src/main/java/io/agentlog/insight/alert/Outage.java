package io.agentlog.insight.alert;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * A time in which the database could not be reached, and of which channels were told without it.
 *
 * @param incident that they were told of
 * @param length how long ago it began
 * @param channels names of the channels that took the message
 */
record Outage(UUID incident, Duration length, List<String> channels) {}
