package io.agentlog.agent.status;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of one sink. All counts are in events.
 *
 * @param name of the sink
 * @param target host, port and database, or brokers and topic; no secrets
 * @param delivered confirmed by the backend
 * @param pending kept for the sink and not confirmed
 * @param parked refused by the backend for good, set aside
 * @param undecodable neither delivered nor kept: could not be read, or the sink has no place for
 *     them and they could not be parked
 * @param failuresInARow failed attempts since the last success; 0 while the sink is up
 * @param lagMillis age of the oldest event that the sink's thread holds undelivered; 0 if none
 * @param lastError the last error; null if the sink was never down
 */
public record SinkStatus(
    String name,
    String target,
    long delivered,
    long pending,
    long parked,
    long undecodable,
    long failuresInARow,
    long lagMillis,
    @Nullable String lastError) {
  boolean isUp() {
    return failuresInARow == 0;
  }

  Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("target", target);
    fields.put("state", isUp() ? "up" : "down");
    fields.put("delivered", delivered);
    fields.put("pending", pending);
    fields.put("parked", parked);
    fields.put("undecodable", undecodable);
    fields.put("failures_in_a_row", failuresInARow);
    fields.put("lag_ms", lagMillis);
    fields.put("last_error", lastError);
    return fields;
  }
}
