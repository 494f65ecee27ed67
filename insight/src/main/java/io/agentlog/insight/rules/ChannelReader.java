package io.agentlog.insight.rules;

import io.agentlog.config.SecretFile;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads the section {@code channels}. No message has an address: it often is the secret. */
final class ChannelReader {
  static final List<String> KEYS = List.of("type", "url", "url-file", "secret-file");
  static final List<String> TYPES = List.of("webhook", "slack", "alertmanager");

  /** Most addresses of a channel. */
  static final int URLS_MAX = 10;

  private final Mistakes mistakes;
  private final Path folder;

  /**
   * @param folder where relative paths begin
   */
  ChannelReader(Mistakes mistakes, Path folder) {
    this.mistakes = mistakes;
    this.folder = folder;
  }

  Channel read(String name, Node node) {
    Entry entry = Entry.of(node, "channel '" + Mistakes.shown(name) + "'", KEYS, mistakes);
    if (name.isBlank() || name.length() > Entry.NAME_CHARS_MAX) {
      mistakes.add(
          node,
          "a channel's name must have 1 to %s characters"
              .formatted(Integer.toString(Entry.NAME_CHARS_MAX)));
    }
    if (!entry.has("type")) {
      entry.wrong("type", "'type' is missing; it is one of " + String.join(", ", TYPES));
    }
    Channel.Type type =
        Channel.Type.valueOf(entry.choice("type", TYPES, "alertmanager").toUpperCase(Locale.ROOT));
    List<URI> urls = urls(entry);
    if (type != Channel.Type.ALERTMANAGER && urls.size() > 1) {
      entry.wrong(
          entry.has("url") ? "url" : "url-file",
          "'url' may be several for alertmanager only; make a channel of each");
    }
    String secret = null;
    if (entry.has("secret-file")) {
      secret = file(entry, "secret-file");
      if (type != Channel.Type.WEBHOOK) {
        entry.wrong("secret-file", "'secret-file' is for webhook only: nothing else is signed");
      }
    }
    return new Channel(name, type, urls, secret);
  }

  private List<URI> urls(Entry entry) {
    if (entry.has("url") == entry.has("url-file")) {
      entry.wrong("url", "a channel needs either 'url' or 'url-file'");
      return List.of();
    }
    List<URI> urls = new ArrayList<>();
    if (entry.has("url-file")) {
      String text = file(entry, "url-file");
      if (text != null) {
        text.lines()
            .filter(line -> !line.isBlank())
            .forEach(line -> add(urls, entry, "url-file", line.strip()));
      }
    } else if (entry.values().get("url") instanceof SequenceNode) {
      List<String> texts = entry.names("url", "url: [http://am-1:9093, http://am-2:9093]");
      if (texts != null) {
        texts.forEach(text -> add(urls, entry, "url", text));
      }
      if (texts != null && texts.isEmpty()) {
        entry.wrong("url", "'url' is an empty list");
      }
    } else {
      String text = entry.text("url");
      if (text != null) {
        add(urls, entry, "url", text);
      }
    }
    if (urls.size() > URLS_MAX) {
      entry.wrong("url", "'url' may be %s at most".formatted(Integer.toString(URLS_MAX)));
    }
    return List.copyOf(urls);
  }

  private static void add(List<URI> urls, Entry entry, String key, String text) {
    URI url = url(entry, key, text);
    if (url != null) {
      urls.add(url);
    }
  }

  /** Returns an address of HTTP; null if it is none, which is reported without the address. */
  static @Nullable URI url(Entry entry, String key, String text) {
    String problem;
    try {
      URI url = new URI(text);
      String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
      if (!scheme.equals("http") && !scheme.equals("https")) {
        problem = "must begin with http:// or https://";
      } else if (url.getHost() == null) {
        problem = "has no host";
      } else if (url.getRawUserInfo() != null) {
        problem = "has a user before the host, which is not sent; use a token in the address";
      } else if (url.getPort() == 0 || url.getPort() > 65_535) {
        problem = "has a port that is not from 1 to 65535";
      } else {
        return url;
      }
    } catch (URISyntaxException e) { // Its message has the address.
      problem = "is not a URL: " + e.getReason();
    }
    entry.wrong(key, "the address of '%s' %s".formatted(key, problem));
    return null;
  }

  private @Nullable String file(Entry entry, String key) {
    String path = entry.text(key);
    if (path == null) {
      return null;
    }
    String problem;
    try {
      String text = SecretFile.read(folder.resolve(path));
      if (text != null && !text.isBlank()) {
        return text;
      }
      problem = "it is empty";
    } catch (IOException | RuntimeException e) { // A path may have characters that none can have.
      problem = e.getMessage();
    }
    entry.wrong(key, "%s %s can't be read: %s".formatted(key, Mistakes.shown(path), problem));
    return null;
  }
}
