package io.agentlog.insight.web;

import io.agentlog.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Status, headers and body of an answer. Immutable; the body's array must not be changed. */
public final class Answer {
  public static final String HTML = "text/html; charset=utf-8";
  public static final String JSON = "application/json; charset=utf-8";
  public static final String TEXT = "text/plain; charset=utf-8";

  private final int status;
  private final String contentType;
  private final byte[] body;
  private final Map<String, String> headers;

  /**
   * @param contentType with its character set
   */
  public Answer(int status, String contentType, byte[] body, Map<String, String> headers) {
    this.status = status;
    this.contentType = contentType;
    this.body = body;
    this.headers = Map.copyOf(headers);
  }

  public int status() {
    return status;
  }

  public String contentType() {
    return contentType;
  }

  public byte[] body() {
    return body;
  }

  public Map<String, String> headers() {
    return headers;
  }

  /** A page. */
  public static Answer html(int status, String text) {
    return of(status, HTML, text);
  }

  /** A value as JSON: a map, a list, a text, a number, a time or null. */
  public static Answer json(int status, @Nullable Object value) {
    return of(status, JSON, JsonWriter.write(value));
  }

  /** A line or two without markup. */
  public static Answer text(int status, String text) {
    return of(status, TEXT, text + "\n");
  }

  /** Sends the browser to another page of ours. */
  public static Answer redirect(String location) {
    return text(303, "See " + location).with("Location", location);
  }

  private static Answer of(int status, String contentType, String text) {
    return new Answer(status, contentType, text.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  /** Returns this answer with one more header. */
  public Answer with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Answer(status, contentType, body, more);
  }
}
