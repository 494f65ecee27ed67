package io.agentlog.insight.web;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request that was let in. Immutable.
 *
 * @param path below the base path, decoded, with a leading {@code /}
 * @param query parameters by name; the first of several, empty ones left out
 * @param cookies by name
 * @param address of the client, as text
 */
public record Request(
    String method,
    String path,
    Map<String, String> query,
    Map<String, String> headers,
    Map<String, String> cookies,
    String address) {
  /** Longest path and query together, in characters. */
  public static final int TARGET_LENGTH_MAX = 8_192;

  private static final int PARAMETERS_MAX = 64;

  public Request {
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
    cookies = Map.copyOf(cookies);
  }

  /** Returns a parameter of the query; null if it is missing or empty. */
  public @Nullable String parameter(String name) {
    return query.get(name);
  }

  /**
   * Returns a header; null if it is missing.
   *
   * @param name in lower case
   */
  public @Nullable String header(String name) {
    return headers.get(name);
  }

  /**
   * Parses a raw query or form.
   *
   * @throws IllegalArgumentException if an escape is broken or there are too many parameters
   */
  static Map<String, String> parseQuery(@Nullable String raw) {
    Map<String, String> parsed = new LinkedHashMap<>();
    if (raw == null || raw.isEmpty()) {
      return parsed;
    }
    for (String pair : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      if (!value.isBlank()) {
        parsed.putIfAbsent(name, value.strip());
      }
      if (parsed.size() > PARAMETERS_MAX) {
        throw new IllegalArgumentException("more than " + PARAMETERS_MAX + " parameters");
      }
    }
    return parsed;
  }

  static Map<String, String> parseCookies(@Nullable String header) {
    Map<String, String> parsed = new LinkedHashMap<>();
    if (header == null) {
      return parsed;
    }
    for (String pair : header.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        parsed.putIfAbsent(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip());
      }
    }
    return parsed;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
