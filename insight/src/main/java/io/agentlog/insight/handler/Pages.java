package io.agentlog.insight.handler;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.agentlog.insight.page.ErrorPage;
import io.agentlog.insight.page.InsightVersion;
import io.agentlog.insight.page.JsonValues;
import io.agentlog.insight.page.View;
import io.agentlog.insight.web.Answer;
import io.agentlog.insight.web.Assets;
import io.agentlog.insight.web.BadRequestException;
import io.agentlog.insight.web.Request;
import io.agentlog.insight.web.WebServer;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Renders pages, each for people and, at the same path with {@code .json}, for programs. */
public final class Pages {
  static final String JSON = ".json";

  private static final String ASSETS = "/io/agentlog/insight/assets/";
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";
  private static final String CSS = "text/css; charset=utf-8";
  private static final String SCRIPT = "text/javascript; charset=utf-8";

  private final TemplateEngine engine = TemplateEngine.createPrecompiled(ContentType.Html);
  private final Assets assets;
  private final String basePath;
  private final String database;
  private final boolean hasToken;
  private final IntSupplier firing;

  /**
   * @param basePath before all paths; empty for none
   * @param database its address, without secrets
   * @param hasToken whether a log-in by token is possible
   * @param firing tells how many alerts fire; asked for each page, so it has to be quick
   */
  public Pages(String basePath, String database, boolean hasToken, IntSupplier firing) {
    this.basePath = basePath;
    this.database = database;
    this.hasToken = hasToken;
    this.firing = firing;
    Map<String, String> files = new LinkedHashMap<>();
    files.put(ASSETS + "insight.css", CSS);
    files.put(ASSETS + "insight.js", SCRIPT);
    files.put(ASSETS + "charts.js", SCRIPT);
    files.put(UPLOT + "uPlot.min.css", CSS);
    files.put(UPLOT + "uPlot.iife.min.js", SCRIPT);
    this.assets = new Assets(files);
  }

  /** Makes the data of a page. Called by several threads at once. */
  @FunctionalInterface
  public interface Source {
    /**
     * Makes the data for a request.
     *
     * @return a record whose first component is the {@link View}, or a {@link Lead}
     * @throws BadRequestException if the client has to change something
     * @throws SinkUnavailableException if the database can't be read
     */
    Record make(Request request) throws BadRequestException, SinkUnavailableException;
  }

  /**
   * Sends the browser to another page.
   *
   * @param path below the base path, with its query
   */
  public record Lead(String path) {}

  public Assets assets() {
    return assets;
  }

  /** Returns the path of a file of the page, without the base path. */
  public String asset(String name) {
    return assets.path(name);
  }

  /**
   * Adds a page and its JSON to the server.
   *
   * @param path such as {@code /agents}; one that ends with {@code /} takes all below it
   * @param template such as {@code agents.jte}
   */
  public void add(WebServer server, String path, String template, Source source) {
    server.add(path, request -> page(request, template, source));
    if (path.equals("/") || !path.endsWith("/")) { // What is below a path has its JSON there too.
      String json = path.equals("/") ? "/live" + JSON : path + JSON;
      server.add(json, request -> page(request, template, source));
    }
  }

  private Answer page(Request request, String template, Source source) throws BadRequestException {
    try {
      Record page = source.make(request);
      if (page instanceof Lead lead) {
        return Answer.redirect(basePath + lead.path());
      }
      return isJson(request) ? Answer.json(200, JsonValues.of(page)) : html(200, template, page);
    } catch (SinkUnavailableException e) {
      throw new BadRequestException(503, "The database can't be read: " + e.getMessage());
    }
  }

  /** Renders a template with its one parameter, {@code page}. */
  Answer html(int status, String template, Object page) {
    return Answer.html(status, render(template, page));
  }

  /** Returns the markup that a template makes of {@code page}. */
  public String render(String template, Object page) {
    StringOutput output = new StringOutput(16 * 1024);
    engine.render(template, Map.of("page", page), output);
    return output.toString();
  }

  /** Returns what frames a page. */
  public View view(Request request, String title, String section, @Nullable String about) {
    return view(request, title, section, about, firing.getAsInt());
  }

  private View view(
      Request request, String title, String section, @Nullable String about, int alerts) {
    String search = request.parameter("q");
    return new View(
        basePath,
        title,
        section,
        assets.path("insight.css"),
        assets.path("insight.js"),
        about,
        database,
        InsightVersion.text(),
        Instant.now(),
        search == null ? "" : search,
        alerts);
  }

  /** Renders what went wrong. */
  public Answer error(int status, Request request, String message) {
    if (isJson(request)) {
      return Answer.json(status, Map.of("status", status, "problem", message));
    }
    String title =
        switch (status) {
          case 401 -> "Log in";
          case 403 -> "Not allowed";
          case 404 -> "Not found";
          case 429 -> "Too many attempts";
          case 500 -> "An error of the dashboard";
          case 503 -> "No answer at the moment";
          default -> "This can't be answered";
        };
    boolean logsIn = hasToken && status == 401;
    return html(
        status,
        "error.jte",
        new ErrorPage(view(request, title, "", null, 0), status, message, logsIn));
  }

  /** Returns whether the client asks for JSON. */
  public static boolean isJson(Request request) {
    return request.path().endsWith(JSON);
  }

  /** Returns what follows {@code prefix} in the path, without {@code .json}. */
  public static String below(Request request, String prefix) {
    String rest = request.path().substring(prefix.length());
    return isJson(request) ? rest.substring(0, rest.length() - JSON.length()) : rest;
  }
}
