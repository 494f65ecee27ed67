package io.agentlog.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URL of a database as people write it: in JDBC's form, or in the form of libpq, and with or
 * without {@code USER:PASSWORD@} before the hosts. Immutable.
 *
 * @param url for the driver, in JDBC's form, without {@code USER:PASSWORD@}; may hold secrets
 * @param login {@code user} and {@code password} that stood before the hosts
 * @param parameters behind the question mark
 */
record PostgresUrl(String url, Map<String, String> login, Map<String, String> parameters) {
  static final String JDBC_PREFIX = "jdbc:postgresql:";

  private static final Pattern LIBPQ = Pattern.compile("^postgres(?:ql)?://");
  private static final Pattern LOGIN =
      Pattern.compile("^" + JDBC_PREFIX + "//([^/?]*)@(?=[^/?@]*(?:[/?]|$))");

  PostgresUrl {
    login = Map.copyOf(login);
    parameters = Map.copyOf(parameters);
  }

  static PostgresUrl of(String text) {
    String url = LIBPQ.matcher(text.strip()).replaceFirst(JDBC_PREFIX + "//");
    Map<String, String> login = new TreeMap<>();
    Matcher given = LOGIN.matcher(url);
    if (given.find()) {
      String[] parts = given.group(1).split(":", 2);
      if (!parts[0].isEmpty()) {
        login.put("user", decodeLogin(parts[0]));
      }
      if (parts.length > 1) {
        login.put("password", decodeLogin(parts[1]));
      }
      url = JDBC_PREFIX + "//" + url.substring(given.end());
    }
    return new PostgresUrl(url, login, parametersOf(url));
  }

  /** Returns the part between prefix and parameters, without leading slashes and log-in. */
  String place() {
    String rest = url.startsWith(JDBC_PREFIX) ? url.substring(JDBC_PREFIX.length()) : "";
    int question = rest.indexOf('?');
    rest = question < 0 ? rest : rest.substring(0, question);
    if (!rest.startsWith("//")) {
      return "/" + (rest.startsWith("/") ? rest.substring(1) : rest);
    }
    rest = rest.substring(2);
    // A password with a slash in it is not understood, and must not reach a log.
    return rest.substring(rest.lastIndexOf('@') + 1);
  }

  /** Decodes percent signs and {@code +}, as the driver does. */
  static String decode(String text) {
    try {
      return URLDecoder.decode(text, UTF_8);
    } catch (IllegalArgumentException e) {
      return text; // The driver will report it.
    }
  }

  private static String decodeLogin(String text) {
    return decode(text.replace("+", "%2B"));
  }

  private static Map<String, String> parametersOf(String url) {
    Map<String, String> parameters = new TreeMap<>();
    int question = url.indexOf('?');
    if (question >= 0) {
      for (String parameter : url.substring(question + 1).split("&", -1)) {
        int equals = parameter.indexOf('=');
        if (equals > 0) {
          parameters.put(parameter.substring(0, equals), decode(parameter.substring(equals + 1)));
        }
      }
    }
    return parameters;
  }
}
