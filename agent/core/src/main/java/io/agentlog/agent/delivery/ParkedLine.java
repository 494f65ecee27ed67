package io.agentlog.agent.delivery;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.agentlog.event.Event;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.InstanceFacts;
import java.io.IOException;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One line of the file of parked events, a JSON object:
 *
 * <pre>
 *  time, reason, message  when and why the event was refused
 *  event                  the event as consumers get it, for people
 *  target                 fingerprint of the place that refused it
 *  instance               facts that are the same for all events of its JVM
 *  record                 the whole event as it stood in the journal, base64; the JSON is not whole
 * </pre>
 *
 * A second attempt is made from the last three. Immutable.
 */
final class ParkedLine {
  private static final JsonFactory JSON = new JsonFactory();

  private final String target;
  private final InstanceFacts facts;
  private final byte[] record;

  private ParkedLine(String target, InstanceFacts facts, byte[] record) {
    this.target = target;
    this.facts = facts;
    this.record = record;
  }

  /**
   * Renders a line, without its line break.
   *
   * @param eventJson the event as a JSON object
   */
  static String write(
      String time, Refusal refusal, String eventJson, String target, InstanceFacts facts)
      throws IOException {
    StringWriter line = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(line)) {
      out.writeStartObject();
      out.writeStringField("time", time);
      out.writeStringField("reason", refusal.reason());
      out.writeStringField("message", refusal.message());
      out.writeFieldName("event");
      out.writeRawValue(eventJson);
      out.writeStringField("target", target);
      out.writeObjectFieldStart("instance");
      out.writeStringField("instance_id", facts.instanceId().toString());
      writeIfThere(out, "project_path", facts.projectPath());
      writeIfThere(out, "project_name", facts.projectName());
      writeIfThere(out, "claude_session_id", facts.claudeSessionId());
      writeIfThere(out, "terminal_id", facts.terminalId());
      out.writeEndObject();
      out.writeBinaryField("record", refusal.item().record());
      out.writeEndObject();
    }
    return line.toString();
  }

  /**
   * Reads a line.
   *
   * @throws IOException if the line is damaged, or target, instance or record is missing
   */
  static ParkedLine parse(byte[] line) throws IOException {
    String target = null;
    InstanceFacts facts = null;
    byte[] record = null;
    try (JsonParser in = JSON.createParser(line)) {
      expect(in.nextToken() == JsonToken.START_OBJECT, "the line is not a JSON object");
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        JsonToken value = in.nextToken();
        if (name.equals("target")) {
          target = in.getValueAsString();
        } else if (name.equals("instance") && value == JsonToken.START_OBJECT) {
          facts = facts(in);
        } else if (name.equals("record") && value == JsonToken.VALUE_STRING) {
          record = in.getBinaryValue();
        } else {
          in.skipChildren();
        }
      }
      expect(in.currentToken() == JsonToken.END_OBJECT, "the line ends early");
    }
    if (target == null || facts == null || record == null) {
      throw new IOException(
          "the line has no target, instance or record, as lines of the first version");
    }
    return new ParkedLine(target, facts, record);
  }

  /** Fingerprint of the place that refused the event. */
  String target() {
    return target;
  }

  /** Length of the record, in bytes. */
  int length() {
    return record.length;
  }

  /**
   * Decodes the event.
   *
   * @throws IllegalArgumentException if the record is damaged or of a later version
   */
  Event event() {
    return new EventDecoder(facts).decode(record);
  }

  private static InstanceFacts facts(JsonParser in) throws IOException {
    Map<String, @Nullable String> values = new HashMap<>();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      in.nextToken();
      values.put(name, in.getValueAsString());
      in.skipChildren();
    }
    try {
      return new InstanceFacts(
          UUID.fromString(requireNonNull(values.get("instance_id"), "no instance_id")),
          values.get("project_path"),
          values.get("project_name"),
          values.get("claude_session_id"),
          values.get("terminal_id"));
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new IOException("the line names no instance", e);
    }
  }

  private static void writeIfThere(JsonGenerator out, String name, @Nullable String value)
      throws IOException {
    if (value != null) {
      out.writeStringField(name, value);
    }
  }

  private static void expect(boolean condition, String problem) throws IOException {
    if (!condition) {
      throw new IOException(problem);
    }
  }
}
