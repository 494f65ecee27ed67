package io.agentlog.config;

import io.agentlog.log.AgentLog;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Declares every option once. {@code docs/configuration.md} is rendered from this class, in the
 * order of {@link OptionGroups}.
 */
public final class Options {
  public static final Option<Boolean> ENABLED =
      flag(
          "enabled",
          "true",
          "`false` leaves the application as it is: nothing is woven, started or written. One"
              + " `false` in any place wins over `true` elsewhere.");
  public static final Option<String> CONFIG =
      text("config", null, "A file of `KEY=value` lines in UTF-8 with these keys.");
  public static final Option<String> SERVICE =
      text(
          "service",
          null,
          "Name of this service. Default: `OTEL_SERVICE_NAME`, else the main class or the name of"
              + " its jar.");
  public static final Option<String> DIR =
      text(
          "dir",
          null,
          "Base directory. Default: `$XDG_STATE_HOME/agentlog`, else `~/.local/state/agentlog`, if"
              + " it is on a disk of this machine; else a private folder under the temp"
              + " directory.");
  public static final Option<String> RULES =
      text(
          "rules",
          null,
          "A YAML file that names methods of code that can't be annotated. See [rules](rules.md).");
  public static final Option<List<NamePattern>> EXCLUDE_CLASSES =
      new Option<>(
          "exclude.classes",
          "",
          "Classes that are never woven, separated by `,`: `com.acme.Router,com.acme.old..*`, as in"
              + " [rules](rules.md#which-methods).",
          false,
          Parsers::classPatterns);
  public static final Option<List<NamePattern>> EXCLUDE_LOADERS =
      new Option<>(
          "exclude.loaders",
          "",
          "Class loaders whose classes are never woven, by the name of the loader's own class:"
              + " `groovy.lang..*`.",
          false,
          Parsers::classPatterns);
  public static final Option<List<NamePattern>> AGENTS_DISABLED =
      new Option<>(
          "agents.disabled",
          "",
          "Agents whose executions are not recorded, by name, `*` for any characters:"
              + " `billing-*,search`. Their methods are not woven. Stages in them belong to the"
              + " enclosing execution, if there is one.",
          false,
          Parsers::agentPatterns);
  public static final Option<String> CAPTURE_PROMPT =
      text(
          "capture.prompt",
          "full",
          "How much of a prompt is kept: `full`, `hash` (SHA-256 and length) or `none` (length)."
              + " Any other text counts as `none`. See [privacy](#privacy).");
  public static final Option<String> CAPTURE_PROMPT_AGENTS =
      text(
          "capture.prompt.agents",
          null,
          "`capture.prompt` for agents by name, `*` for any characters:"
              + " `billing-*:none,support:hash`. The first match decides.");
  public static final Option<String> REDACT =
      text(
          "redact",
          "off",
          "Kinds of text that are replaced before they reach the disk: `off`, or a list of"
              + " `bearer`, `api-key`, `email`, `card`, or `all`. Any other text counts as `all`."
              + " See [privacy](#privacy).");
  public static final Option<String> REDACT_PATTERNS =
      text(
          "redact.patterns",
          null,
          "Your own patterns to replace, `NAME=PATTERN` in RE2 syntax, separated by `;;` or a line"
              + " break.");
  public static final Option<String> PROJECT_PATH =
      text(
          "project.path",
          null,
          "Project path of executions that name none. Default: the working directory.");
  public static final Option<String> PROJECT_NAME =
      text(
          "project.name", null, "Project name of executions that name none. Default: the service.");
  public static final Option<String> CLAUDE_SESSION_ID =
      text(
          "claude-session-id",
          null,
          "Session ID stored with each execution. Default: the environment's `CLAUDE_SESSION_ID`.");
  public static final Option<String> TERMINAL_ID =
      text(
          "terminal-id",
          null,
          "Terminal ID stored with each execution. Default: the environment's `TERM_SESSION_ID`.");

