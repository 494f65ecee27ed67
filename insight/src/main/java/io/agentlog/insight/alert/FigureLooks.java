package io.agentlog.insight.alert;

import io.agentlog.insight.evaluate.Look;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.rules.AlertRule;
import io.agentlog.insight.rules.Rules;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/** Looks at the agent's tables and the trends. One thread. */
public final class FigureLooks implements Looks {
  private final Database database;

  /** Reads nothing yet. */
  public FigureLooks(Database database) {
    this.database = database;
  }

  @Override
  public Map<Map<String, String>, Look> look(
      Rules rules, AlertRule rule, Instant at, Set<Map<String, String>> known)
      throws SinkUnavailableException {
    throw new SinkUnavailableException(
        "rule " + rule.name() + " can't be looked at yet at " + database.place(), null);
  }
}
