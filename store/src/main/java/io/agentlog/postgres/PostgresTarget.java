package io.agentlog.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.SchemaMode;
import io.agentlog.config.UrlText;
import io.agentlog.sink.Fingerprint;
import java.net.URLEncoder;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The database, the driver's properties and the mode for the tables. Immutable, but for the
 * contents of the secrets' files. Its text has no secrets; the URL and the properties may.
 */
public final class PostgresTarget {
  /** The search path among the session's options, as in {@code -c search_path=agents}. */
  private static final Pattern SEARCH_PATH_OPTION =
      Pattern.compile("(?:-c\\s*|--)search[_-]path=((?:\\\\.|[^\\s\\\\])*)");

  private static final String DEFAULT_USER = "postgres";
  private static final String DEFAULT_PORT = "5432";
  private static final int PORT_MAX = 65_535;

  /**
   * Settings of the driver unless {@code postgres.client.*} or the URL says otherwise. The driver
   * has no default for most timeouts, so a connection with a silent peer would hang for days.
   */
  private static final Map<String, String> DRIVER_DEFAULTS =
      Map.of(
          "connectTimeout", "5", // All timeouts are in seconds.
          "loginTimeout", "10", // For all hosts and the log-in; also keeps DriverManager out.
          "socketTimeout", "30",
          "tcpKeepAlive", "true",
          "ApplicationName", "agentlog",
          // DETAIL quotes the row, prompt included.
          "logServerErrorDetail", "false");

  private static final List<String> DRIVER_SECRETS = List.of("password", "sslpassword");

  private final Config config;
  private final String url;
  private final Map<String, String> properties;
  private final String hosts;
  private final String database;
  private final String user;
  private final @Nullable String currentSchema;
  private final String searchPath;
  private final boolean hasPassword;
  private final boolean prepareThresholdSet;
  private final @Nullable String serverType;
  private final boolean urlGiven;
  private final @Nullable String problem;
  private final SchemaMode schemaMode;

  private PostgresTarget(Config config) {
    this.config = config;
    String givenUrl = config.find(Options.POSTGRES_URL);
    urlGiven = givenUrl != null;
    properties = new TreeMap<>(DRIVER_DEFAULTS);
    properties.putAll(config.family(Options.POSTGRES_CLIENT));
    String givenUser = config.find(Options.POSTGRES_USER);
    if (givenUser != null || !properties.containsKey("user")) {
      properties.put("user", givenUser != null ? givenUser : DEFAULT_USER);
    }
    String password = config.find(Options.POSTGRES_PASSWORD);
    if (password != null) {
      properties.put("password", password);
    }
    Map<String, String> effective = new TreeMap<>(properties);
    if (givenUrl != null) {
      PostgresUrl given = PostgresUrl.of(givenUrl);
      url = given.url();
      properties.putAll(given.login());
      effective.putAll(given.login());
      effective.putAll(given.parameters()); // The URL wins, as in the driver.
      user = effective.getOrDefault("user", DEFAULT_USER);
      String place = given.place();
      int slash = place.indexOf('/');
      hosts = withPorts(slash < 0 ? place : place.substring(0, slash), DEFAULT_PORT);
      String name = slash < 0 ? "" : PostgresUrl.decode(place.substring(slash + 1));
      database = name.isEmpty() ? user : name;
    } else {
      user = effective.getOrDefault("user", DEFAULT_USER);
      String host = config.find(Options.POSTGRES_HOST);
      String name = config.find(Options.POSTGRES_DATABASE);
      String port = String.valueOf(config.get(Options.POSTGRES_PORT));
      hosts = withPorts(host == null ? "" : host, port);
      database = name == null ? user : name;
      url = PostgresUrl.JDBC_PREFIX + "//" + hosts + "/" + encode(database);
    }
    problem = problem();
    currentSchema = effective.get("currentSchema");
    searchPath = searchPath(effective);
    hasPassword = !effective.getOrDefault("password", "").isEmpty();
    prepareThresholdSet = effective.containsKey("prepareThreshold");
    serverType = effective.get("targetServerType");
    schemaMode = schemaMode(config);
  }

  /** Reads the settings without I/O, and without loading the driver. Never throws for a value. */
  public static PostgresTarget of(Config config) {
    return new PostgresTarget(config);
  }

  /**
   * Returns the mode; {@code VALIDATE} unless an agentlog setting names the database, because
   * {@code POSTGRES_*} variables often belong to the application, which did not ask for tables in
   * its database.
   */
  private static SchemaMode schemaMode(Config config) {
    boolean asked =
        config.isExplicit(Options.POSTGRES_SCHEMA)
            || config.isExplicit(Options.POSTGRES_HOST)
            || config.isExplicit(Options.POSTGRES_URL);
    return asked ? config.get(Options.POSTGRES_SCHEMA) : SchemaMode.VALIDATE;
  }

  /** Returns the URL for the driver; may hold secrets. */
  String url() {
    return url;
  }

