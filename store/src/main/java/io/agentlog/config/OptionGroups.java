package io.agentlog.config;

import java.util.ArrayList;
import java.util.List;

/** The options in the order and with the titles of {@code docs/configuration.md}. */
public final class OptionGroups {
  /** A group of options in the docs. */
  public record Group(String title, List<Option<?>> options) {
    public Group {
      options = List.copyOf(options);
    }
  }

  /** Every option, in the order of the docs. */
  public static final List<Group> ALL =
      List.of(
          new Group(
              "agent",
              List.of(
                  Options.ENABLED,
                  Options.CONFIG,
                  Options.SERVICE,
                  Options.DIR,
                  Options.RULES,
                  Options.EXCLUDE_CLASSES,
                  Options.EXCLUDE_LOADERS,
                  Options.AGENTS_DISABLED,
                  Options.LOG_LEVEL,
                  Options.WEAVE_CACHE,
                  Options.SHUTDOWN_WAIT)),
          new Group(
              "postgres",
              List.of(
                  Options.POSTGRES_URL,
                  Options.POSTGRES_HOST,
                  Options.POSTGRES_PORT,
                  Options.POSTGRES_DATABASE,
                  Options.POSTGRES_USER,
                  Options.POSTGRES_PASSWORD,
                  Options.POSTGRES_SCHEMA,
                  Options.POSTGRES_PARTITIONS_AHEAD,
                  Options.RETENTION)),
          new Group(
              "kafka",
              List.of(
                  Options.KAFKA_BOOTSTRAP_SERVERS,
                  Options.KAFKA_TOPIC,
                  Options.KAFKA_DETAIL_TOPIC,
                  Options.KAFKA_INSTANCES_TOPIC,
                  Options.KAFKA_CREATE_TOPIC,
                  Options.KAFKA_LINGER)),
          new Group(
              "file", List.of(Options.FILE_ENABLED, Options.FILE_MAX_SIZE, Options.FILE_MAX_AGE)),
          new Group(
              "journal",
              List.of(
                  Options.JOURNAL_MAX_SIZE,
                  Options.JOURNAL_MIN_FREE,
                  Options.JOURNAL_FORCE_INTERVAL)),
          new Group(
              "capture",
              List.of(
                  Options.CAPTURE_PROMPT,
                  Options.CAPTURE_PROMPT_AGENTS,
                  Options.REDACT,
                  Options.REDACT_PATTERNS,
                  Options.CAPTURE_PROMPT_MAX_BYTES,
                  Options.CAPTURE_VALUE_MAX_BYTES,
                  Options.CAPTURE_METADATA_MAX_BYTES,
                  Options.PROJECT_PATH,
                  Options.PROJECT_NAME,
                  Options.CLAUDE_SESSION_ID,
                  Options.TERMINAL_ID)),
          new Group(
              "trace",
              List.of(
                  Options.TRACEABILITY,
                  Options.CAPTURE_RETRIEVAL,
                  Options.FILES,
                  Options.FILES_INCLUDE,
                  Options.FILES_EXCLUDE,
                  Options.FILES_PATHS,
                  Options.FILES_HASH_MAX_BYTES,
                  Options.FILES_HASH_BEFORE,
                  Options.TRACE_AMBIENT,
                  Options.LOG_MDC)),
          new Group(
              "frameworks",
              List.of(
                  Options.FRAMEWORKS,
                  Options.FRAMEWORKS_IN_EXECUTION,
                  Options.CAPTURE_TOOLS,
                  Options.PRICES)));

  private OptionGroups() {}

  /** Returns every option. */
  public static List<Option<?>> options() {
    List<Option<?>> all = new ArrayList<>();
    for (Group group : ALL) {
      all.addAll(group.options());
    }
    return all;
  }
}
