package io.agentlog.insight.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import io.agentlog.insight.MadeTables;
import io.agentlog.insight.page.View;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.Keys;

/** Goal: whoever has no pointer gets everywhere. */
@Timeout(180)
class KeyboardIT {
  private static Browser browser;
  private static Postgres database;
  private static ShownDashboard dashboard;

  @BeforeAll
  static void start() throws Exception {
    browser = Browser.start();
    database = MadeTables.busy(2_000);
    dashboard = new ShownDashboard(database, false);
    dashboard.logIn(browser);
  }

  @AfterAll
  static void stop() {
    if (dashboard != null) {
      dashboard.close();
      database.close();
    }
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void live() {
    browser.go(dashboard.url("/"));
  }

  @Test
  void placesAreALetterAway() {
    for (View.Place place : View.PLACES) {
      browser.press("g", place.key());
      browser.await(place.name(), page -> page.getCurrentUrl().equals(dashboard.url(place.path())));
    }
  }

  @Test
  void slashGoesToTheSearchAndEscapeLeavesIt() {
    browser.press("/");
    assertThat(isFocused(".find input")).isTrue();
    browser.press("gej", Keys.ESCAPE);
    assertThat(isFocused(".find input")).isFalse();
    assertThat(browser.driver().getCurrentUrl()).isEqualTo(dashboard.url("/"));
  }

  @Test
  void rowsAreChosenAndOpened() {
    browser.press("j", "j", "k");
    assertThat(isFocused("tbody a.row")).isTrue();
    Object href = browser.driver().executeScript("return document.activeElement.href");
    browser.press(Keys.ENTER);
    browser.await("the page of the row", page -> page.getCurrentUrl().equals(href));
  }

  @Test
  void questionMarkListsTheKeys() {
    browser.press("?");
    assertThat(browser.driver().executeScript("return document.getElementById('keys').open"))
        .isEqualTo(true);
    assertThat(browser.inaccessible()).isEmpty();
    browser.press(Keys.ESCAPE);
    assertThat(browser.driver().executeScript("return document.getElementById('keys').open"))
        .isEqualTo(false);
  }

  @Test
  void contentIsTwoKeysAway() {
    browser.press(Keys.TAB);
    assertThat(isFocused("a.skip")).isTrue();
    browser.press(Keys.ENTER);
    assertThat(isFocused("main")).isTrue();
  }

  @Test
  void tabulatorReachesEveryPlaceAndShowsWhereItIs() {
    for (View.Place place : View.PLACES) {
      assertThat(browser.tabTo(".nav a[href='" + place.path() + "']", 4)).as(place.name()).isTrue();
      assertThat(
              browser
                  .driver()
                  .executeScript("return getComputedStyle(document.activeElement).outlineStyle"))
          .as("outline of " + place.name())
          .isNotEqualTo("none");
    }
  }

  private static boolean isFocused(String selector) {
    return Boolean.TRUE.equals(
        browser
            .driver()
            .executeScript("return document.activeElement.matches(arguments[0])", selector));
  }
}
