package io.agentlog.insight.browser;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.deque.html.axecore.args.AxeRunOptions;
import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.Keys;
import org.openqa.selenium.UnexpectedAlertBehaviour;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/**
 * A Chromium without a window. Collects what a person would not see: errors, violations of the
 * page's security policy, dialogs that a script tried to open. One thread.
 */
final class Browser implements AutoCloseable {
  static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  static final Path DRIVER = Path.of("/usr/bin/chromedriver");

  /** System property with the folder of pictures. */
  static final String PICTURES = "agentlog.screenshots";

  private static final Path FOLDER = Path.of(System.getProperty(PICTURES, "target/screenshots"));

  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final int HEIGHT = 900;
  private static final long PICTURE_HEIGHT_MAX = 6_000;

  /** Warns at each start that it knows no newer commands of this Chromium; none are used. */
  private static final Logger NEWER_COMMANDS =
      Logger.getLogger("org.openqa.selenium.devtools.CdpVersionFinder");

  static {
    NEWER_COMMANDS.setLevel(Level.OFF);
  }

  /** Runs before each page's own scripts; the page's policy does not apply to it. */
  private static final String WATCH =
      """
      window.agentlogFound = [];
      addEventListener('securitypolicyviolation',
        e => agentlogFound.push('policy ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
      addEventListener('error', e => agentlogFound.push('error ' + e.message));
      addEventListener('unhandledrejection', e => agentlogFound.push('rejection ' + e.reason));
      for (const name of ['alert', 'confirm', 'prompt', 'print'])
        window[name] = text => agentlogFound.push('dialog ' + name + ' ' + text);
      """;

  private static final String UNSAFE =
      """
      const unsafe = e => e.matches('script:not([src]),style,iframe,object,embed,base,meta[http-equiv],form[action^="//"]')
        || Array.from(e.attributes).some(a => a.name.startsWith('on') || a.name === 'style' || a.name === 'srcdoc'
             || /^(href|src|action|xlink:href|formaction)$/.test(a.name) && !/^(\\/(?!\\/)|#|\\?)/.test(a.value));
      const done = arguments[0];
      fetch(location.href).then(answer => answer.text()).then(html => done(
        Array.from(new DOMParser().parseFromString(html, 'text/html').querySelectorAll('*')).filter(unsafe).map(e => e.outerHTML.slice(0, 200))));
      """;

  /** The look that the viewer's system asks for. */
  enum Scheme {
    LIGHT,
    DARK
  }

  private final ChromeDriver driver;
  private final boolean hasScript;