  public static final Option<String> POSTGRES_URL =
      text(
          "postgres.url",
          null,
          "The database in JDBC form, `jdbc:postgresql://HOST:PORT/DATABASE?...`, or in libpq's,"
              + " `postgresql://USER:PASSWORD@HOST:PORT/DATABASE?...`. Wins over host, port and"
              + " database.");
  public static final Option<String> POSTGRES_HOST =
      text(
          "postgres.host",
          null,
          "Host of the database, or several `HOST` or `HOST:PORT` separated by commas; turns the"
              + " PostgreSQL sink on.");
  public static final Option<Integer> POSTGRES_PORT =
      new Option<>("postgres.port", "5432", "Port of the database.", false, Parsers::port);
  public static final Option<String> POSTGRES_DATABASE =
      text(
          "postgres.database",
          null,
          "Name of the database. Default: the name of the user, as in libpq.");
  public static final Option<String> POSTGRES_USER =
      text("postgres.user", null, "User of the database. Default: `postgres`.");
  public static final Option<String> POSTGRES_PASSWORD =
      new Option<>(
          "postgres.password",
          null,
          "Password of the user; also as `postgres.password-file`, a file that holds it.",
          true,
          Function.identity());
  public static final Option<SchemaMode> POSTGRES_SCHEMA =
      new Option<>(
          "postgres.schema",
          "migrate",
          "`migrate` creates and lifts the tables, `validate` only checks them, `off` does neither."
              + " Where the database is known from `POSTGRES_*` variables alone, the default is"
              + " `validate`.",
          false,
          text -> Parsers.choice(SchemaMode.class, text));

  public static final Option<Duration> POSTGRES_PARTITIONS_AHEAD =
      new Option<>(
          "postgres.partitions-ahead",
          "3d",
          "How far ahead the partitions of coming days are made, where the tables are"
              + " [partitioned by day](schema.md#partitions-by-day): at most `60d`. `0d` makes none.",
          false,
          Parsers::ahead);

  public static final Option<Duration> RETENTION =
      new Option<>(
          "retention",
          null,
          "Executions that ended longer ago are removed from the database, with their progress and"
              + " decisions: `90d`, at least `1h`. Default: nothing is removed. See"
              + " [retention](schema.md#retention).",
          false,
          Parsers::age);

  /** Prefix of the driver's properties. */
  public static final String POSTGRES_CLIENT = "postgres.client.";

  public static final Option<String> KAFKA_BOOTSTRAP_SERVERS =
      text(
          "kafka.bootstrap-servers",
          null,
          "The brokers, `HOST:PORT` separated by `,` or `;`; turns the Kafka sink on.");
  public static final Option<String> KAFKA_TOPIC =
      text("kafka.topic", "agent-execution-logs", "The topic.");
  public static final Option<Boolean> KAFKA_CREATE_TOPIC =
      flag(
          "kafka.create-topic",
          "false",
          "`true` creates a missing topic with the broker's defaults.");
  public static final Option<Duration> KAFKA_LINGER =
      duration(
          "kafka.linger",
          "0s",
          "How long an event waits for others, so that they leave together. `0s` sends it at once;"
              + " `1s` makes far fewer requests in a large fleet.");
  public static final Option<String> KAFKA_INSTANCES_TOPIC =
      text(
          "kafka.instances-topic",
          "",
          "The topic on which this JVM says every ten seconds that it lives; empty says it nowhere."
              + " For JVMs without a PostgreSQL sink: see [dead JVMs](fleet.md#dead-jvms).");

  /** Prefix of the Kafka clients' properties. */
  public static final String KAFKA_CLIENT = "kafka.client.";

  public static final Option<Boolean> FILE_ENABLED =
      flag(
          "file.enabled",
          null,
          "Writes JSON Lines under the base directory. Default: on if neither PostgreSQL nor Kafka"
              + " is configured.");
  public static final Option<Long> FILE_MAX_SIZE =
      size("file.max-size", "64m", "A file is closed and the next begun at this size.");
  public static final Option<Duration> FILE_MAX_AGE =
      duration("file.max-age", "7d", "Closed files older than this are removed.");

