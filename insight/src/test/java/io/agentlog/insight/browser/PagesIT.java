package io.agentlog.insight.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.backends.TraceRows;
import io.agentlog.insight.MadeTables;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.By;

/**
 * Goal: each page can be used by everybody. Method: all pages over a database with data and over an
 * empty one, light and dark, narrow and wide, with script and without it. With {@code
 * -Dagentlog.screenshots=FOLDER} a picture of each stays there.
 */
@Timeout(600)
class PagesIT {
  private static final int EXECUTIONS = 20_000;
  private static final boolean TAKES_PICTURES = System.getProperty(Browser.PICTURES) != null;
  private static final int NARROW = 390;
  private static final int USUAL = 1_280;
  private static final List<Integer> WIDTHS = List.of(NARROW, USUAL, 1_920);

  /** Pages of an agent whose prompts, files and knowledge are recorded. */
  private static final List<String> WHOLE_TRACE =
      List.of("/executions/" + TraceRows.REFACTOR, "/agents/refactor?from=30d");

  /** Pages of agents that call models. */
  private static final List<String> USAGE =
      List.of(
          "/",
          "/executions/019b7cde-0a63-7b41-9d52-00000000e002",
          "/executions/019b7cde-0a63-7b41-9d52-00000000e004",
          "/requests/b7ef9b42-4a1f-5e27-8c5f-3f0f8d7b2a11",
          "/agents?from=7d&sort=cost",
          "/agents/assistant?from=7d",
          "/agents/desk?from=7d");

  private static Browser browser;
  private static Postgres busyDatabase;
  private static Postgres emptyDatabase;
  private static ShownDashboard busy;
  private static ShownDashboard empty;

  @BeforeAll
  static void start() throws Exception {
    browser = Browser.start();
    busyDatabase =
        MadeTables.busy(
            EXECUTIONS,
            database -> {
              MadeTables.addTrace(database);
              MadeTables.addUsage(database);
            });
    emptyDatabase = MadeTables.empty();
    busy = new ShownDashboard(busyDatabase, true);
    empty = new ShownDashboard(emptyDatabase, true);
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable one :
        new AutoCloseable[] {browser, busy, empty, busyDatabase, emptyDatabase}) {
      close(one);
    }
  }

  @TestFactory
  Stream<DynamicTest> pagesWithData() {
    busy.logIn(browser);
    return Tour.of(browser, busy).stream()
        .map(path -> DynamicTest.dynamicTest(path, () -> isGood(busy, path, "busy-")));
  }

  @TestFactory
  Stream<DynamicTest> pagesOfAWholeTrace() {
    busy.logIn(browser);
    return WHOLE_TRACE.stream()
        .map(path -> DynamicTest.dynamicTest(path, () -> isGood(busy, path, "trace-")));
  }

  @TestFactory
  Stream<DynamicTest> pagesOfTokensAndCost() {
    busy.logIn(browser);
    return IntStream.range(0, USAGE.size())
        .mapToObj(
            i ->
                DynamicTest.dynamicTest(
                    USAGE.get(i), () -> isGood(busy, USAGE.get(i), "usage-" + i + "-")));
  }

  @TestFactory
  Stream<DynamicTest> pagesWithoutData() {
    empty.logIn(browser);
    return Tour.places().stream()
        .map(path -> DynamicTest.dynamicTest(path, () -> isGood(empty, path, "empty-")));
  }

  @TestFactory
  Stream<DynamicTest> pagesWithoutScript() {
    Browser plain = Browser.startWithoutScript();
    busy.logIn(plain);
    return Tour.places().stream()
        .map(
            path ->
                DynamicTest.dynamicTest(
                    path,
                    () -> {
                      plain.go(busy.url(path));
                      assertThat(plain.driver().findElement(By.tagName("h1")).getText())
                          .isNotBlank();
                      assertThat(plain.driver().findElements(By.cssSelector("main tbody tr")))
                          .as("rows of " + path)
                          .isNotEmpty();
                    }))
        .onClose(plain::close);
  }

  private static void isGood(ShownDashboard dashboard, String path, String prefix) {
    browser.width(USUAL);
    browser.problems(); // Those of pages before.
    browser.go(dashboard.url(path));
    assertThat(
            browser
                .driver()
                .executeScript(
                    "return performance.getEntriesByType('navigation')[0].responseStatus"))
        .as("status of " + path)
        .isEqualTo(200L);
    for (Browser.Scheme scheme : Browser.Scheme.values()) {
      browser.scheme(scheme);
      for (int width : WIDTHS) {
        browser.width(width);
        if (TAKES_PICTURES) {
          browser.screenshot(prefix + Tour.fileName(path) + "-" + width + "-" + scheme);
        }
        assertThat(
                browser
                    .driver()
                    .executeScript("return document.documentElement.scrollWidth - innerWidth"))
            .as("pixels of %s beyond a width of %s", path, width)
            .satisfies(pixels -> assertThat((Long) pixels).isLessThanOrEqualTo(0));
      }
      // What is narrow also scrolls sideways within the page.
      browser.width(scheme == Browser.Scheme.LIGHT ? NARROW : USUAL);
      assertThat(browser.inaccessible()).as("%s, %s", path, scheme).isEmpty();
    }
    browser.scheme(Browser.Scheme.LIGHT);
    assertThat(browser.unsafe()).as(path).isEmpty();
    assertThat(browser.problems()).as(path).isEmpty();
  }

  private static void close(AutoCloseable one) {
    try {
      if (one != null) {
        one.close();
      }
    } catch (Exception e) { // What close() declares.
      throw new IllegalStateException(e);
    }
  }
}
