package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Map;

/**
 * Tables that are made, checked and recorded together. Each track has its own table of versions, so
 * that one can be behind while the other is not. Immutable.
 *
 * @param versionTable records which scripts have run
 * @param scripts file names without the ending, in order
 * @param names of the tables, in the order in which they are made
 * @param written statements of the sink
 * @param furtherColumns columns that statements name but don't insert, by table
 * @param keys columns of our unique indexes, by table; another unique index or primary key of the
 *     same columns will do
 * @param constraints condition on {@code pg_constraint k} for constraints that may refuse rows
 * @param isFitted true if values are made to fit the columns and checks of a table that agentlog
 *     did not make; see {@link DetailLimits}
 */
record Track(
    String versionTable,
    List<String> scripts,
    List<String> names,
    List<TableInsert<?>> written,
    Map<String, List<String>> furtherColumns,
    Map<String, String> keys,
    String constraints,
    boolean isFitted) {
  static final String INSTANCES = "agent_instances";

  /**
   * Executions, and what every database of agentlog has. Version 2 made the views before version 4,
   * by names that others could take; see {@link Home}.
   */
  static final Track EXECUTIONS =
      new Track(
          "agentlog_schema_version",
          List.of("V001__tables", "V003__kind", "V004__views", "V005__report", "V006__usage"),
          List.of(
              Tables.EXECUTIONS.table(),
              Tables.PROGRESS.table(),
              Tables.DECISIONS.table(),
              INSTANCES),
          List.of(Tables.EXECUTIONS, Tables.PROGRESS, Tables.DECISIONS),
          Map.of(
              Tables.EXECUTIONS.table(),
              List.of("created_at", "updated_at"),
              INSTANCES,
              List.of("instance_id", "service", "since", "renewed_at", "lease_until")),
          Map.of(
              Tables.EXECUTIONS.table(),
              "execution_id",
              Tables.PROGRESS.table(),
              "execution_id, seq",
              Tables.DECISIONS.table(),
              "id",
              INSTANCES,
              "instance_id"),
          """
          k.contype = 'f'
             OR k.contype = 'c' AND pg_catalog.pg_get_constraintdef(k.oid) ~ 'status'
                AND pg_catalog.pg_get_constraintdef(k.oid) !~ 'failed'\
          """,
          false);

  /** Details of executions, made where the first detail comes. */
  static final Track DETAILS =
      new Track(
          "agentlog_trace_version",
          List.of("T001__trace", "T002__views", "T003__model_calls"),
          List.of(
              DetailTables.PROMPTS.table(),
              DetailTables.PROMPT_TEXTS.table(),
              DetailTables.FILE_OPERATIONS.table(),
              DetailTables.INTELLIGENCE.table(),
              DetailTables.MODEL_CALLS.table()),
          List.of(
              DetailTables.PROMPTS,
              DetailTables.PROMPT_TEXTS,
              DetailTables.FILE_OPERATIONS,
              DetailTables.INTELLIGENCE,
              DetailTables.MODEL_CALLS),
          Map.of(DetailTables.PROMPT_TEXTS.table(), List.of("last_seen_at")),
          Map.of(
              DetailTables.PROMPTS.table(),
              "id",
              DetailTables.PROMPT_TEXTS.table(),
              "sha256",
              DetailTables.FILE_OPERATIONS.table(),
              "id",
              DetailTables.INTELLIGENCE.table(),
              "id",
              DetailTables.MODEL_CALLS.table(),
              "execution_id, seq"),
          "k.contype IN ('c', 'f')",
          true);

  /** JVMs that write to Kafka alone, and progress of the connector in their topics. */
  static final Track FLEET =
      new Track(
          "agentlog_fleet_version",
          List.of("F001__fleet"),
          List.of(FleetTables.PROGRESS, FleetTables.INSTANCES),
          List.of(),
          Map.of(
              FleetTables.PROGRESS,
              List.of(
                  "fleet",
                  "topic",
                  "partition",
                  "position",
                  "record_time",
                  "idle_at",
                  "idle_position",
                  "since",
                  "judge"),
              FleetTables.INSTANCES,
              List.of("instance_id", "fleet", "noted_at", "heard_at", "end_position")),
          Map.of(
              FleetTables.PROGRESS,
              "fleet, partition, topic",
              FleetTables.INSTANCES,
              "instance_id"),
          "k.contype IN ('c', 'f')",
          false);

  /** Returns the tables, as a list for people, that are written with the one of a message. */
  static String writtenOf(String message) {
    return String.join(", ", tablesOf(message));
  }

  private static List<String> tablesOf(String message) {
    if (DETAILS.names.stream().anyMatch(message::contains)) {
      return DETAILS.names;
    }
    return FLEET.names.stream().anyMatch(message::contains) ? FLEET.names : EXECUTIONS.names;
  }

  /** Returns the tables, as a list for people, that are pruned with the one of a message. */
  static String prunedOf(String message) {
    return tablesOf(message).stream()
        .filter(name -> !name.equals(INSTANCES))
        .collect(joining(", "));
  }

  /** Returns the number of the last script. */
  int latest() {
    return Script.version(scripts.get(scripts.size() - 1));
  }
}
