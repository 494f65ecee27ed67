package io.agentlog.insight.score;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.insight.rules.ScoreRule.Judge;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import io.agentlog.json.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Sends prompts to judges: {@code POST url {execution, prompt, metadata}}, answered by {@code
 * {score, label, explanation}}, of which the score counts. Follows no redirects. Thread-safe.
 */
public final class JudgeClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int ANSWER_BYTES_MAX = 64 * 1024;

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * An execution as a judge is sent it.
   *
   * @param execution its ID
   * @param prompt null if the row has none
   * @param metadata JSON; null if the row has none
   */
  public record Question(String execution, @Nullable String prompt, @Nullable String metadata) {
    private byte[] json() {
      Map<String, @Nullable Object> body = new LinkedHashMap<>();
      body.put("execution", execution);
      body.put("prompt", prompt);
      body.put("metadata", parsed());
      return JsonWriter.write(body).getBytes(UTF_8);
    }

    private @Nullable Object parsed() {
      try {
        return metadata == null ? null : JsonReader.parse(metadata.getBytes(UTF_8));
      } catch (BrokenLineException e) {
        return null; // Another logger's list or text.
      }
    }
  }

  /**
   * Asks a judge as often as it has votes.
   *
   * @return the scores of the answers, from 0 to 1, the lowest first
   * @throws IOException if one fails; the message has neither the prompt nor the answer
   */
  public List<Double> ask(Judge judge, Question question) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(judge.url())
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(question.json()))
            .build();
    List<Double> scores = new ArrayList<>();
    for (int vote = 0; vote < judge.votes(); vote++) {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        if (response.statusCode() != 200) {
          throw new IOException("answered with status " + response.statusCode());
        }
        scores.add(score(read(body)));
      }
    }
    return scores.stream().sorted().toList();
  }

  /** Reads an answer; the time-out of a request ends with its headers. */
  private static byte[] read(InputStream body) throws IOException {
    AtomicBoolean isLate = new AtomicBoolean();
    CompletableFuture<Void> end =
        CompletableFuture.runAsync(
            () -> {
              isLate.set(true);
              close(body);
            },
            CompletableFuture.delayedExecutor(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    try {
      byte[] answer = body.readNBytes(ANSWER_BYTES_MAX);
      if (isLate.get()) {
        throw new IOException("did not end its answer in time");
      }
      return answer;
    } catch (IOException e) {
      throw isLate.get() ? new IOException("did not end its answer in time", e) : e;
    } finally {
      end.cancel(false);
    }
  }

  /** A reader that waits for more is told that the stream is closed. */
  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double score(byte[] answer) throws IOException {
    try {
      if (JsonReader.parse(answer).get("score") instanceof Number number
          && number.doubleValue() >= 0
          && number.doubleValue() <= 1) {
        return number.doubleValue();
      }
    } catch (BrokenLineException e) {
      throw new IOException("answered with something that is no JSON object", e);
    }
    throw new IOException("answered without a score from 0 to 1");
  }

  /** Returns the median of sorted scores. */
  public static double median(List<Double> scores) {
    int n = scores.size();
    return (scores.get((n - 1) / 2) + scores.get(n / 2)) / 2;
  }
}
