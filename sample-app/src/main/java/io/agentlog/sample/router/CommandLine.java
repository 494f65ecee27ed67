package io.agentlog.sample.router;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arguments that the router was started with.
 *
 * @param action task of this run
 * @param agents directory of definitions; null for those inside the jar
 * @param lenient whether to set broken definitions aside
 * @param bootstrapServers for {@link Action#KAFKA} and {@link Action#SEND}
 * @param group consumer group
 * @param consumers requests that are answered at a time; Kafka only
 * @param createTopics whether to create missing topics first
 * @param requestsMax number of requests after which the router ends
 * @param idleExit time without a request after which the router ends; null for no end; Kafka only
 * @param worsening how the router gets worse on purpose
 * @param send file of requests, for {@link Action#SEND}
 */
record CommandLine(
    Action action,
    @Nullable Path agents,
    boolean lenient,
    String bootstrapServers,
    String group,
    int consumers,
    boolean createTopics,
    long requestsMax,
    @Nullable Duration idleExit,
    Worsening worsening,
    @Nullable Path send) {
  /** Each consumer has a thread and two connections. */
  private static final int CONSUMERS_MAX = 64;

  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  static final String HELP =
      """
      Routes requests in plain words to the agent that should serve them.

      usage: java -jar agentlog-sample-app.jar [options]

        --mode stdin|kafka       stdin (default): one request per line, JSON or plain text; the answer
                                 is one line of JSON on standard output. kafka: see README.md
        --bootstrap-servers LIST host:port,... of Kafka; default localhost:9092
        --group NAME             consumer group, default agent-router
        --consumers N            kafka: answer N requests at a time, each of another partition; default 1
        --create-topics          create the three topics first where they are missing
        --max-requests N         end after N requests; of each consumer, if there are several
        --idle-exit SECONDS      kafka: end after this time without a request
        --agents DIR             use the definitions (*.yaml) in DIR instead of the built-in ones
        --lenient                set broken definitions aside instead of refusing to start
        --worse KIND             get worse on purpose, to rehearse alerts: slow, failing or quality; see README.md
        --worse-after SECONDS    from this time after the start on; default 0
        --worse-for SECONDS      for this time; default to the end
        --check                  check the definitions, report problems, and end
        --send FILE              send each line of FILE to the request topic, and end
        --help                   this text

      SIGTERM ends the router after the current request. Exit codes: 0 done, 1 failed, 2 wrong usage
      or broken definitions.
      """;

  private static final List<String> OPTIONS =
      List.of(
          "--mode",
          "--bootstrap-servers",
          "--group",
          "--consumers",
          "--create-topics",
          "--max-requests",
          "--idle-exit",
          "--agents",
          "--lenient",
          "--worse",
          "--worse-after",
          "--worse-for",
          "--check",
          "--send",
          "--help");

  /** Task of a run. */
  enum Action {
    STDIN,
    KAFKA,
    SEND,
    CHECK,
    HELP
  }

  /** Arguments that can't be understood; the message is one line for the user. */
  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }
  }

  /** Reads the arguments: {@code --name value} or {@code --name=value}. */
  static CommandLine of(String... arguments) throws UsageException {
    Deque<String> rest = new ArrayDeque<>(List.of(arguments));
    Action action = Action.STDIN;
    Path agents = null;
    boolean lenient = false;
    String servers = "localhost:9092";
    String group = "agent-router";
    int consumers = 1;
    boolean createTopics = false;
    long requestsMax = Long.MAX_VALUE;
    Duration idleExit = null;
    Worsening.Kind worse = Worsening.Kind.NONE;
    Duration worseAfter = Duration.ZERO;
    Duration worseFor = FOR_EVER;
    Path send = null;
    while (!rest.isEmpty()) {
      String argument = rest.pop();
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      if (equals >= 0 && name.startsWith("--")) {
        rest.push(argument.substring(equals + 1));
      }
      switch (name) {
        case "--mode" -> action = mode(value(name, rest));
        case "--bootstrap-servers" -> servers = value(name, rest);
        case "--group" -> group = value(name, rest);
        case "--consumers" -> consumers = (int) Math.min(CONSUMERS_MAX, number(name, rest));
        case "--max-requests" -> requestsMax = number(name, rest);
        case "--idle-exit" -> idleExit = Duration.ofSeconds(number(name, rest));
        case "--worse" -> worse = worse(value(name, rest));
        case "--worse-after" -> worseAfter = Duration.ofSeconds(number(name, rest));
        case "--worse-for" -> worseFor = Duration.ofSeconds(number(name, rest));
        case "--agents" -> agents = Path.of(value(name, rest));
        case "--send" -> send = Path.of(value(name, rest));
        case "--create-topics", "--lenient", "--check", "--help", "-h" -> {
          if (equals >= 0) {
            throw new UsageException(name + " takes no value");
          }
          switch (name) {
            case "--create-topics" -> createTopics = true;
            case "--lenient" -> lenient = true;
            case "--check" -> action = Action.CHECK;
            default -> action = Action.HELP;
          }
          if (action == Action.HELP) {
            rest.clear();
          }
        }
        default -> {
          String nearest = Similarity.nearest(name, OPTIONS);
          throw new UsageException(
              "unknown option %s%s; see --help"
                  .formatted(name, nearest == null ? "" : ", did you mean " + nearest + "?"));
        }
      }
    }
    if (send != null && action != Action.HELP) {
      action = Action.SEND;
    }
    return new CommandLine(
        action,
        agents,
        lenient,
        servers,
        group,
        consumers,
        createTopics,
        requestsMax,
        idleExit,
        new Worsening(worse, worseAfter, worseFor, System::nanoTime),
        send);
  }

  private static Action mode(String mode) throws UsageException {
    return switch (mode) {
      case "stdin" -> Action.STDIN;
      case "kafka" -> Action.KAFKA;
      default -> throw new UsageException("--mode must be stdin or kafka, was " + mode);
    };
  }

  private static Worsening.Kind worse(String kind) throws UsageException {
    return switch (kind) {
      case "slow" -> Worsening.Kind.SLOW;
      case "failing" -> Worsening.Kind.FAILING;
      case "quality" -> Worsening.Kind.QUALITY;
      default -> throw new UsageException("--worse must be slow, failing or quality, was " + kind);
    };
  }

  private static String value(String name, Deque<String> rest) throws UsageException {
    String value = rest.poll();
    if (value == null || value.isBlank() || value.startsWith("--")) {
      throw new UsageException(name + " needs a value; see --help");
    }
    return value;
  }

  private static long number(String name, Deque<String> rest) throws UsageException {
    String value = value(name, rest);
    try {
      long number = Long.parseLong(value);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) { // Reported below.
    }
    throw new UsageException(name + " must be a whole number above 0, was " + value);
  }
}
