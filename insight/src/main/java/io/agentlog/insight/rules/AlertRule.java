package io.agentlog.insight.rules;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A rule that raises an alert for each agent that it holds for.
 *
 * @param name of which a file has one each
 * @param agents names of agents; "*" is any number of characters
 * @param condition when it is raised
 * @param falseAlarms expected false alarms a week at most, of all agents and windows of the rule
 *     together, as long as nothing changes: 0.01 is one in 100 weeks
 * @param channels names of channels
 * @param repeat how long after a message a firing alert is told again
 * @param keepFiring how long the value has to be back before the alert is resolved
 * @param cooldown how long after its end an alert that is raised again is the same incident
 * @param labels further labels of each alert, such as severity
 * @param hash SHA-256 of what the rule says, 64 hexadecimal digits; the same for the same rule in
 *     another order of keys
 */
public record AlertRule(
    String name,
    List<String> agents,
    Condition condition,
    double falseAlarms,
    List<String> channels,
    Duration repeat,
    Duration keepFiring,
    Duration cooldown,
    Map<String, String> labels,
    String hash) {}
