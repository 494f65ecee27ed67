package io.agentlog.benchmarks.insight;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures how long the dashboard's server takes for each page, by the header {@code
 * Server-Timing}: {@code url=} names a running dashboard, {@code token=} its token, {@code
 * requests=} how often each page is asked for, one at a time.
 */
public final class PageTimes {
  private static final Pattern DURATION = Pattern.compile("dur=([0-9.]+)");
  private static final int REQUESTS = 50;

  private static final List<String> PAGES =
      List.of(
          "/",
          "/?agent=support-router",
          "/executions",
          "/executions?from=7d&agent=support-router",
          "/executions?from=90d&status=failed",
          "/agents",
          "/agents?from=7d",
          "/agents?from=90d",
          "/agents/support-router",
          "/agents/support-router?from=7d",
          "/agents/support-router?from=30d&compare=none",
          "/routing",
          "/routing?from=24h",
          "/routing?from=90d",
          "/quality",
          "/quality?from=7d",
          "/quality?from=24h&agent=support-router",
          "/prompts",
          "/prompts?from=7d",
          "/prompts?from=30d",
          "/errors",
          "/errors?from=24h",
          "/errors?from=7d&agent=support-router",
          "/instances");

  private final HttpClient client = HttpClient.newHttpClient();
  private final String url;
  private final String token;

  private PageTimes(String url, String token) {
    this.url = url;
    this.token = token;
  }

  /** Takes {@code url=}, {@code token=} and {@code requests=}. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    String url = "http://127.0.0.1:4090";
    String token = "";
    int requests = REQUESTS;
    for (String argument : arguments) {
      String value = argument.substring(argument.indexOf('=') + 1);
      switch (argument.substring(0, argument.length() - value.length())) {
        case "url=" -> url = value;
        case "token=" -> token = value;
        case "requests=" -> requests = Integer.parseInt(value);
        default ->
            throw new IllegalArgumentException(
                "unknown argument " + argument + "; known are url=, token= and requests=");
      }
    }
    new PageTimes(url, token).measure(requests);
  }

  private void measure(int requests) throws IOException, InterruptedException {
    System.out.println(
        "page                                              ms: median     p95     max");
    List<String> pages = new ArrayList<>(PAGES);
    String list = ask("/executions.json").body();
    first(list, "execution_id|id").ifPresent(id -> pages.add("/executions/" + id));
    first(list, "correlation_id|correlation").ifPresent(id -> pages.add("/requests/" + id));
    for (String page : pages) {
      List<Double> millis = new ArrayList<>();
      for (int i = 0; i < requests; i++) {
        HttpResponse<String> answer = ask(page);
        if (answer.statusCode() != 200) {
          throw new IllegalStateException(page + " answers " + answer.statusCode());
        }
        Matcher duration =
            DURATION.matcher(answer.headers().firstValue("Server-Timing").orElse(""));
        if (duration.find()) {
          millis.add(Double.valueOf(duration.group(1)));
        }
      }
      Collections.sort(millis);
      System.out.printf(
          Locale.ROOT,
          "%-56s %7.1f %7.1f %7.1f%n",
          page,
          millis.get(millis.size() / 2),
          millis.get(millis.size() * 95 / 100),
          millis.get(millis.size() - 1));
    }
  }

  private static Optional<String> first(String json, String names) {
    Matcher found = Pattern.compile("\"(?:" + names + ")\":\"([0-9a-f-]{36})\"").matcher(json);
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
  }

  private HttpResponse<String> ask(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Authorization", "Bearer " + token)
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
