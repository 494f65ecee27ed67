package io.agentlog.insight.browser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.EnumMap;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.By;

/** Goal: the browser reports what is wrong with a page, and nothing about a page that is right. */
@Timeout(120)
class BrowserIT {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'";

  private static final String HEAD =
      "<!doctype html><html lang=en><meta name=color-scheme content='light dark'><title>t</title><body><main><h1>Title</h1>";

  private static final Map<String, String> PAGES =
      Map.of(
          "/right",
          HEAD + "<p id=p>A text <a href=/next>and a link</a></p><script src=/script.js></script>",
          "/script.js",
          "document.getElementById('p').append(' made by a script');",
          "/inline",
          HEAD + "<p onclick='alert(1)'>x</p><script>alert('ran')</script>",
          "/dialog.js",
          "alert('asked'); console.error('broken'); throw new Error('thrown');",
          "/dialog",
          HEAD + "<script src=/dialog.js></script>",
          "/blind",
          HEAD + "<img src=/none.png><button></button>");

  private static HttpServer server;
  private static Browser browser;
  private static String base;

  @BeforeAll
  static void start() throws IOException {
    browser = Browser.start();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          byte[] body = PAGES.getOrDefault(path, "").getBytes(UTF_8);
          exchange
              .getResponseHeaders()
              .set("Content-Type", path.endsWith(".js") ? "text/javascript" : "text/html");
          exchange.getResponseHeaders().set("Content-Security-Policy", POLICY);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    base = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.stop(0);
    }
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void pageThatIsRightHasNoProblem() {
    browser.go(base + "/right");
    assertThat(browser.text()).contains("made by a script");
    assertThat(browser.problems()).isEmpty();
    assertThat(browser.inaccessible()).isEmpty();
  }

  @Test
  void inlineScriptViolatesThePolicyAndDoesNotRun() {
    browser.go(base + "/inline");
    assertThat(browser.problems())
        .anyMatch(problem -> problem.startsWith("policy script-src"))
        .anyMatch(problem -> problem.startsWith("console SEVERE"))
        .noneMatch(problem -> problem.startsWith("dialog"));
  }

  @Test
  void dialogsAndErrorsAreReported() {
    browser.go(base + "/dialog");
    assertThat(browser.problems())
        .contains("dialog alert asked")
        .anyMatch(problem -> problem.startsWith("error Uncaught Error: thrown"))
        .anyMatch(problem -> problem.contains("broken"));
  }

  @Test
  void axeFindsWhatHasNoName() {
    browser.go(base + "/blind");
    assertThat(browser.inaccessible())
        .anyMatch(found -> found.startsWith("image-alt"))
        .anyMatch(found -> found.startsWith("button-name"));
  }

  @Test
  void picturesHaveTheWidthAndTheSchemeAskedFor() throws IOException {
    browser.go(base + "/right");
    Map<Browser.Scheme, Integer> corners = new EnumMap<>(Browser.Scheme.class);
    for (Browser.Scheme scheme : Browser.Scheme.values()) {
      browser.scheme(scheme);
      browser.width(390);
      var picture =
          ImageIO.read(Files.newInputStream(browser.screenshot("browser-test-" + scheme)));
      assertThat(picture.getWidth()).isEqualTo(390);
      corners.put(scheme, picture.getRGB(380, 800) & 0xFF);
    }
    assertThat(corners.get(Browser.Scheme.LIGHT)).isGreaterThan(200);
    assertThat(corners.get(Browser.Scheme.DARK)).isLessThan(60);
    browser.width(1280);
    browser.scheme(Browser.Scheme.LIGHT);
  }

  @Test
  void tabulatorReachesLinks() {
    browser.go(base + "/right");
    assertThat(browser.tabTo("a[href='/next']", 5)).isTrue();
    assertThat(browser.tabTo("a[href='/none']", 5)).isFalse();
  }

  @Test
  void scriptsCanBeOff() {
    try (Browser plain = Browser.startWithoutScript()) {
      plain.go(base + "/right");
      assertThat(plain.driver().findElement(By.tagName("p")).getText())
          .isEqualTo("A text and a link");
    }
  }
}
