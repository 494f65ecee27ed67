package io.agentlog.insight.live;

import io.agentlog.insight.page.LivePage;
import io.agentlog.insight.page.View;
import io.agentlog.insight.web.Request;
import io.agentlog.json.JsonWriter;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.threads.AgentThreads;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sends what runs to all who look. While somebody does, a thread reads the database and renders
 * each part of the page once for each filter; each viewer's own thread sends the parts that have
 * changed since it sent last. A part is whole, so a viewer that is slow or comes back misses
 * nothing that still matters, and nobody waits for it.
 *
 * <p>Thread-safe.
 */
public final class LiveHub implements AutoCloseable {
  /** Filters that are rendered at the same time; who asks for one more is refused. */
  static final int FILTERS_MAX = 20;

  static final String THREAD = "insight-live";

  private static final long IDLE_NANOS = 4_000_000_000L;
  private static final long RETRY_MILLIS = 2_000;

  /** A viewer that has gone is noticed at the second write after that. */
  private static final long HEARTBEAT_MILLIS = 2_000;

  private static final String PREAMBLE = "retry: 2000\n\n";
  private static final String TOO_MANY =
      "retry: 60000\nevent: stale\ndata: Too many different filters are live already. Reload the"
          + " page for new data.\n\n";
  private static final String HEARTBEAT = ": still here\n\n";
  private static final Map<String, String> TEMPLATES =
      Map.of(
          "alerts", "part/firing.jte",
          "figures", "part/figures.jte",
          "running", "part/running.jte",
          "ended", "part/ended.jte");

  private final LiveReader reader;
  private final Renderer renderer;
  private final Map<LiveView, Channel> channels = new HashMap<>();

  private @Nullable Thread thread;
  private int viewers;
  private long lastLeftNanos;
  private boolean closed;
  private @Nullable String stale;
  private @Nullable Instant readAt;
  private long staleNumber;

  /** Makes the markup of a page's part. */
  public interface Renderer {
    View view();

    String render(String template, Object page);
  }

  /** A filter's parts, and the read in which each has changed last. */
  private static final class Channel {
    final Map<String, String> parts = new LinkedHashMap<>();
    final Map<String, Long> changed = new HashMap<>();
    int viewers;
  }

  public LiveHub(LiveReader reader, Renderer renderer) {
    this.reader = reader;
    this.renderer = renderer;
  }

  /** Returns the whole page, for a browser without script and for the first look. */
  public LivePage page(View view, Request request) throws SinkUnavailableException {
    return filter(request).page(view, reader.read());
  }

  private static LiveView filter(Request request) {
    return new LiveView(request.parameter("agent"));
  }

  /** Returns the viewers at this moment. */
  public synchronized int viewerCount() {
    return viewers;
  }

  /**
   * Sends to one viewer until it has gone or the hub is closed.
   *
   * @throws IOException if the viewer has gone
   */
  public void stream(Request request, OutputStream out) throws IOException, InterruptedException {
    LiveView filter = filter(request);
    if (!enter(filter)) {
      send(out, TOO_MANY);
      return;
    }
    try {
      send(out, PREAMBLE);
      long sent = 0;
      long sentStale = 0;
      while (true) {
        String text;
        synchronized (this) {
          Channel channel = Objects.requireNonNull(channels.get(filter));
          read(); // An error may have ended the thread.
          if (!hasNews(channel, sent, sentStale)) {
            wait(HEARTBEAT_MILLIS);
          }
          if (closed) {
            return;
          }
          text = news(channel, sent, sentStale);
          sent = newest(channel);
          sentStale = staleNumber;
        }
        send(out, text.isEmpty() ? HEARTBEAT : text); // Outside the lock: a viewer may be slow.
      }
    } finally {
      leave(filter);
    }
  }

  private boolean hasNews(Channel channel, long sent, long sentStale) {
    return closed || newest(channel) > sent || staleNumber > sentStale;
  }

