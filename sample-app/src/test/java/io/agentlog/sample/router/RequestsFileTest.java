package io.agentlog.sample.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Compares the answers to the router's own requests with the expected ones. */
class RequestsFileTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private static final List<String> REQUESTS = lines("requests/requests.jsonl");

  /** Answers of a first router, for each test that reads some: they take seconds. */
  private static List<JsonNode> first;

  private final List<String[]> expected =
      lines("requests/expected.tsv").stream()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .toList();

  @BeforeAll
  static void answerAll() {
    first = answers();
  }

  @Test
  void everyRequestCanBeRead() {
    RequestReader reader = new RequestReader();
    for (String request : REQUESTS) {
      assertThat(reader.readJson(request, "absent").correlationId()).isNotEqualTo("absent");
    }
  }

  @Test
  void everyRequestGetsTheExpectedAnswer() {
    List<String> wrong = new ArrayList<>();
    List<JsonNode> answers = first;
    assertThat(answers).hasSameSizeAs(expected);
    for (int i = 0; i < answers.size(); i++) {
      JsonNode answer = answers.get(i);
      String found = answer.path("selected_agent").asText(answer.path("error_code").asText());
      assertThat(answer.path("correlation_id").asText()).isEqualTo(expected.get(i)[0]);
      if (!found.equals(expected.get(i)[3])) {
        wrong.add(
            "%s: expected %s, was %s"
                .formatted(String.join(" ", expected.get(i)), expected.get(i)[3], answer));
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void answersFollowFromTheRequestsApartFromIdsAndTimes() {
    assertThat(withoutIdsAndTimes(answers())).isEqualTo(withoutIdsAndTimes(first));
  }

  @Test
  void requestsAreManyAndOfEveryKind() {
    Map<String, Integer> byCategory = new TreeMap<>();
    expected.forEach(line -> byCategory.merge(line[1], 1, Integer::sum));

    assertThat(REQUESTS).hasSizeGreaterThanOrEqualTo(200);
    assertThat(byCategory.get("english")).isGreaterThanOrEqualTo(90);
    assertThat(byCategory.get("scripts")).isGreaterThanOrEqualTo(50);
    assertThat(byCategory.get("explicit")).isGreaterThanOrEqualTo(10);
    assertThat(byCategory.get("ambiguous")).isGreaterThanOrEqualTo(10);
    assertThat(byCategory.get("unroutable")).isGreaterThanOrEqualTo(10);
    assertThat(byCategory.get("failing")).isGreaterThanOrEqualTo(10);
    assertThat(byCategory.get("cancelled")).isGreaterThanOrEqualTo(8);
    assertThat(byCategory.get("empty")).isGreaterThanOrEqualTo(5);
    assertThat(byCategory)
        .containsKeys("long", "short", "typos", "dryrun", "feedback", "fallback", "held");
  }

  @Test
  void correlationIdsAreDistinctAndMostlyUuids() {
    List<String> ids = expected.stream().map(line -> line[0]).toList();
    long uuids = ids.stream().filter(id -> UUID_TEXT.matcher(id).matches()).count();

    assertThat(ids).doesNotHaveDuplicates();
    assertThat(uuids).isBetween(ids.size() * 8L / 10, ids.size() - 10L);
  }

  @Test
  void someRequestsAreLongerThanTenKilobytes() {
    RequestReader reader = new RequestReader();
    long count =
        REQUESTS.stream()
            .map(request -> reader.readJson(request, null).userRequest())
            .filter(text -> text.getBytes(StandardCharsets.UTF_8).length > 10 * 1024)
            .count();
    assertThat(count).isGreaterThanOrEqualTo(5);
  }

  @Test
  void everyAgentIsSelectedBySomeRequest() {
    List<String> selected = expected.stream().map(line -> line[3]).toList();
    assertThat(selected)
        .containsAll(AgentCatalog.builtIn().active().stream().map(AgentDefinition::name).toList());
  }

  private static List<JsonNode> answers() {
    RequestAnswerer answerer =
        new RequestAnswerer(new RouterService(AgentCatalog.builtIn(), new SuccessHistory()));
    List<JsonNode> answers = new ArrayList<>();
    for (String request : REQUESTS) {
      answers.add(read(answerer.answerMessage(request, null).json()));
    }
    return answers;
  }

  private static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<ObjectNode> withoutIdsAndTimes(List<JsonNode> answers) {
    List<ObjectNode> rests = new ArrayList<>();
    for (JsonNode answer : answers) {
      ObjectNode rest = answer.deepCopy();
      rests.add(rest.remove(List.of("event_id", "occurred_at", "routing_time_ms")));
    }
    return rests;
  }

  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
