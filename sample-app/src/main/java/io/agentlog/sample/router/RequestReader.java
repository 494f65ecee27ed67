package io.agentlog.sample.router;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads requests from JSON, or on demand from a line of plain text. Thread-safe. */
final class RequestReader {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

  /**
   * Reads a JSON request, or takes text that doesn't begin with a brace as the user's request.
   *
   * @param correlationId used if the request has none; null means a new UUID
   * @throws MalformedRequestException if the text is neither
   */
  RoutingRequest readLine(String line, @Nullable String correlationId) {
    String stripped = line.strip();
    if (stripped.startsWith("{") || stripped.startsWith("[")) {
      return readJson(stripped, correlationId);
    }
    return new RoutingRequest(
        orNew(correlationId), null, line, null, null, null, List.of(), Map.of(), Map.of(), null);
  }

  /**
   * Reads a JSON request; unknown fields are ignored.
   *
   * @throws MalformedRequestException if the text is not JSON or a field has the wrong type
   */
  RoutingRequest readJson(String json, @Nullable String correlationId) {
    JsonNode root = parse(json);
    if (!root.isObject()) {
      throw new MalformedRequestException("a request must be a JSON object");
    }
    Map<String, String> context = new LinkedHashMap<>();
    List<String> files = new ArrayList<>();
    readContext(object(root, "context"), context, files);
    Map<String, Object> options = new LinkedHashMap<>();
    JSON.convertValue(object(root, "options"), MAP)
        .forEach(
            (key, value) -> {
              if (value != null) { // null means absent.
                options.put(key, value);
              }
            });
    String ownId = text(root, "correlation_id");
    return new RoutingRequest(
        ownId == null || ownId.isBlank() ? orNew(correlationId) : ownId,
        text(root, "session_id"),
        root.hasNonNull("user_request") ? strictText(root, "user_request") : "",
        context.get("project"),
        context.get("project_path"),
        context.get("domain"),
        files,
        context,
        options,
        feedback(root));
  }

  /** Finds the correlation ID of a request that could not be read as a whole, or null. */
  @Nullable String correlationIdOf(String json) {
    try {
      JsonNode id = JSON.readTree(json).path("correlation_id");
      return id.isValueNode() && !id.isNull() ? id.asText() : null;
    } catch (JacksonException e) {
      return null;
    }
  }

  private static void readContext(JsonNode node, Map<String, String> context, List<String> files) {
    node.properties()
        .forEach(
            entry -> {
              JsonNode value = entry.getValue();
              String key = entry.getKey();
              if (key.equals("files") && value.isArray()) {
                value.forEach(file -> files.add(file.asText()));
              } else if (value.isValueNode() && !value.isNull()) {
                context.put(key, value.asText());
              } else if (!value.isNull()) {
                context.put(key, value.toString());
              }
            });
    String file = context.get("file");
    if (file != null) {
      files.add(0, file);
    }
  }

  private static @Nullable Feedback feedback(JsonNode root) {
    JsonNode node = root.path("feedback");
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    if (!node.path("agent").isTextual() || !node.path("success").isBoolean()) {
      throw new MalformedRequestException(
          "feedback must be like {\"agent\": \"api-designer\", \"success\": true}");
    }
    return new Feedback(node.path("agent").asText(), node.path("success").asBoolean());
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JacksonException e) {
      // Not the parser's whole message: it quotes the request.
      var where = e.getLocation();
      throw new MalformedRequestException(
          "not JSON, from character %s on"
              .formatted(where == null ? "?" : String.valueOf(where.getColumnNr())));
    }
  }

  private static JsonNode object(JsonNode root, String field) {
    JsonNode node = root.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return JSON.createObjectNode();
    }
    if (!node.isObject()) {
      throw new MalformedRequestException(field + " must be a JSON object");
    }
    return node;
  }

  private static String strictText(JsonNode root, String field) {
    if (!root.get(field).isTextual()) {
      throw new MalformedRequestException(field + " must be a text");
    }
    return root.get(field).asText();
  }

  private static @Nullable String text(JsonNode root, String field) {
    JsonNode node = root.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    if (!node.isTextual() && !node.isNumber()) {
      throw new MalformedRequestException(field + " must be a text");
    }
    return node.asText();
  }

  private static String orNew(@Nullable String correlationId) {
    return correlationId != null ? correlationId : UUID.randomUUID().toString();
  }
}