  /**
   * Returns a copy of the properties for the driver, with the secrets as they are now, because
   * their files may have been rotated.
   */
  Properties properties() {
    Properties copy = new Properties();
    copy.putAll(properties);
    Map<String, String> client = config.family(Options.POSTGRES_CLIENT);
    for (String secret : DRIVER_SECRETS) {
      copy.computeIfPresent(secret, (key, before) -> client.getOrDefault(secret, (String) before));
    }
    String password = config.find(Options.POSTGRES_PASSWORD);
    if (password != null) {
      copy.put("password", password);
    }
    return copy;
  }

  /** Returns one or more {@code HOST:PORT}, separated by commas, to be shown. */
  String hosts() {
    return UrlText.withoutSecrets(hosts);
  }

  String database() {
    return database;
  }

  String user() {
    return user;
  }

  boolean hasPassword() {
    return hasPassword;
  }

  /** True if the settings hold the driver's {@code prepareThreshold}. */
  boolean isPrepareThresholdSet() {
    return prepareThresholdSet;
  }

  /** Returns the type of server that the driver must choose among several; null for any. */
  @Nullable String serverType() {
    return serverType;
  }

  SchemaMode schemaMode() {
    return schemaMode;
  }

  /** Returns the schema of new tables according to the settings. */
  String schema() {
    return currentSchema == null ? "public" : currentSchema.split(",", 2)[0].strip();
  }

  /** Returns the full key of the setting that names the host. */
  String hostSetting() {
    return "agentlog." + (urlGiven ? Options.POSTGRES_URL : Options.POSTGRES_HOST).key();
  }

  /**
   * Returns the fingerprint, as {@link io.agentlog.sink.Sink#fingerprint()}: made from hosts and
   * ports in any order, database, and the search path if the settings have one. All unusable URLs
   * have the same fingerprint.
   */
  public String fingerprint() {
    return isUsable() ? fingerprint(hosts) : Fingerprint.of("postgres");
  }

  /** Returns whether a fingerprint is that of this database, as {@link io.agentlog.sink.Sink}. */
  boolean hasFingerprint(String other) {
    return fingerprint().equals(other)
        || (isUsable()
            && Fingerprint.namings(hosts).stream().map(this::fingerprint).anyMatch(other::equals));
  }

  private String fingerprint(String servers) {
    return Fingerprint.of("postgres", Fingerprint.servers(servers), database, searchPath);
  }

  /** False if the driver can't use the URL or the host; {@link #notUsable} says what to write. */
  boolean isUsable() {
    return problem == null;
  }

  /** Returns the message for a target that is not usable. */
  String notUsable() {
    return String.valueOf(problem);
  }

  private @Nullable String problem() {
    if (!url.startsWith(PostgresUrl.JDBC_PREFIX)) {
      return "agentlog.postgres.url is not usable: it must read jdbc:postgresql://HOST:PORT/DATABASE";
    }
    if (hosts.startsWith("/")) {
      return "%s is the folder of a Unix socket, which Java's driver can't use: write the server's host and port, such as localhost"
          .formatted(hostSetting());
    }
    for (String host : hosts.split(",", -1)) {
      if (!isPort(host.substring(host.lastIndexOf(':') + 1))) {
        return "%s has a port that is no number from 1 to 65535, in %s: write HOST:PORT, such as localhost:5432"
            .formatted(hostSetting(), hosts());
      }
    }
    return null;
  }

  /** The driver reads no other port, and says only that it can't read the URL. */
  private static boolean isPort(String text) {
    try {
      int port = Integer.parseInt(text);
      return port >= 1 && port <= PORT_MAX;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** Returns hosts, database and, if it is set, the schema. */
  @Override
  public String toString() {
    return hosts() + "/" + database + (currentSchema == null ? "" : " schema " + currentSchema);
  }

  /**
   * Returns the search path, empty if none is set. {@code currentSchema} wins: the driver sets it
   * after the options.
   */
  private static String searchPath(Map<String, String> parameters) {
    String path = parameters.get("currentSchema");
    if (path == null) {
      Matcher option = SEARCH_PATH_OPTION.matcher(parameters.getOrDefault("options", ""));
      while (option.find()) { // The last one counts.
        path = option.group(1).replace("\\", "");
      }
    }
    return path == null
        ? ""
        : Stream.of(path.split(",", -1)).map(String::strip).collect(Collectors.joining(","));
  }

  private static String withPorts(String hosts, String port) {
    StringBuilder text = new StringBuilder();
    for (String host : hosts.split(",", -1)) {
      String name = host.isBlank() ? "localhost" : bracketed(host.strip());
      boolean portGiven = name.lastIndexOf(':') > name.lastIndexOf(']');
      text.append(text.isEmpty() ? "" : ",").append(name).append(portGiven ? "" : ":" + port);
    }
    return text.toString();
  }

  /** An IPv6 address needs brackets in a URL. */
  private static String bracketed(String host) {
    boolean bare = host.indexOf(':') != host.lastIndexOf(':') && !host.startsWith("[");
    return bare ? "[" + host + "]" : host;
  }

  /** Encodes a text for the URL's path, where the driver decodes {@code +} and percent signs. */
  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
