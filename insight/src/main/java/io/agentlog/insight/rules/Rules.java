package io.agentlog.insight.rules;

import java.util.List;

/**
 * A whole rules file.
 *
 * @param channels in the order of the file
 * @param alerts in the order of the file
 */
public record Rules(
    List<Channel> channels,
    List<AlertRule> alerts,
    List<Mute> mutes,
    List<StagePattern> patterns,
    List<ScoreRule> scores) {
  /** No rules at all. */
  public static final Rules NONE = new Rules(List.of(), List.of(), List.of(), List.of(), List.of());
}
