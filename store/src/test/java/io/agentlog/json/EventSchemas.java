package io.agentlog.json;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.agentlog.event.EventType;
import io.agentlog.heartbeat.Heartbeat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.ObjectMapper;

/** The JSON Schemas of the documentation. */
public final class EventSchemas {
  static final Path DOCS = Path.of("../docs/events");
  private static final ObjectMapper JSON = new ObjectMapper();

  private EventSchemas() {}

  /** Returns what the schema of a type finds wrong with a text. */
  public static List<String> problems(String json, String type) {
    Map<String, String> schemas = new HashMap<>();
    Stream.concat(
            Stream.of("common", Heartbeat.EVENT_TYPE),
            Stream.of(EventType.values()).map(EventType::wireName))
        .forEach(name -> schemas.put("urn:agentlog:event:" + name + ":1", schemaText(name)));
    SchemaRegistry registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(schemas));
    Schema schema = registry.getSchema(SchemaLocation.of("urn:agentlog:event:" + type + ":1"));
    return schema
        .validate(
            json,
            InputFormat.JSON,
            context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
        .stream()
        .map(Object::toString)
        .toList();
  }

  /** Returns the fields that the schema of a type declares. */
  public static List<String> fields(String type) {
    return List.copyOf(JSON.readTree(schemaText(type)).get("properties").propertyNames());
  }

  private static String schemaText(String type) {
    try {
      return Files.readString(DOCS.resolve(type + ".schema.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
