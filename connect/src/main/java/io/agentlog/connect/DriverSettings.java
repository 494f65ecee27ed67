package io.agentlog.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Holds the driver's settings against a list of those that are allowed. Whoever may make connectors
 * over the worker's REST names a URL, and some settings of the driver load classes by name or write
 * files in the worker. Stateless.
 */
final class DriverSettings {
  /** Settings that choose a server, its certificates, time limits and the schema. */
  static final Set<String> ALLOWED =
      Set.of(
          "ApplicationName",
          "cancelSignalTimeout",
          "connectTimeout",
          "currentSchema",
          "hostRecheckSeconds",
          "loadBalanceHosts",
          "loginTimeout",
          "options",
          "prepareThreshold",
          "socketTimeout",
          "ssl",
          "sslcert",
          "sslkey",
          "sslmode",
          "sslpassword",
          "sslrootcert",
          "targetServerType",
          "tcpKeepAlive");

  private static final Set<String> SECRETS = Set.of("password", "sslpassword");

  /** The driver passes options to the server's session, where others could do more than this. */
  private static final Pattern SEARCH_PATH =
      Pattern.compile("\\s*(?:-c\\s*|--)search[_-]path=(?:\\\\.|[^\\s\\\\])*\\s*");

  private DriverSettings() {}

  /** Returns what is wrong with a URL, for the user; null if nothing is. */
  static @Nullable String problemOfUrl(String url) {
    if (!url.startsWith("jdbc:postgresql:") && !url.matches("postgres(ql)?://.*")) {
      return "it must read jdbc:postgresql://HOST:PORT/DATABASE";
    }
    int question = url.indexOf('?');
    String place = question < 0 ? url : url.substring(0, question);
    if (place.indexOf('@') >= 0) {
      return "it holds a user before the hosts, where a password may stand: write the two in %s and %s"
          .formatted(ConnectorConfig.USER, ConnectorConfig.PASSWORD);
    }
    if (question < 0) {
      return null;
    }
    for (String parameter : url.substring(question + 1).split("&", -1)) {
      int equals = parameter.indexOf('=');
      String name = equals < 0 ? parameter : parameter.substring(0, equals);
      if (SECRETS.contains(name)) {
        return "it holds a secret, and whoever may read the connector sees it: write it in %s"
            .formatted(
                name.equals("password")
                    ? ConnectorConfig.PASSWORD
                    : ConnectorConfig.DRIVER_PREFIX + name);
      }
      String problem = problemOf(name, decoded(equals < 0 ? "" : parameter.substring(equals + 1)));
      if (!name.isEmpty() && problem != null) {
        return problem;
      }
    }
    return null;
  }

  /**
   * Returns what is wrong with one setting of the driver, for the user; null if nothing is.
   *
   * @param value as the driver uses it
   */
  static @Nullable String problemOf(String name, String value) {
    if (!ALLOWED.contains(name)) {
      return "the driver's setting %s is not allowed here; those that are: %s"
          .formatted(shown(name), String.join(", ", sorted()));
    }
    if (name.equals("options") && !isSearchPath(value)) {
      return "options may hold a search path alone, -c search_path=NAME";
    }
    return null;
  }

  /** Holds as it is, and as a driver would decode it that takes it for a part of a URL. */
  private static boolean isSearchPath(String options) {
    return SEARCH_PATH.matcher(options).matches()
        && SEARCH_PATH.matcher(decoded(options)).matches();
  }

  /** Decodes a parameter as the driver does: an encoded blank would begin another option. */
  private static String decoded(String parameter) {
    try {
      return URLDecoder.decode(parameter, UTF_8);
    } catch (IllegalArgumentException e) {
      return parameter; // The driver refuses the URL.
    }
  }

  /** A name that a user wrote, short enough for a message and without control characters. */
  private static String shown(String name) {
    String shorter = name.length() > 40 ? name.substring(0, 40) + "..." : name;
    return shorter.replaceAll("[^A-Za-z0-9_.-]", "?");
  }

  private static List<String> sorted() {
    List<String> names = new ArrayList<>(ALLOWED);
    names.sort(String.CASE_INSENSITIVE_ORDER);
    return names;
  }
}
