package io.agentlog.insight.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.chrome.ChromeDriver;

/**
 * Goal: who opens the link of {@code ./demo --keep} sees what the agents do. Method: the script
 * itself, where {@code -Dagentlog.demo=true} asks for it; from its link on, only clicks and keys.
 */
@Timeout(300)
class NewcomerIT {
  private static final Pattern LINK = Pattern.compile("http://\\S+/login\\?code=\\S+");

  @Test
  void demoIsSeenLiveThenOneExecutionItsRequestAndTheRouting()
      throws IOException, InterruptedException {
    assumeTrue(Boolean.getBoolean("agentlog.demo"), "agentlog.demo does not ask for it");
    try (Browser browser = Browser.start()) {
      Process demo = new ProcessBuilder("../demo", "--keep").redirectErrorStream(true).start();
      try {
        visit(browser, link(demo));
      } finally {
        demo.destroy(); // Its shutdown hook ends what it started.
        demo.waitFor();
      }
    }
  }

  private static String link(Process demo) throws IOException {
    StringBuilder all = new StringBuilder();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(demo.getInputStream(), StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Matcher link = LINK.matcher(line);
      if (link.find()) {
        return link.group();
      }
      all.append(line).append('\n');
    }
    throw new AssertionError("no link in: " + all);
  }

  private static void visit(Browser browser, String link) {
    browser.go(link);
    browser.await("rows of the live page", page -> !hrefs(page).isEmpty());
    List<String> before = hrefs(browser.driver());
    browser.await("rows that move", page -> !before.containsAll(hrefs(page)));

    browser.press("j"); // The row stays chosen, however often the page changes meanwhile.
    browser.press(Keys.ENTER);
    browser.await("one execution", page -> page.getCurrentUrl().contains("/executions/"));
    assertThat(browser.text()).contains("Stages");

    browser.driver().findElement(By.partialLinkText("Waterfall")).click();
    browser.await("its request", page -> page.getCurrentUrl().contains("/requests/"));
    assertThat(browser.driver().findElements(By.cssSelector("main svg"))).isNotEmpty();

    browser.driver().findElement(By.linkText("Routing")).click();
    browser.await(
        "a reliability diagram with counts",
        page -> {
          if (page.findElements(By.cssSelector("main figure svg")).isEmpty()) {
            page.navigate().refresh();
            return false;
          }
          return !page.findElements(By.cssSelector("main td.num")).isEmpty();
        });
    assertThat(browser.problems()).isEmpty();
  }

  private static List<String> hrefs(ChromeDriver page) {
    Object found =
        page.executeScript(
            "return Array.from(document.querySelectorAll('#ended tbody a.row')).map(a => a.href)");
    return found instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
  }
}
