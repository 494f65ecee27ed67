package io.agentlog.insight.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Serves pages and streams over HTTP. Checks the host, the method and the right of access before
 * any handler sees a request, and sends the same headers with each answer.
 *
 * <p>Handlers are added before {@link #start}; after that the server is thread-safe.
 */
public final class WebServer implements AutoCloseable {
  /** Pages that are made at the same time; more requests wait. */
  static final int PAGES_MAX = 16;

  /** Streams at the same time; further clients get 503. */
  static final int STREAMS_MAX = 200;

  /** A request that has not arrived by then is dropped, in seconds. */
  private static final int REQUEST_SECONDS_MAX = 10;

  private static final int FORM_BYTES_MAX = 8_192;

  private final HttpServer server;
  private final PageThreads pageThreads;
  private final Semaphore pages = new Semaphore(PAGES_MAX);
  private final String cookie;
  private final ThreadFactory streamThreads;
  private final Semaphore streams = new Semaphore(STREAMS_MAX);
  private final AtomicInteger threadNumber = new AtomicInteger();
  private final String basePath;
  private final Access access;
  private final boolean isHttps;
  private final boolean behindProxy;
  private final Assets assets;
  private final ErrorPages errors;
  private final Map<String, Handler> open = new HashMap<>();
  private final TreeMap<String, Handler> handlers = new TreeMap<>();
  private final Map<String, StreamHandler> streamHandlers = new HashMap<>();

  static {
    // Read once, when the JDK's server loads: without it answers on kept connections wait 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty(
        "sun.net.httpserver.maxReqTime",
        System.getProperty("sun.net.httpserver.maxReqTime", String.valueOf(REQUEST_SECONDS_MAX)));
  }

  /**
   * Binds the address; answers nothing before {@link #start}.
   *
   * @param basePath of all paths, such as {@code /insight}; empty for none
   * @param tls for HTTPS; null for HTTP
   * @param behindProxy whether a proxy's headers are believed: they name the client and its scheme
   * @throws IOException if the address is in use or can't be bound
   */
  public WebServer(
      InetSocketAddress address,
      String basePath,
      Access access,
      @Nullable SSLContext tls,
      boolean behindProxy,
      Assets assets,
      ErrorPages errors)
      throws IOException {
    if (tls == null) {
      this.server = HttpServer.create(address, 0);
    } else {
      HttpsServer secure = HttpsServer.create(address, 0);
      secure.setHttpsConfigurator(new HttpsConfigurator(tls));
      this.server = secure;
    }
    this.isHttps = tls != null;
    this.basePath = basePath;
    this.access = access;
    this.behindProxy = behindProxy;
    this.assets = assets;
    this.errors = errors;
    this.cookie = Access.COOKIE + "_" + server.getAddress().getPort();
    this.pageThreads = new PageThreads(task -> newThread("page", task));
    this.streamThreads = task -> newThread("stream", task);
  }

  private Thread newThread(String kind, Runnable task) {
    Thread thread = new Thread(task, "insight-" + kind + "-" + threadNumber.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }

  /** Adds a page; a path that ends with {@code /} takes all below it. */
  public void add(String path, Handler handler) {
    handlers.put(path, handler);
  }

  /** Adds a page without data that everybody may read. */
  public void addOpen(String path, Handler handler) {
    open.put(path, handler);
  }

  /** Adds a stream of events. */
  public void addStream(String path, StreamHandler handler) {
    streamHandlers.put(path, handler);
  }

  /** Begins to answer. */
  public void start() {
    server.createContext("/", this::handle);
    server.setExecutor(pageThreads);
    server.start();
    pageThreads.start();
  }

  /** Returns the bound address, whose port was chosen by the system if 0 was asked for. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /** Stops at once; streams are cut. */
  @Override
  public void close() {
    server.stop(0);
    pageThreads.close();
  }

  private void handle(HttpExchange exchange) {
    boolean isStream = false;
    pageThreads.begin();
    try {
      isStream = answer(exchange);
    } catch (IOException e) {
      // The client has gone.
    } catch (RuntimeException | Error e) {
      AgentLog.warn("http", "a request could not be answered: " + AgentLog.describe(e));
    } finally {
      if (!isStream) {
        exchange.close();
      }
      pageThreads.end();
    }
  }

  /** Returns true if the exchange goes on as a stream. */
  private boolean answer(HttpExchange exchange) throws IOException {
    long begin = System.nanoTime();
    Request request;
    try {
      request = read(exchange);
    } catch (IllegalArgumentException e) {
      Sending.send(
          exchange, Answer.text(400, "The address can't be read: " + e.getMessage()), begin);
      return false;
    }
    StreamHandler stream = streamHandlers.get(request.path());
    Answer refusal = refusal(exchange, request);
    if (stream != null && refusal == null) {
      return stream(exchange, request, stream);
    }
    Answer answer = refusal;
    if (answer == null) {
      answer = request.path().equals("/login") ? logIn(exchange, request) : page(request);
    }
    Sending.send(exchange, answer, begin);
    return false;
  }

  private Request read(HttpExchange exchange) {
    URI uri = exchange.getRequestURI();
    Map<String, String> headers = new LinkedHashMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
    headers.computeIfPresent(
        "x-forwarded-for", // A proxy may have added a line of its own; the last address counts.
        (name, first) -> String.join(",", exchange.getRequestHeaders().get(name)));
    String path = uri.getPath() == null ? "/" : uri.getPath();
    String below =
        path.equals(basePath)
            ? "/"
            : path.startsWith(basePath + "/") ? path.substring(basePath.length()) : "";
    return new Request(
        exchange.getRequestMethod(),
        below,
        Request.parseQuery(uri.getRawQuery()),
        headers,
        Request.parseCookies(headers.get("cookie")),
        client(exchange, headers));
  }

  /** Returns the client's address: the last that the proxy has added, if there is a proxy. */
  private String client(HttpExchange exchange, Map<String, String> headers) {
    String forwarded = behindProxy ? headers.get("x-forwarded-for") : null;
    return forwarded == null
        ? exchange.getRemoteAddress().getAddress().getHostAddress()
        : forwarded.substring(forwarded.lastIndexOf(',') + 1).strip();
  }

  private boolean isSecure(Request request) {
    return isHttps || (behindProxy && "https".equals(request.header("x-forwarded-proto")));
  }

  /** Returns the answer to a request that no handler may see; null if it may be handled. */
  private @Nullable Answer refusal(HttpExchange exchange, Request request) {
    if (!access.isKnownHost(request.header("host"))) {
      return Answer.text(
          403,
          "This server does not answer to the host name of the request."
              + " Start it with --allowed-hosts and that name.");
    }
    if (exchange.getRequestURI().toString().length() > Request.TARGET_LENGTH_MAX) {
      return errors.page(414, request, "The address is too long.");
    }
    boolean isLogIn = request.path().equals("/login");
    String allowed =
        isLogIn // A preview of a link asks by HEAD, which would use it up.
            ? "GET, POST"
            : streamHandlers.containsKey(request.path()) ? "GET" : "GET, HEAD";
    if (!List.of(allowed.split(", ", -1)).contains(request.method())) {
      return errors.page(405, request, "Pages are only read.").with("Allow", allowed);
    }
    if (Access.isCrossSite(request)) {
      return errors.page(403, request, "Another site's page asked for this.");
    }
    if (isLogIn || request.path().startsWith(Assets.PREFIX) || open.containsKey(request.path())) {
      return null;
    }
    return switch (access.check(request, cookie)) {
      case ACCEPTED -> null;
      case WRONG -> errors.page(401, request, howToLogIn());
      case TOO_MANY -> tooMany(request);
    };
  }

  private String howToLogIn() {
    return access.hasToken()
        ? "Log in with the token, or open the link that the server printed."
        : "Open the link that the server printed when it started; each link is good for one use"
            + " within five minutes. A used link is followed by a new one in the server's output.";
  }

  private Answer tooMany(Request request) {
    return errors
        .page(429, request, "Too many wrong tokens from this address. Wait a minute.")
        .with("Retry-After", "60");
  }

  private Answer logIn(HttpExchange exchange, Request request) throws IOException {
    String code = request.parameter("code");
    Access.LogIn outcome;
    if (request.method().equals("POST")) {
      byte[] form = exchange.getRequestBody().readNBytes(FORM_BYTES_MAX);
      Map<String, String> fields;
      try {
        fields = Request.parseQuery(new String(form, StandardCharsets.UTF_8));
      } catch (IllegalArgumentException e) {
        return errors.page(400, request, "The form can't be read: " + e.getMessage());
      }
      outcome = access.useToken(fields.getOrDefault("token", ""), request.address());
    } else if (code != null) {
      outcome = access.useLink(code, request.address());
    } else {
      return errors.page(401, request, howToLogIn());
    }
    return switch (outcome) {
      case ACCEPTED ->
          Answer.redirect(basePath + "/")
              .with(
                  "Set-Cookie",
                  "%s=%s; Path=%s/; Max-Age=%s; HttpOnly; SameSite=Lax%s"
                      .formatted(
                          cookie,
                          access.newSession(),
                          basePath,
                          Access.SESSION_AGE_MAX.toSeconds(),
                          isSecure(request) ? "; Secure" : ""));
      case WRONG ->
          errors.page(
              401,
              request,
              (code == null ? "The token is wrong. " : "The link was used before, or is too old. ")
                  + howToLogIn());
      case TOO_MANY -> tooMany(request);
    };
  }

  private Answer page(Request request) {
    Answer asset = assets.find(request.path());
    if (asset != null) {
      return asset;
    }
    Handler handler = find(request.path());
    if (handler == null) {
      return errors.page(404, request, "There is no such page.");
    }
    pages.acquireUninterruptibly();
    try {
      return handler.answer(request);
    } catch (BadRequestException e) {
      return errors.page(e.status(), request, String.valueOf(e.getMessage()));
    } catch (Exception e) {
      AgentLog.warn("http", request.path() + " could not be shown: " + Causes.describe(e));
      return errors.page(500, request, "The page could not be made. The server's log says why.");
    } finally {
      pages.release();
    }
  }

  private @Nullable Handler find(String path) {
    Handler exact = open.getOrDefault(path, handlers.get(path));
    if (exact != null) {
      return exact;
    }
    Map.Entry<String, Handler> below = handlers.floorEntry(path);
    return below != null
            && below.getKey().length() > 1 // All paths are below the first page.
            && below.getKey().endsWith("/")
            && path.startsWith(below.getKey())
        ? below.getValue()
        : null;
  }

  private boolean stream(HttpExchange exchange, Request request, StreamHandler handler)
      throws IOException {
    if (!streams.tryAcquire()) {
      Sending.send(
          exchange,
          errors.page(503, request, "Too many pages are live already."),
          System.nanoTime());
      return false;
    }
    Headers.add(exchange.getResponseHeaders());
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
    exchange.getResponseHeaders().set("X-Accel-Buffering", "no");
    streamThreads
        .newThread(
            () -> {
              try (exchange) {
                exchange.sendResponseHeaders(200, 0);
                handler.stream(request, exchange.getResponseBody());
              } catch (IOException e) {
                // The client has gone.
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } finally {
                streams.release();
              }
            })
        .start();
    return true;
  }
}
