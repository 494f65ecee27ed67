package io.agentlog.insight.command;

import static java.util.Objects.requireNonNull;

import io.agentlog.commandline.CommandSettings;
import io.agentlog.config.LoadedConfig;
import io.agentlog.insight.Dashboard;
import io.agentlog.insight.DashboardSettings;
import io.agentlog.insight.rules.RulesWatch;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code dashboard}: serves the pages until the process ends. */
@Command(
    name = "dashboard",
    description = {
      "Serves pages over the tables. Prints a link that logs one browser in; it is good for one use within five minutes.",
      "Pages read with the rights of the settings' user, in sessions that can't write. The trends need rights on the dashboard's own tables; migrate prints them.",
      "Exit status: 1 the address can't be bound, 2 wrong arguments."
    })
final class DashboardCommand implements Callable<Integer> {
  private static final int TOKEN_LENGTH_MIN = 16;
  private static final Pattern BASE_PATH = Pattern.compile("(/[A-Za-z0-9._~-]+)+");

  private static final Pattern PUBLIC_URL =
      Pattern.compile("https?://[A-Za-z0-9.:\\[\\]-]+(/[A-Za-z0-9._~-]+)*/?");

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "4090",
      description = "Port of the server; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description =
          "Address of this machine to listen at. Any but a loopback address needs --token-file, and --tls-keystore or --behind-proxy. Default: ${DEFAULT-VALUE}.")
  private String address = "127.0.0.1";

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "File with a token of at least 16 characters, by which browsers log in and programs read (Authorization: Bearer TOKEN).")
  private @Nullable Path tokenFile;

  @Option(
      names = "--allowed-hosts",
      paramLabel = "NAME",
      split = ",",
      description =
          "Host names by which browsers reach the server, beside localhost and addresses.")
  private List<String> allowedHosts = List.of();

  @Option(
      names = "--base-path",
      paramLabel = "PATH",
      description = "Path below which a proxy shows the pages, such as /insight.")
  private String basePath = "";

  @Option(
      names = "--behind-proxy",
      description =
          "A proxy that adds TLS is in front. Its X-Forwarded-For and X-Forwarded-Proto are believed.")
  private boolean behindProxy;

  @Option(
      names = "--tls-keystore",
      paramLabel = "FILE",
      description = "PKCS #12 file with the server's key and certificate, for HTTPS.")
  private @Nullable Path keystore;

  @Option(
      names = "--tls-password-file",
      paramLabel = "FILE",
      description = "File with the password of the key store.")
  private @Nullable Path keystorePassword;

  @Option(
      names = "--texts",
      description =
          "Shows prompts, reasonings and error messages. Without it no page, answer or log has them.")
  private boolean texts;

  @Option(
      names = "--no-rollup",
      description =
          "Leaves the tables of the trends to another dashboard, for a user who may only read.")
  private boolean noRollup;

  @Option(
      names = "--rules",
      paramLabel = "FILE",
      description =
          "Rules file: raises its alerts and tells its channels. It is read again when it changes. Give all dashboards of a database the same.")
  private @Nullable Path rulesFile;

  @Option(
      names = "--public-url",
      paramLabel = "URL",
      description =
          "Address by which people reach the dashboard, for the links in messages, such as https://insight.internal. Default: the one that it listens at.")
  private @Nullable String publicUrl;

  @Mixin private CommandSettings settings = new CommandSettings();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    DashboardSettings checked = check();
    LoadedConfig config = settings.loadWithDatabase(Map.of());
    try (Dashboard dashboard = new Dashboard(config, checked)) {
      System.out.println("reads " + AgentLog.escape(dashboard.place()));
      Runtime.getRuntime().addShutdownHook(new Thread(dashboard::close, "insight-shutdown"));
      new CountDownLatch(1).await(); // Until a signal ends the process.
      return ExitCode.OK;
    } catch (IOException e) {
      AgentLog.warn(
          "dashboard",
          "%s, port %s can't be listened at: %s. Give another --address or --port"
              .formatted(address, Integer.toString(port), AgentLog.describe(e)));
      return ExitCode.SOFTWARE;
    }
  }

  private DashboardSettings check() {
    InetSocketAddress bind = bindAddress();
    String token = token();
    boolean isPrivate = bind.getAddress().isLoopbackAddress();
    if (!isPrivate && (token == null || (keystore == null && !behindProxy))) {
      throw wrong(
          "--address %s can be reached from other machines: give --token-file, and --tls-keystore or (behind a proxy that adds TLS) --behind-proxy"
              .formatted(address));
    }
    String path = basePath.endsWith("/") ? basePath.substring(0, basePath.length() - 1) : basePath;
    if (!path.isEmpty() && !BASE_PATH.matcher(path).matches()) {
      throw wrong(
          "--base-path %s is no path such as /insight (letters, digits, . _ ~ - between slashes)"
              .formatted(basePath));
    }
    if (List.of(path.split("/", -1)).stream().anyMatch(part -> part.matches("\\.{1,2}"))) {
      throw wrong("--base-path %s has a part . or .., which browsers resolve".formatted(basePath));
    }
    if (keystorePassword != null && keystore == null) {
      throw wrong("--tls-password-file is given without --tls-keystore");
    }
    for (String name : allowedHosts) {
      if (name.contains(":") || name.contains("/")) {
        throw wrong(
            "--allowed-hosts %s is no host name: give it without scheme, port and path"
                .formatted(name));
      }
    }
    Set<String> hosts =
        allowedHosts.stream()
            .map(name -> name.strip().toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());
    return new DashboardSettings(
        bind,
        path,
        token,
        hosts,
        keystore == null ? null : KeyStores.open(keystore, password(), this::wrong),
        behindProxy,
        texts,
        !noRollup,
        rules(),
        publicUrl(),
        link -> System.out.println("open " + link));
  }

  private @Nullable RulesWatch rules() {
    if (rulesFile == null) {
      return null;
    }
    RulesWatch watch = new RulesWatch(rulesFile);
    watch.look();
    if (!watch.problems().isEmpty()) {
      throw wrong("--rules " + rulesFile + ":\n" + String.join("\n", watch.problems()));
    }
    return watch;
  }

  private @Nullable String publicUrl() {
    String text = publicUrl == null ? "" : publicUrl.strip();
    if (text.isEmpty()) {
      return null;
    }
    if (!PUBLIC_URL.matcher(text).matches()) {
      throw wrong(
          "--public-url %s is no address of a server: give it as https://insight.internal/path"
              .formatted(text));
    }
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }

  private InetSocketAddress bindAddress() {
    if (port < 0 || port > 65_535) {
      throw wrong("--port %s is no port: 0 to 65535".formatted(Integer.toString(port)));
    }
    try {
      return new InetSocketAddress(InetAddress.getByName(address), port);
    } catch (UnknownHostException e) {
      throw wrong("--address %s is no address of this machine".formatted(address));
    }
  }

  private @Nullable String token() {
    if (tokenFile == null) {
      return null;
    }
    String token = read(tokenFile, "--token-file").strip();
    if (token.length() < TOKEN_LENGTH_MIN) {
      throw wrong(
          "--token-file %s has a token of %s characters; at least %s are needed. Make one with: openssl rand -hex 32"
              .formatted(
                  tokenFile, Integer.toString(token.length()), Integer.toString(TOKEN_LENGTH_MIN)));
    }
    return token;
  }

  private char[] password() {
    return keystorePassword == null
        ? new char[0]
        : read(keystorePassword, "--tls-password-file").strip().toCharArray();
  }

  private String read(Path file, String option) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw wrong("%s %s can't be read: %s".formatted(option, file, AgentLog.describe(e)));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(requireNonNull(spec, "set by picocli").commandLine(), message);
  }
}
