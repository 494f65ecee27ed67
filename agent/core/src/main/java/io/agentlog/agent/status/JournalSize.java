package io.agentlog.agent.status;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How full the journal on the disk is.
 *
 * @param bytes of its files, those that are kept ready included
 * @param bytesMax that they may have together
 */
public record JournalSize(long bytes, long bytesMax) {
  Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("bytes", bytes);
    fields.put("max_bytes", bytesMax);
    return fields;
  }
}
