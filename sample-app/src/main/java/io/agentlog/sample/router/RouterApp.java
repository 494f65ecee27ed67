package io.agentlog.sample.router;

import io.agentlog.sample.router.CommandLine.UsageException;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;

/**
 * The router's main class: {@code java -jar agentlog-sample-app.jar --help}.
 *
 * <p>With {@code -javaagent:agentlog.jar} every routing is recorded; the answers are the same
 * without it. Answers go to standard output, messages for people to standard error.
 */
public final class RouterApp {
  private static final String NAME = "agent-router: ";
  private static final long STOP_WAIT_SECONDS = 25;

  private final InputStream in;
  private final PrintStream out;
  private final PrintStream err;

  RouterApp(InputStream in, PrintStream out, PrintStream err) {
    this.in = in;
    this.out = out;
    this.err = err;
  }

  /** Starts the router; ends with the exit code that {@code --help} explains. */
  public static void main(String[] arguments) {
    // Not System.out, which has the terminal's encoding: answers are UTF-8.
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    int exitCode = new RouterApp(System.in, out, err).run(arguments);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /** Runs to the end and returns the exit code. */
  int run(String... arguments) {
    try {
      CommandLine line = CommandLine.of(arguments);
      return switch (line.action()) {
        case HELP -> {
          out.print(CommandLine.HELP);
          yield 0;
        }
        case SEND -> {
          send(line);
          yield 0;
        }
        case CHECK -> {
          check(catalog(line));
          yield 0;
        }
        case STDIN, KAFKA -> {
          serve(line);
          yield 0;
        }
      };
    } catch (UsageException | InvalidDefinitionException e) {
      String.valueOf(e.getMessage()).lines().forEach(problem -> err.println(NAME + problem));
      return 2;
    } catch (IOException | KafkaException e) {
      err.println(NAME + e);
      return 1;
    }
  }

  private void serve(CommandLine line) throws IOException {
    AgentCatalog catalog = catalog(line);
    catalog.problems().forEach(problem -> err.println(NAME + "set aside: " + problem));
    RouterService service =
        new RouterService(catalog, new SuccessHistory(line.worsening()), line.worsening());
    RequestAnswerer answerer = new RequestAnswerer(service);
    if (line.action() == CommandLine.Action.STDIN) {
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      runUntilStopped(new LineLoop(lines, out, answerer, line.requestsMax()));
      return;
    }
    KafkaClients clients = new KafkaClients(line.bootstrapServers());
    if (line.createTopics()) {
      clients.createTopics();
    }
    err.println(
        NAME
            + "%s agents; answering %s at %s as group %s"
                .formatted(
                    catalog.active().size(),
                    Topics.REQUESTED,
                    line.bootstrapServers(),
                    line.group()));
    List<KafkaLoop> loops = new ArrayList<>();
    for (int i = 1; i <= line.consumers(); i++) {
      String clientId = i == 1 ? "agent-router" : "agent-router-" + i;
      loops.add(
          new KafkaLoop(
              clients.consumer(line.group(), clientId),
              clients.producer(clientId),
              answerer,
              line.requestsMax(),
              line.idleExit()));
    }
    runUntilStopped(loops.size() == 1 ? loops.get(0) : new ParallelLoops(loops));
  }

  private static void runUntilStopped(ServiceLoop loop) throws IOException {
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook = new Thread(() -> stop(loop, ended), "agent-router-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      loop.run();
    } finally {
      ended.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) { // The JVM is shutting down, and the hook runs.
      }
    }
  }

  private static void stop(ServiceLoop loop, CountDownLatch ended) {
    loop.stop();
    long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_WAIT_SECONDS);
    try {
      while (!loop.mayBeLeft() && System.nanoTime() < endNanos) {
        if (ended.await(20, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(CommandLine line) throws IOException {
    KafkaClients clients = new KafkaClients(line.bootstrapServers());
    if (line.createTopics()) {
      clients.createTopics();
    }
    if (line.send() != null) {
      err.println(NAME + clients.send(line.send()) + " requests sent to " + Topics.REQUESTED);
    }
  }

  private void check(AgentCatalog catalog) {
    catalog.problems().forEach(problem -> err.println(NAME + problem));
    for (AgentDefinition agent : catalog.active()) {
      out.printf("%-24s %s%n", agent.name(), agent.title());
    }
    out.printf("%s agents can be selected.%n", catalog.active().size());
  }

  private static AgentCatalog catalog(CommandLine line) throws IOException {
    return line.agents() == null
        ? AgentCatalog.builtIn()
        : AgentCatalog.ofDirectory(line.agents(), line.lenient());
  }
}
