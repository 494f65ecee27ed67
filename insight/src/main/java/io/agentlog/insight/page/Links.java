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

  /**
   * Returns the path of an agent's page. A name that a path can't hold stands in its query:
   * browsers resolve dots, and {@code .json} at the end asks for JSON.
   *
   * @param base path before all pages
   */
  public static String agent(String base, String name) {
    String path = base + "/agents/";
    return name.equals(".") || name.equals("..") || name.endsWith(".json")
        ? of(path, Map.of("name", name))
        : path + segment(name);
  }

  /**
   * Returns path and query; parameters that are null or empty are left out.
   *
   * @param path it may have a query already
   */
  public static String of(String path, Map<String, ? extends @Nullable String> parameters) {
    StringBuilder link = new StringBuilder(path);
    parameters.forEach(
        (name, value) -> {
          if (value != null && !value.isEmpty()) {
            link.append(link.indexOf("?") < 0 ? '?' : '&')
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
          }
        });
    return link.toString();
  }
}
