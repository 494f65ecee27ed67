package io.agentlog.insight.gate;

import java.util.SortedMap;

/**
 * Earlier executions, by agent.
 *
 * @param source what it was made of, for people
 */
record Baseline(String source, SortedMap<String, Profile> agents) {}
