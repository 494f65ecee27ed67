package io.agentlog.insight.browser;

import io.agentlog.backends.Postgres;
import io.agentlog.insight.Dashboard;
import io.agentlog.insight.DashboardSettings;
import io.agentlog.insight.Dashboards;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** A dashboard over a database, on a free port of this machine, shown to browsers. */
final class ShownDashboard implements AutoCloseable {
  /** By which programs read. */
  static final String TOKEN = "a token of the browser tests";

  private final AtomicReference<String> link = new AtomicReference<>("");
  private final Dashboard dashboard;

  /**
   * Starts one.
   *
   * @param texts whether prompts, reasonings and error messages are shown
   */
  ShownDashboard(Postgres database, boolean texts) throws IOException {
    dashboard =
        new Dashboard(
            Dashboards.config(database),
            new DashboardSettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                "",
                TOKEN,
                Set.of(),
                null,
                false,
                texts,
                true,
                null,
                null,
                link::set));
  }

  /** The address of a page, on the host of the link, for which the log-in's cookie is good. */
  String url(String path) {
    String known = link.get();
    return known.substring(0, known.indexOf("/login?")) + path;
  }

  /** Logs a browser in by a link that is good for one use. */
  void logIn(Browser browser) {
    browser.go(link.get());
    if (browser.driver().getCurrentUrl().contains("/login")) {
      browser.go(link.get()); // The first was too old, and the server made another.
    }
  }

  @Override
  public void close() {
    dashboard.close();
  }
}
