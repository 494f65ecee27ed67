package io.agentlog.insight.query;

/** Expressions that bear what another logger may have written. */
final class Columns {
  /** Characters that a list shows of a name; a text column may have 1 GiB. */
  static final int NAME_MAX = 300;

  /** Characters of JSON whose values are listed; agentlog writes {@code 32k} by default. */
  private static final int JSON_MAX = 100_000;

  /** Time since the start in microseconds; null without a start, and for ±infinity. */
  static final String AGE =
      "CASE WHEN isfinite(started_at) THEN (extract(epoch FROM now() - started_at) * 1000000)::bigint END";

  /** Time from start to end in microseconds, until now while it runs. */
  static final String MICROS =
      "CASE WHEN status = 'in_progress' THEN %s ELSE coalesce(duration_us, duration_ms * 1000::bigint) END AS micros"
          .formatted(AGE);

  /** A stage's measured time in milliseconds; null for a number that no clock measures. */
  static final String TOOK =
      """
      CASE WHEN jsonb_typeof(metadata -> 'stage_duration_ms') = 'number' THEN
        CASE WHEN (metadata ->> 'stage_duration_ms')::numeric BETWEEN 0 AND 1e12
             THEN round((metadata ->> 'stage_duration_ms')::numeric, 3)::float8 END END AS took""";

  private Columns() {}

  /** Returns the expression for a name of a list. */
  static String name(String expression) {
    return text(expression, NAME_MAX);
  }

  /** Returns the expression for the begin of a text. */
  static String text(String expression, int max) {
    return "CASE WHEN length(%1$s) > %2$s THEN left(%1$s, %2$s) || '…' ELSE %1$s END"
        .formatted(expression, max);
  }

  /** Returns names of a list, each under the name of its column. */
  static String names(String prefix, String... columns) {
    StringBuilder list = new StringBuilder();
    for (String column : columns) {
      list.append(list.isEmpty() ? "" : ", ").append(name(prefix + column)).append(" AS ");
      list.append(column);
    }
    return list.toString();
  }

  /** Returns the expression for JSON whose {@link Values} are listed. */
  static String json(String column) {
    return """
        CASE WHEN length(%1$s::text) > %2$s THEN jsonb_build_object('v', jsonb_build_object('(characters, too many to list)', length(%1$s::text)))
             ELSE jsonb_build_object('v', %1$s) END::text"""
        .formatted(column, JSON_MAX);
  }
}