  /** Default of {@link #JOURNAL_MAX_SIZE} on a large disk, in bytes. */
  public static final long JOURNAL_MAX_SIZE_DEFAULT = 4L << 30;

  /** On a small disk the default is this part of it: a tenth. */
  public static final int JOURNAL_DISK_PART_DEFAULT = 10;

  public static final Option<Long> JOURNAL_MAX_SIZE =
      size(
          "journal.max-size",
          null,
          "Most bytes on disk for events that wait for slow or unavailable sinks; beyond it the"
              + " newest events are dropped and counted. Default: `4g` or a tenth of the file"
              + " system, whichever is smaller; on a tmpfs at most a quarter of the largest heap.");
  public static final Option<Long> JOURNAL_MIN_FREE =
      size("journal.min-free", "256m", "Bytes of the disk that the journal leaves to others.");
  public static final Option<Duration> JOURNAL_FORCE_INTERVAL =
      duration(
          "journal.force-interval",
          "1s",
          "How often the journal is forced to the disk. A loss of power may cost the events of this"
              + " time; the death of the process alone costs nothing.");

  public static final Option<Long> CAPTURE_PROMPT_MAX_BYTES =
      size(
          "capture.prompt.max-bytes",
          "256k",
          "Longest prompt; a longer one is cut and flagged. Counted as the JVM stores it: one byte"
              + " a character in Latin-1, else two.");
  public static final Option<Long> CAPTURE_VALUE_MAX_BYTES =
      size("capture.value.max-bytes", "8k", "Longest other text; a longer one is cut and flagged.");
  public static final Option<Long> CAPTURE_METADATA_MAX_BYTES =
      size(
          "capture.metadata.max-bytes",
          "32k",
          "Largest metadata of an execution; an entry that would exceed it is refused and"
              + " flagged.");

  public static final Option<Boolean> WEAVE_CACHE =
      flag(
          "weave.cache",
          "true",
          "Keeps woven classes in the folder of the service, so that the next start loads no"
              + " weaver. On Linux alone. See [security](security.md#woven-classes).");
  public static final Option<Duration> SHUTDOWN_WAIT =
      duration(
          "shutdown.wait",
          "1s",
          "Longest wait for running executions when the JVM shuts down, and then again for the"
              + " sinks.");
  public static final Option<AgentLog.Level> LOG_LEVEL =
      new Option<>(
          "log.level",
          "info",
          "Least severe line on stderr: `debug`, `info`, `warn` or `off`.",
          false,
          text -> Parsers.choice(AgentLog.Level.class, text));

