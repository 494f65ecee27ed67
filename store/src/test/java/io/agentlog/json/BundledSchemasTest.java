package io.agentlog.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.agentlog.event.Event;
import io.agentlog.event.SampleEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Goal: {@code docs/events/bundled} has each JSON Schema as one file without references, for schema
 * registries and for {@code asyncapi.yaml}, and says the same as the schemas. Method: rendered from
 * the schemas; the files are rewritten with {@code -Dagentlog.docs.write=true}.
 */
class BundledSchemasTest {
  private static final Path DOCS = Path.of("../docs/events");
  private static final Path BUNDLED = DOCS.resolve("bundled");
  private static final String COMMON = "common.schema.json";
  private static final String COMMON_URN = "urn:agentlog:event:common:1";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void filesAreRenderedFromTheSchemas() throws IOException {
    Map<String, String> rendered = new TreeMap<>();
    for (String name : names(DOCS)) {
      if (!name.equals(COMMON)) {
        String text = bundle(read(DOCS.resolve(name))).toPrettyString();
        rendered.put(name, text.replace(System.lineSeparator(), "\n") + "\n");
      }
    }
    if (Boolean.getBoolean("agentlog.docs.write")) {
      Files.createDirectories(BUNDLED);
      for (Map.Entry<String, String> each : rendered.entrySet()) {
        Files.writeString(BUNDLED.resolve(each.getKey()), each.getValue());
      }
    }
    Map<String, String> written = new TreeMap<>();
    for (String name : names(BUNDLED)) {
      written.put(name, Files.readString(BUNDLED.resolve(name)));
    }
    assertThat(written)
        .as(
            "docs/events/bundled; write it with -Dtest=BundledSchemasTest"
                + " -Dagentlog.docs.write=true")
        .isEqualTo(rendered);
  }

  @Test
  void everyEventMeetsItsBundledSchemaWhichDeclaresItsFields() throws IOException {
    for (Event event : SampleEvents.documented()) {
      JsonNode json = JSON.readTree(EventJsonWriter.write(event));
      JsonNode schema = read(BUNDLED.resolve(event.type().wireName() + ".schema.json"));

      assertThat(problems(json.toString(), schema)).as("%s", json).isEmpty();
      assertThat(new TreeSet<>(schema.get("properties").propertyNames()))
          .containsAll(json.propertyNames());
      assertThat(problems(json.toString().replace("\"seq\":", "\"sec\":"), schema)).isNotEmpty();
      assertThat(problems(json.toString().replace("123456Z\"", "Z\""), schema)).isNotEmpty();
    }
  }

  private static List<String> problems(String json, JsonNode schema) {
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    return registry
        .getSchema(schema.toString(), InputFormat.JSON)
        .validate(json, InputFormat.JSON)
        .stream()
        .map(Object::toString)
        .toList();
  }

  /** Puts what {@code common} says of every event before what the schema itself says. */
  private static ObjectNode bundle(ObjectNode schema) throws IOException {
    ObjectNode common = read(DOCS.resolve(COMMON));
    ObjectNode bundled = schema.deepCopy();
    bundled.remove("$id"); // Another file may not have the same.
    if (bundled.remove("allOf") != null) {
      ObjectNode properties = common.get("properties").deepCopy().asObject();
      for (Map.Entry<String, JsonNode> own : schema.get("properties").properties()) {
        JsonNode of = properties.get(own.getKey());
        properties.set(own.getKey(), of == null ? own.getValue() : with(of, own.getValue()));
      }
      ArrayNode required = common.get("required").deepCopy().asArray();
      schema.path("required").forEach(required::add);
      bundled.set("properties", properties);
      bundled.set("required", required);
    }
    return inlined(bundled, common).asObject();
  }

  private static ObjectNode with(JsonNode general, JsonNode own) {
    ObjectNode both = general.deepCopy().asObject();
    if (own.has("const")) {
      both.remove("enum");
    }
    return both.setAll(own.asObject());
  }

  private static JsonNode inlined(JsonNode node, ObjectNode common) {
    if (node.isArray()) {
      ArrayNode all = JSON.createArrayNode();
      node.forEach(each -> all.add(inlined(each, common)));
      return all;
    }
    if (!node.isObject()) {
      return node;
    }
    ObjectNode all = JSON.createObjectNode();
    JsonNode reference = node.get("$ref");
    if (reference != null) {
      String place = reference.asString().replace(COMMON_URN, "").substring(1);
      JsonNode target = common.at(place);
      assertThat(target.isObject()).as("%s", reference).isTrue();
      all.setAll(inlined(target, common).asObject());
    }
    for (Map.Entry<String, JsonNode> each : node.properties()) {
      if (!each.getKey().equals("$ref")) {
        all.set(each.getKey(), inlined(each.getValue(), common));
      }
    }
    return all;
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".schema.json"))
          .sorted()
          .toList();
    }
  }

  private static ObjectNode read(Path file) throws IOException {
    return JSON.readTree(Files.readString(file)).asObject();
  }
}
