package io.agentlog.heartbeat;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.EventJsonReader;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.json.Fields;
import io.agentlog.json.JsonReader;
import io.agentlog.json.JsonWriter;
import io.agentlog.json.Times;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A JVM's message that it lives or has ended, as JSON. {@code docs/events/instance.schema.json} is
 * its schema.
 *
 * @param instanceId the JVM, as in its events
 * @param service shown to people
 * @param timestamp by the JVM's clock, in microseconds; nothing depends on it
 * @param topic topic of the JVM's events; null if it is not known
 * @param partitionCount partitions of that topic; 0 if the number is not known
 */
public record Heartbeat(
    UUID instanceId,
    String service,
    Instant timestamp,
    State state,
    @Nullable String topic,
    int partitionCount) {
  /** The message's {@code event_type}. */
  public static final String EVENT_TYPE = "instance";

  private static final String VERSION = "schema_version";
  private static final JsonFactory FACTORY = new JsonFactory();

  /** The state of a JVM. */
  public enum State {
    ALIVE,
    ENDED;

    /** Returns the name in the message. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Drops what is finer than a microsecond, as the JSON does. */
  public Heartbeat {
    requireNonNull(instanceId, "instanceId");
    requireNonNull(service, "service");
    requireNonNull(state, "state");
    timestamp = timestamp.truncatedTo(ChronoUnit.MICROS);
    if (partitionCount < 0) {
      throw new IllegalArgumentException("partitions are 0 or more, were " + partitionCount);
    }
  }

  /** Returns the message in UTF-8, without a line break. */
  public byte[] write() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("event_type", EVENT_TYPE);
      json.writeNumberField(VERSION, EventJsonWriter.SCHEMA_VERSION);
      json.writeStringField("instance_id", instanceId.toString());
      json.writeStringField("service", service);
      json.writeStringField("timestamp", JsonWriter.time(timestamp));
      json.writeStringField("state", state.wireName());
      if (topic != null && partitionCount > 0) {
        json.writeStringField("topic", topic);
        json.writeNumberField("partitions", partitionCount);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a heartbeat can't be written as JSON", e);
    }
    return bytes.toByteArray();
  }

  /** True for a message of this type, complete or not. */
  public static boolean isHeartbeat(Map<String, @Nullable Object> line) {
    return EVENT_TYPE.equals(line.get("event_type"));
  }

  /**
   * Reads a message.
   *
   * @throws BrokenLineException if it is not a JSON object in UTF-8, a field is missing or
   *     unusable, or the version is another
   */
  public static Heartbeat read(byte[] message) throws BrokenLineException {
    Fields fields = new Fields(JsonReader.parse(message));
    Integer version = fields.integer(VERSION);
    if (version == null || version != EventJsonWriter.SCHEMA_VERSION) {
      throw new BrokenLineException(
          "its schema_version is not %s: read it with an agentlog as new as the one that wrote it"
              .formatted(EventJsonWriter.SCHEMA_VERSION));
    }
    if (!EVENT_TYPE.equals(fields.text("event_type"))) {
      throw new BrokenLineException("its event_type is not " + EVENT_TYPE);
    }
    long micros = Times.required(fields, "timestamp");
    Integer partitionCount = fields.integer("partitions");
    return new Heartbeat(
        EventJsonReader.requiredUuid(fields, "instance_id"),
        fields.requiredText("service"),
        Instant.EPOCH.plus(micros, ChronoUnit.MICROS),
        state(fields.requiredText("state")),
        fields.nonEmptyText("topic"),
        partitionCount == null ? 0 : Math.max(0, partitionCount));
  }

  private static State state(String name) throws BrokenLineException {
    for (State state : State.values()) {
      if (state.wireName().equals(name)) {
        return state;
      }
    }
    throw new BrokenLineException("unknown state");
  }
}