  private Browser(boolean hasScript) {
    this.hasScript = hasScript;
    ChromeOptions options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-extensions",
        "--disable-sync",
        "--no-first-run",
        "--no-proxy-server",
        "--force-color-profile=srgb",
        "--window-size=1280," + HEIGHT);
    if (!hasScript) {
      options.addArguments("--blink-settings=scriptEnabled=false");
    }
    options.setUnhandledPromptBehaviour(UnexpectedAlertBehaviour.IGNORE);
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    // Named here, so that Selenium looks for no driver elsewhere.
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(DRIVER.toFile())
            .usingAnyFreePort()
            .build();
    driver = new ChromeDriver(service, options);
    driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", WATCH));
  }

  /** Starts one; skips the test where there is none. */
  static Browser start() {
    assumeInstalled();
    return new Browser(true);
  }

  /** Starts one in which pages can't run scripts; skips the test where there is none. */
  static Browser startWithoutScript() {
    assumeInstalled();
    return new Browser(false);
  }

  private static void assumeInstalled() {
    assumeTrue(
        Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER),
        "chromium or chromium-driver is not installed");
  }

  ChromeDriver driver() {
    return driver;
  }

  /** Opens an address and waits until the page is loaded. */
  void go(String url) {
    driver.get(url);
  }

  /** Waits until something holds, reading the page again and again. */
  void await(String what, Predicate<ChromeDriver> condition) {
    new WebDriverWait(driver, DEADLINE)
        .withMessage(what)
        .pollingEvery(Duration.ofMillis(50))
        .until(page -> condition.test(driver));
  }

  /** Sets the width of the page, also below that of the narrowest window. */
  void width(int pixels) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", pixels, "height", HEIGHT, "deviceScaleFactor", 1, "mobile", false));
  }

  /** Chooses the look, as the viewer's system would. */
  void scheme(Scheme scheme) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(
                Map.of(
                    "name",
                    "prefers-color-scheme",
                    "value",
                    scheme == Scheme.DARK ? "dark" : "light"))));
  }

  /** Presses keys one after another, wherever the focus is. */
  void press(CharSequence... keys) {
    Actions actions = new Actions(driver);
    for (CharSequence key : keys) {
      actions.sendKeys(key);
    }
    actions.perform();
  }

  /** Moves the focus on with the tabulator until it is on an element that matches, or is lost. */
  boolean tabTo(String selector, int timesMax) {
    for (int i = 0; i < timesMax; i++) {
      press(Keys.TAB);
      if (Boolean.TRUE.equals(
          driver.executeScript("return document.activeElement.matches(arguments[0])", selector))) {
        return true;
      }
    }
    return false;
  }

  /** All text of the page as it stands in its nodes, hidden text too. */
  String text() {
    return String.valueOf(driver.executeScript("return document.documentElement.textContent"));
  }

  /**
   * What has gone wrong since the page was opened or this was last called: errors and warnings of
   * the console, violations of the policy, dialogs.
   */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (hasScript
        && driver.executeScript("return (window.agentlogFound || ['not watched']).splice(0)")
            instanceof List<?> found) {
      found.forEach(one -> problems.add(String.valueOf(one)));
    }
    for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
      if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
        problems.add("console " + entry.getLevel() + " " + entry.getMessage());
      }
    }
    return problems;
  }

  /**
   * Elements of the page, as the server sends it, that carry a script or a style or lead to another
   * place than a path of the server: no page of ours has any.
   */
  List<String> unsafe() {
    return driver.executeAsyncScript(UNSAFE) instanceof List<?> found
        ? found.stream().map(String::valueOf).toList()
        : List.of();
  }

  /** What axe calls serious or critical: the rule, then the elements. */
  @SuppressWarnings("deprecation") // Nothing else keeps axe from opening a window for each look.
  List<String> inaccessible() {
    AxeRunOptions options = new AxeRunOptions();
    options.setResultTypes(List.of("violations"));
    return new AxeBuilder()
            .setLegacyMode(true) // The window is for results of frames, and no page has any.
            .withOptions(options)
            .analyze(driver)
            .getViolations()
            .stream()
            .filter(
                rule -> Set.of("serious", "critical").contains(String.valueOf(rule.getImpact())))
            .map(Browser::describe)
            .toList();
  }

  private static String describe(Rule rule) {
    return rule.getId()
        + " ("
        + rule.getHelp()
        + "): "
        + rule.getNodes().stream().limit(5).map(node -> node.getHtml()).toList();
  }

  /** Writes a picture of the whole page, and returns where. */
  Path screenshot(String name) {
    double height = PICTURE_HEIGHT_MAX;
    double width = 1280;
    if (driver.executeCdpCommand("Page.getLayoutMetrics", Map.of()).get("cssContentSize")
        instanceof Map<?, ?> size) {
      height = Math.min(PICTURE_HEIGHT_MAX, Math.max(HEIGHT, number(size.get("height"))));
      width = number(size.get("width"));
    }
    Object data =
        driver
            .executeCdpCommand(
                "Page.captureScreenshot",
                Map.of(
                    "format",
                    "png",
                    "captureBeyondViewport",
                    true,
                    "clip",
                    Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1)))
            .get("data");
    Path file = FOLDER.resolve(name + ".png").toAbsolutePath();
    try {
      Files.createDirectories(FOLDER);
      return Files.write(file, Base64.getDecoder().decode(String.valueOf(data)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double number(@Nullable Object value) {
    return value instanceof Number number ? number.doubleValue() : 0;
  }

  @Override
  public void close() {
    driver.quit();
  }
}