  private static long newest(Channel channel) {
    return channel.changed.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  private String news(Channel channel, long sent, long sentStale) {
    Map<String, String> parts = new LinkedHashMap<>();
    channel.parts.forEach(
        (name, html) -> {
          if (channel.changed.getOrDefault(name, 0L) > sent) {
            parts.put(name, html);
          }
        });
    String text =
        parts.isEmpty()
            ? ""
            : "id: %s\nevent: parts\ndata: %s\n\n"
                .formatted(newest(channel), JsonWriter.write(parts));
    return staleNumber > sentStale
        ? text + "event: stale\ndata: %s\n\n".formatted(stale == null ? "" : stale)
        : text;
  }

  private static void send(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private synchronized boolean enter(LiveView filter) {
    if (!channels.containsKey(filter) && channels.size() >= FILTERS_MAX) {
      return false;
    }
    channels.computeIfAbsent(filter, f -> new Channel()).viewers++;
    viewers++;
    read();
    return true;
  }

  /** Starts the thread that reads, if there is none. */
  private void read() {
    if (thread == null && !closed) {
      Thread made = AgentThreads.daemon(THREAD, this::run);
      thread = made;
      made.start();
    }
  }

  private synchronized void leave(LiveView filter) {
    viewers--;
    lastLeftNanos = System.nanoTime();
    Channel channel = Objects.requireNonNull(channels.get(filter));
    if (--channel.viewers == 0) {
      channels.remove(filter);
    }
  }

  private void run() {
    try {
      while (!isIdle()) {
        Thread.sleep(step());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // By close.
    } finally {
      forgetThread();
    }
  }

  /**
   * Reads once, and returns the rest in milliseconds. Not even a lack of memory ends the thread.
   */
  private long step() {
    try {
      publish(reader.read());
      return restMillis();
    } catch (SinkUnavailableException e) {
      publishStale(String.valueOf(e.getMessage()));
      return restMillis();
    } catch (Throwable t) {
      AgentLog.warn("live", "the live page could not be made: " + AgentLog.describe(t));
      publishStale("An error of the dashboard; its log has the cause");
      return RETRY_MILLIS;
    }
  }

  private synchronized void forgetThread() {
    if (thread == Thread.currentThread()) {
      thread = null; // Whoever looks starts another one.
    }
  }

  private long restMillis() {
    return Math.max(1, reader.restNanos() / 1_000_000);
  }

  /** Returns true, and forgets the thread, if nobody has looked for a while. */
  private synchronized boolean isIdle() {
    boolean isIdle = closed || (viewers == 0 && System.nanoTime() - lastLeftNanos > IDLE_NANOS);
    if (isIdle) {
      forgetThread();
    }
    return isIdle;
  }

  private void publish(LiveData data) {
    Map<LiveView, Map<String, String>> rendered = new HashMap<>();
    for (LiveView filter : filters()) {
      LivePage page = filter.page(renderer.view(), data);
      Map<String, String> parts = new LinkedHashMap<>();
      TEMPLATES.forEach((name, template) -> parts.put(name, renderer.render(template, page)));
      rendered.put(filter, parts);
    }
    synchronized (this) {
      rendered.forEach(
          (filter, parts) -> {
            Channel channel = channels.get(filter);
            if (channel != null) {
              parts.forEach((name, html) -> change(channel, name, html, data.number()));
            }
          });
      readAt = data.at();
      setStale(null);
      notifyAll();
    }
  }

  private static void change(Channel channel, String name, String html, long number) {
    if (!html.equals(channel.parts.put(name, html))) {
      channel.changed.put(name, number);
    }
  }

  private synchronized LiveView[] filters() {
    return channels.keySet().toArray(LiveView[]::new);
  }

  private synchronized void publishStale(String why) {
    Instant since = readAt;
    setStale(
        (since == null
                ? "Nothing could be read yet: "
                : "What you see is from %s: ".formatted(since.truncatedTo(ChronoUnit.SECONDS)))
            + oneLine(why)
            + ". Trying again.");
    notifyAll();
  }

  private void setStale(@Nullable String text) {
    if (!Objects.equals(stale, text)) {
      stale = text;
      staleNumber++;
    }
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ").replaceAll("\\.$", "");
  }

  /** Ends all streams. */
  @Override
  public synchronized void close() {
    closed = true;
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
    notifyAll();
  }
}