  public static final Option<Boolean> TRACEABILITY =
      flag(
          "traceability",
          "false",
          "`true` records the instructions of an execution with its prompt, and what knowledge it"
              + " used, in tables and on a topic of their own. See [the whole trace](trace.md).");
  public static final Option<String> CAPTURE_RETRIEVAL =
      text(
          "capture.retrieval",
          "names",
          "How much of a used item of knowledge is kept: `names` (name, source, rank and score), or"
              + " `full` (its first 200 characters and the query too). Any other text counts as"
              + " `names`.");
  public static final Option<Boolean> FILES =
      flag(
          "files",
          "false",
          "`true` records which files an execution reads, writes and deletes, with SHA-256 of their"
              + " content, never the content. See [files](trace.md#files).");
  public static final Option<String> FILES_INCLUDE =
      text(
          "files.include",
          null,
          "Files that are recorded, as globs separated by `,`. Default: everything below"
              + " `project.path`.");
  public static final Option<String> FILES_EXCLUDE =
      text(
          "files.exclude",
          null,
          "Files that are not recorded, as globs separated by `,`, beside the built-in ones: class"
              + " files, jars, native libraries, logs, the JDK and agentlog's own folder.");
  public static final Option<String> FILES_PATHS =
      text(
          "files.paths",
          "full",
          "How a file's path is kept: `full`, `relative` to `project.path`, or `hash` (its SHA-256"
              + " alone). Any other text counts as `hash`.");
  public static final Option<Long> FILES_HASH_MAX_BYTES =
      size(
          "files.hash.max-bytes",
          "8m",
          "A larger file is recorded without the hash of its content.");
  public static final Option<String> FILES_HASH_BEFORE =
      text(
          "files.hash-before",
          "known",
          "The hash of what a write replaces: `known` takes it from an earlier operation, at no"
              + " cost for the caller; `sync` reads files of up to 1 MiB on the caller's thread"
              + " before they are truncated.");
  public static final Option<Boolean> TRACE_AMBIENT =
      flag(
          "trace.ambient",
          "true",
          "`false` doesn't look for the span of a tracer around an execution. See [trace"
              + " IDs](trace.md#trace-ids).");
  public static final Option<Boolean> LOG_MDC =
      flag(
          "log.mdc",
          "false",
          "`true` adds `agent_execution_id` and `correlation_id` to the MDC of log events that"
              + " Logback or Log4j 2 makes inside an execution. See [log"
              + " lines](trace.md#log-lines).");
  public static final Option<String> KAFKA_DETAIL_TOPIC =
      text(
          "kafka.detail-topic",
          "agent-execution-details",
          "The topic of prompts, file operations, used knowledge and calls of models; empty sends"
              + " none of them to Kafka.");

  public static final Option<String> FRAMEWORKS =
      text(
          "frameworks",
          "all",
          "Frameworks whose agents are recorded without annotations: `all`, `off`, or names"
              + " separated by `,`. See [frameworks](frameworks.md).");
  public static final Option<String> FRAMEWORKS_IN_EXECUTION =
      text(
          "frameworks.in-execution",
          "nested",
          "What a framework's run inside an annotated or ruled execution is: `nested`, an execution"
              + " of its own, or `stages` of the execution around it. Any other text counts as"
              + " `nested`.");
  public static final Option<String> CAPTURE_TOOLS =
      text(
          "capture.tools",
          "names",
          "How much of a framework's tool calls is kept: `names`, or `full` (arguments and results"
              + " too). Any other text counts as `names`.");
  public static final Option<String> PRICES =
      text(
          "prices",
          null,
          "File with the prices of models, in agentlog's format or LiteLLM's. Read again when it"
              + " changes. Without it no cost is recorded. See"
              + " [frameworks](frameworks.md#prices).");

  /** Client properties that are secrets; {@code KEY-file} may name a file with each. */
  public static final Set<String> SECRET_CLIENT_KEYS =
      Set.of(
          POSTGRES_CLIENT + "password",
          POSTGRES_CLIENT + "sslpassword",
          KAFKA_CLIENT + "sasl.jaas.config",
          KAFKA_CLIENT + "ssl.key.password",
          KAFKA_CLIENT + "ssl.keystore.key",
          KAFKA_CLIENT + "ssl.keystore.password",
          KAFKA_CLIENT + "ssl.truststore.password");

  private Options() {}

  // One lambda for each type, because each lambda costs a class at the application's start.

  private static Option<String> text(String key, @Nullable String defaultText, String meaning) {
    return new Option<>(key, defaultText, meaning, false, Function.identity());
  }

  private static Option<Boolean> flag(String key, @Nullable String defaultText, String meaning) {
    return new Option<>(key, defaultText, meaning, false, Parsers::flag);
  }

  private static Option<Long> size(String key, @Nullable String defaultText, String meaning) {
    return new Option<>(key, defaultText, meaning, false, Parsers::size);
  }

  private static Option<Duration> duration(String key, String defaultText, String meaning) {
    return new Option<>(key, defaultText, meaning, false, Parsers::duration);
  }
}
