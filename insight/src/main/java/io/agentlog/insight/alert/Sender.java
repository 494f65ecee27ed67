package io.agentlog.insight.alert;

import io.agentlog.log.AgentLog;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests over HTTP. Follows no redirect: an address that a server names is not one that the
 * rules file names. Proxies are those of the JVM. Thread-safe.
 */
final class Sender {
  private final HttpClient client;
  private final Duration answerMax;

  /** How far the clock of a server is ahead of this machine's, by its address. */
  private final Map<URI, Duration> ahead = new ConcurrentHashMap<>();

  /** Makes one that waits so long for an answer, and so long for a connection. */
  Sender(Duration answerMax) {
    this.answerMax = answerMax;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(answerMax)
            .build();
  }

  /**
   * Outcome of the requests to the addresses of a channel.
   *
   * @param taken whether one of them was taken
   * @param error what is wrong with the first that was not, without its address; null if all were
   */
  record Result(boolean taken, @Nullable String error) {}

  /** Requests that are on their way. */
  final class Sent {
    private final List<CompletableFuture<HttpResponse<Void>>> answers = new ArrayList<>();
    private final long deadline = System.nanoTime() + answerMax.toNanos();

    private Sent(List<HttpRequest> requests) {
      for (HttpRequest request : requests) {
        answers.add(client.sendAsync(request, HttpResponse.BodyHandlers.discarding()));
      }
    }

    /** Waits for all answers, until the time for them is over. */
    Result await() throws InterruptedException {
      boolean taken = false;
      String error = answers.isEmpty() ? "the channel has no address" : null;
      for (CompletableFuture<HttpResponse<Void>> answer : answers) {
        String found = error(answer);
        taken |= found == null;
        error = error == null ? found : error;
      }
      return new Result(taken, error);
    }

    private @Nullable String error(CompletableFuture<HttpResponse<Void>> answer)
        throws InterruptedException {
      try {
        long left = Math.max(0, deadline - System.nanoTime());
        HttpResponse<Void> given = answer.get(left, TimeUnit.NANOSECONDS);
        note(given);
        return error(given.statusCode());
      } catch (TimeoutException e) {
        answer.cancel(true);
        return noAnswer();
      } catch (ExecutionException e) {
        return error(e.getCause());
      }
    }

    private @Nullable String error(int status) {
      if (status >= 200 && status < 300) {
        return null;
      }
      String text = "it answers " + Integer.toString(status);
      return status >= 300 && status < 400
          ? text
              + ", a redirect: redirects are not followed, so give the rules file the last address"
          : text;
    }

    private String error(@Nullable Throwable thrown) {
      for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
        if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
          return "the host of its address is not known";
        }
        if (cause instanceof HttpTimeoutException) {
          return noAnswer();
        }
        if (cause instanceof SSLException) {
          return "TLS with it failed (" + AgentLog.describe(cause) + ")";
        }
      }
      return thrown instanceof ConnectException
          ? "nothing takes connections at its address"
          : "the connection broke"
              + (thrown == null ? "" : " (" + thrown.getClass().getSimpleName() + ")");
    }

    private String noAnswer() {
      return "no answer within %s s".formatted(Long.toString(answerMax.toSeconds()));
    }
  }

  private void note(HttpResponse<Void> answer) {
    String date = answer.headers().firstValue("Date").orElse(null);
    if (date == null) {
      return;
    }
    try {
      Instant there = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
      ahead.put(answer.uri(), Duration.between(Instant.now(), there));
    } catch (DateTimeException e) {
      ahead.remove(answer.uri()); // No time; then this machine's clock has to do.
    }
  }

  /**
   * Returns how far the clock of a server is ahead of this machine's, to a second or so, by its
   * last answer; negative if it is behind, zero if it never said.
   */
  Duration ahead(URI address) {
    return ahead.getOrDefault(address, Duration.ZERO);
  }

  /** Sends requests, and does not wait for the answers. */
  Sent send(List<HttpRequest> requests) {
    return new Sent(requests);
  }
}
