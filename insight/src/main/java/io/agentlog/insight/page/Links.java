package io.agentlog.insight.page;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Addresses of pages, whatever characters are in names. */
public final class Links {
  private Links() {}

  /** Returns a text as one part of a path. */
  public static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Returns path and query; parameters that are null or empty are left out. */
  public static String of(String path, Map<String, ? extends @Nullable String> parameters) {
    StringBuilder link = new StringBuilder(path);
    parameters.forEach(
        (name, value) -> {
          if (value != null && !value.isEmpty()) {
            link.append(link.length() == path.length() ? '?' : '&')
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
          }
        });
    return link.toString();
  }
}
