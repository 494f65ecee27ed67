package io.agentlog.insight.alert;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.insight.evaluate.Step;
import io.agentlog.insight.rules.Channel;
import io.agentlog.json.JsonWriter;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Makes the requests by which a channel is told a message. */
final class Posts {
  /** Header of a webhook whose channel has a secret: {@code sha256=} and hexadecimal digits. */
  static final String SIGNATURE = "X-Agentlog-Signature";

  private static final String MAC = "HmacSHA256";
  private static final String ALERTMANAGER_PATH = "api/v2/alerts";

  private Posts() {}

  /**
   * Returns a request for each of the channel's URLs.
   *
   * @param clock the time that an Alertmanager has at an address
   * @param ongoing how long it may believe that what fires now goes on
   */
  static List<HttpRequest> of(
      Channel channel,
      Message message,
      UUID delivery,
      Function<URI, Instant> clock,
      Duration ongoing) {
    if (channel.type() == Channel.Type.ALERTMANAGER) {
      return channel.urls().stream()
          .map(Posts::endpoint)
          .map(uri -> request(uri, alert(message, clock.apply(uri), ongoing), null))
          .toList();
    }
    boolean isSlack = channel.type() == Channel.Type.SLACK;
    byte[] bytes = bytes(isSlack ? SlackText.values(message) : message.values(delivery));
    String signature =
        channel.type() == Channel.Type.WEBHOOK && channel.secret() != null
            ? signature(channel.secret(), bytes)
            : null;
    return channel.urls().stream().map(uri -> request(uri, bytes, signature)).toList();
  }

  private static byte[] bytes(Object json) {
    return JsonWriter.write(json).getBytes(UTF_8);
  }

  private static HttpRequest request(URI uri, byte[] body, @Nullable String signature) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .header("User-Agent", "agentlog-insight")
            .POST(BodyPublishers.ofByteArray(body));
    if (signature != null) {
      request.header(SIGNATURE, signature);
    }
    return request.build();
  }

  private static String signature(String secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(secret.getBytes(UTF_8), MAC));
      return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("each Java has " + MAC, e);
    }
  }

  /** Returns where an Alertmanager takes alerts; it may be served below a path. */
  private static URI endpoint(URI base) {
    String text = base.toString();
    return URI.create(text + (text.endsWith("/") ? "" : "/") + ALERTMANAGER_PATH);
  }

  /**
   * Returns a list of one alert in the form of Alertmanager's API, version 2. Whether it goes on is
   * told by its end, before or after the Alertmanager's own time.
   */
  private static byte[] alert(Message message, Instant now, Duration ongoing) {
    Map<String, @Nullable Object> labels = new LinkedHashMap<>();
    message.labels().forEach((name, value) -> labels.put(labelName(name), value));
    labels.put("alertname", message.rule());
    Map<String, @Nullable Object> annotations = new LinkedHashMap<>();
    annotations.put("summary", message.summary());
    annotations.put("incident_id", message.incident().toString());
    if (message.reason() != null) {
      annotations.put("reason", message.reason());
    }
    Instant end = message.endsAt();
    Instant endsAt =
        message.status() != Step.Message.RESOLVED || end == null
            ? now.plus(ongoing)
            : end.isAfter(now) ? now : end;
    Instant startsAt = message.startsAt().isAfter(endsAt) ? endsAt : message.startsAt();
    Map<String, @Nullable Object> alert = new LinkedHashMap<>();
    alert.put("labels", labels);
    alert.put("annotations", annotations);
    alert.put("startsAt", startsAt.toString());
    alert.put("endsAt", endsAt.toString());
    alert.put("generatorURL", message.url());
    return bytes(List.of(alert));
  }

  /** Alertmanager takes letters, digits and underscores, and no digit at the start. */
  private static String labelName(String name) {
    String clean = name.replaceAll("[^a-zA-Z0-9_]", "_");
    return clean.isEmpty() || Character.isDigit(clean.charAt(0)) ? "_" + clean : clean;
  }

  /** Returns the word for a status in a sentence. */
  static String word(Step.Message status) {
    String name = status.name().toLowerCase(Locale.ROOT);
    return Character.toUpperCase(name.charAt(0)) + name.substring(1);
  }
}
