package io.agentlog.backends;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The REST interface of a Kafka Connect worker. Answers are JSON as the worker sends it.
 * Thread-safe.
 *
 * <p>Methods throw {@link BackendException} with the worker's answer if it refuses, and wait for a
 * minute while its group is rebalancing, as such a worker asks for.
 */
public final class ConnectRest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int CONFLICT = 409;
  private static final Pattern STATE = Pattern.compile("\"state\":\"([A-Z]+)\"");

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final String address;

  ConnectRest(String address) {
    this.address = address;
  }

  /** The connectors that are installed, each with its class, type and version. */
  public String plugins() {
    return call("GET", "/connector-plugins", "");
  }

  /**
   * Checks a configuration without using it.
   *
   * @param connectorClass its full name
   * @return the configuration's keys, each with its errors
   */
  public String validate(String connectorClass, Map<String, String> config) {
    return call("PUT", "/connector-plugins/" + connectorClass + "/config/validate", json(config));
  }

  /** Makes a connector, or changes the configuration of one. */
  public void put(String connector, Map<String, String> config) {
    call("PUT", path(connector) + "/config", json(config));
  }

  /** The states of a connector and of its tasks, with the workers that have them. */
  public String status(String connector) {
    return call("GET", path(connector) + "/status", "");
  }

  /** The connector's state, then that of each task, for example {@code RUNNING}. */
  public List<String> states(String connector) {
    return STATE
        .matcher(status(connector))
        .results()
        .map((MatchResult match) -> match.group(1))
        .toList();
  }

  /** Waits until a connector and so many tasks are RUNNING. */
  public void awaitRunning(String connector, int taskCount) {
    List<String> running = Collections.nCopies(1 + taskCount, "RUNNING");
    if (!Wait.until(DEADLINE, () -> hasStates(connector, running))) {
      throw new BackendException(
          connector + " is not running after " + DEADLINE + ": " + status(connector));
    }
  }

  /** Ends the tasks of a connector, and with them its consumer group; returns when it is empty. */
  public void stop(String connector) {
    call("PUT", path(connector) + "/stop", "");
    if (!Wait.until(DEADLINE, () -> hasStates(connector, List.of("STOPPED")))) {
      throw new BackendException(
          connector + " is not stopped after " + DEADLINE + ": " + status(connector));
    }
  }

  /** Lets the tasks of a connector rest; they keep their partitions. */
  public void pause(String connector) {
    call("PUT", path(connector) + "/pause", "");
  }

  /** Ends the rest of a connector that was paused or stopped. */
  public void resume(String connector) {
    call("PUT", path(connector) + "/resume", "");
  }

  /** How far a connector has read, by partition. */
  public String offsets(String connector) {
    return call("GET", path(connector) + "/offsets", "");
  }

  /** Lets a stopped connector read all of a topic's partition from an offset on. */
  public void moveTo(String connector, String topic, int partition, long offset) {
    String body =
        """
        {"offsets":[{"partition":{"kafka_topic":"%s","kafka_partition":%s},\
        "offset":{"kafka_offset":%s}}]}"""
            .formatted(topic, partition, offset);
    call("PATCH", path(connector) + "/offsets", body);
  }

  /** Lets a stopped connector read everything again. */
  public void deleteOffsets(String connector) {
    call("DELETE", path(connector) + "/offsets", "");
  }

  /** Removes a connector. */
  public void delete(String connector) {
    call("DELETE", path(connector), "");
  }

  /** Whether the worker is a member of its group. */
  boolean answers() {
    try {
      return send("GET", "/connectors", "").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private boolean hasStates(String connector, List<String> states) {
    try {
      return states(connector).equals(states);
    } catch (BackendException e) { // The worker has not heard of it yet.
      return false;
    }
  }

  private String call(String method, String path, String body) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    try {
      while (true) {
        HttpResponse<String> response = send(method, path, body);
        if (response.statusCode() / 100 == 2) {
          return response.body();
        }
        if (response.statusCode() != CONFLICT || System.nanoTime() - end >= 0) {
          throw new BackendException(
              "Kafka Connect answered %s %s with %s: %s"
                  .formatted(method, path, response.statusCode(), response.body()));
        }
        if (!Wait.pause()) {
          throw new BackendException("interrupted while Kafka Connect is rebalancing");
        }
      }
    } catch (IOException e) {
      throw new BackendException("Kafka Connect does not answer at " + address + ": " + e, e);
    }
  }

  private HttpResponse<String> send(String method, String path, String body) throws IOException {
    HttpRequest.BodyPublisher publisher =
        body.isEmpty()
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address + path))
            .timeout(DEADLINE)
            .header("Content-Type", "application/json")
            .method(method, publisher)
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendException("interrupted while waiting for Kafka Connect", e);
    }
  }

  private static String path(String connector) {
    return "/connectors/" + URLEncoder.encode(connector, StandardCharsets.UTF_8);
  }

  private static String json(Map<String, String> config) {
    return config.entrySet().stream()
        .map(entry -> quoted(entry.getKey()) + ":" + quoted(entry.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
