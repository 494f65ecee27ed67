package io.agentlog.insight.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.insight.MadeTables;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.json.Json;

/**
 * Goal: no text of an application or a user becomes markup or script. Method: rows with hostile
 * texts wherever a text can be, and addresses with them; a real Chromium opens all pages.
 */
@Timeout(600)
class PayloadsIT {
  /** Texts up to this length have to be shown whole. */
  private static final int SHOWN_WHOLE = 300;

  private static Browser browser;
  private static Postgres database;
  private static ShownDashboard dashboard;
  private static List<String> payloads;

  @BeforeAll
  static void start() throws Exception {
    browser = Browser.start();
    database = MadeTables.empty();
    payloads = Payloads.all();
    Payloads.write(database, payloads);
    MadeTables.rollUp(database);
    dashboard = new ShownDashboard(database, true);
    dashboard.logIn(browser);
  }

  @AfterAll
  static void stop() {
    if (dashboard != null) {
      dashboard.close();
    }
    if (database != null) {
      database.close();
    }
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void pagesOfEachExecutionShowTheTextAndRunNothing() {
    for (int i = 0; i < payloads.size(); i++) {
      for (String page : List.of("/executions/", "/requests/")) {
        open(page + Payloads.id(i));
        if (payloads.get(i).length() <= SHOWN_WHOLE) {
          assertThat(browser.text()).as(page + " of " + payloads.get(i)).contains(payloads.get(i));
        }
      }
    }
  }

  @Test
  void listsShowTheTextsAndRunNothing() {
    Set<String> seen = new LinkedHashSet<>();
    List<String> paths = new ArrayList<>(Tour.of(browser, dashboard));
    paths.addAll(Tour.links(browser, dashboard, "/agents/"));
    browser.problems();
    for (String path : paths) {
      open(path);
      String text = browser.text();
      payloads.stream().filter(text::contains).forEach(seen::add);
    }
    assertThat(seen)
        .containsAll(payloads.stream().filter(text -> text.length() <= SHOWN_WHOLE).toList());
  }

  @Test
  void addressesWithTheTextsRunNothing() {
    for (int i = 0; i < payloads.size() - 1; i++) {
      String text = URLEncoder.encode(payloads.get(i), StandardCharsets.UTF_8);
      String name = text.replace("+", "%20");
      switch (i % 6) {
        case 0 -> open("/agents/" + name);
        case 1 -> open("/" + name);
        case 2 -> open("/login?code=" + text);
        default -> {
          String place = Tour.places().get(i % Tour.places().size());
          open(place + "?q=" + text + "&agent=" + text + "&from=" + text + "&to=" + text);
        }
      }
      Object value =
          browser
              .driver()
              .executeScript("return document.querySelector('.find input')?.value ?? ''");
      assertThat(value).isIn("", payloads.get(i).replace("\n", ""));
    }
  }

  @Test
  void jsonParsesBackEqual() throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    for (int i = 0; i < payloads.size(); i++) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create(dashboard.url("/executions/" + Payloads.id(i) + ".json")))
                  .header("Authorization", "Bearer " + ShownDashboard.TOKEN)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.headers().firstValue("content-type").orElse(""))
          .startsWith("application/json");
      Map<String, Object> json = new Json().toType(answer.body(), Json.MAP_TYPE);
      Set<String> texts = new LinkedHashSet<>();
      collect(json, texts);
      assertThat(texts.contains(payloads.get(i)))
          .as(payloads.get(i).substring(0, Math.min(80, payloads.get(i).length())))
          .isTrue();
    }
  }

  private static void collect(Object value, Set<String> texts) {
    if (value instanceof String text) {
      texts.add(text);
    } else if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, one) -> {
            texts.add(String.valueOf(key));
            collect(one, texts);
          });
    } else if (value instanceof List<?> list) {
      list.forEach(one -> collect(one, texts));
    }
  }

  /** Opens a page, and demands that nothing ran and nothing was refused. */
  private static void open(String path) {
    browser.go(dashboard.url(path));
    assertThat(browser.unsafe()).as(path).isEmpty();
    assertThat(browser.problems())
        .as(path)
        .filteredOn(problem -> !problem.contains("the server responded with a status of 4"))
        .isEmpty();
  }
}
