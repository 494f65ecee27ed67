package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what a policy withholds is in no table, topic or file, and no content of a file ever is.
 * Method: {@link WithheldTextsApp} gives each of its texts a word of its own; all tables of the
 * database, both topics and everything in the agent's folder are searched for these words while the
 * journal is still there.
 */
class WithheldTextsIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Set<String> OF_PROMPTS =
      Set.of(
          WithheldTextsApp.PROMPT,
          WithheldTextsApp.INSTRUCTIONS,
          WithheldTextsApp.LATER_INSTRUCTIONS);
  private static final Set<String> OF_KNOWLEDGE =
      Set.of(WithheldTextsApp.QUESTION, WithheldTextsApp.KNOWLEDGE);
  private static final Set<String> OF_FILES =
      Set.of(WithheldTextsApp.CONTENT, WithheldTextsApp.NEW_CONTENT);

  /** Two prompts, two items of knowledge, five operations on files. */
  private static final int DETAILS_MIN = 9;

  /** Private, as JUnit makes it: in one that others may enter the agent keeps no journal. */
  @TempDir Path directory;

  /** Outside of the agent's folder, in which no operation is recorded. */
  @TempDir Path project;

  @Test
  void withheldTextsAreNowhere() {
    assertThat(wordsThatArrive("none", "names")).isEmpty();
  }

  /** Or the search would find nothing whatever there is. Content of files is never kept. */
  @Test
  void keptTextsAreFoundAndThoseOfFilesAreNot() {
    Set<String> kept = new TreeSet<>(OF_PROMPTS);
    kept.addAll(OF_KNOWLEDGE);
    assertThat(wordsThatArrive("full", "full")).isEqualTo(kept);
  }

  /** They are parked in a file, because nobody makes the tables of details. */
  @Test
  void withheldTextsAreNotInAFileOfWhatCantBeDelivered() {
    try (Postgres database = Backends.postgres().newDatabase()) {
      try (AgentJvm app =
          AgentJvm.in(directory)
              .postgres(database)
              .property("agentlog.capture.prompt", "none")
              .start(WithheldTextsApp.class, project.toString())) {
        Rows.awaitEnded(database, 1, DEADLINE);
        app.endInput();
        app.awaitSuccess();
      }
      AgentJvm.Builder builder =
          recording("none", "names")
              .postgres(database)
              .property("agentlog.postgres.schema", "validate");
      try (AgentJvm app = builder.start(WithheldTextsApp.class, project.toString())) {
        app.await("details that are parked", DEADLINE, () -> parkedCount() >= DETAILS_MIN);
        assertThat(words(filesOf(app))).isEmpty();
        app.endInput();
        app.awaitSuccess();
      }
    }
  }

  /** Returns which words are in a table, a topic or a file, once everything has arrived. */
  private Set<String> wordsThatArrive(String prompts, String retrieval) {
    try (Postgres database = Backends.postgres().newDatabase()) {
      Kafka kafka = Backends.kafka();
      String topic = kafka.newTopic(1);
      String detailTopic = kafka.newTopic(1);
      AgentJvm.Builder builder =
          recording(prompts, retrieval)
              .postgres(database)
              .kafka(kafka, topic)
              .property("agentlog.kafka.detail-topic", detailTopic)
              .property("agentlog.file.enabled", true);
      try (AgentJvm app = builder.start(WithheldTextsApp.class, project.toString())) {
        Rows.awaitEnded(database, 1, DEADLINE);
        app.await(
            "the hash of the file that is left",
            DEADLINE,
            () ->
                Rows.count(
                        database,
                        "SELECT count(*) FROM agent_file_operations WHERE file_name = 'saved.txt'"
                            + " AND content_hash_after IS NOT NULL")
                    == 1);
        assertThat(kafka.awaitRecordCount(detailTopic, DETAILS_MIN, DEADLINE)).isTrue();
        String found = filesOf(app);
        app.endInput();
        app.awaitSuccess();
        return words(
            found + tablesOf(database) + recordsOf(kafka, topic) + recordsOf(kafka, detailTopic));
      }
    }
  }

  private AgentJvm.Builder recording(String prompts, String retrieval) {
    return AgentJvm.in(directory)
        .property("agentlog.project.path", project)
        .service("withholding")
        .property("agentlog.traceability", true)
        .property("agentlog.files", true)
        .property("agentlog.capture.prompt", prompts)
        .property("agentlog.capture.retrieval", retrieval);
  }

  private static Set<String> words(String text) {
    return Stream.of(OF_PROMPTS, OF_KNOWLEDGE, OF_FILES)
        .flatMap(Set::stream)
        .filter(text::contains)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String tablesOf(Postgres database) {
    List<Map<String, @Nullable Object>> tables =
        Rows.of(
            database,
            "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace ="
                + " 'public'::regnamespace ORDER BY relname");
    assertThat(tables)
        .extracting(table -> table.get("name"))
        .contains("agent_execution_logs", "agent_prompts", "agent_file_operations");
    StringBuilder all = new StringBuilder();
    for (Map<String, @Nullable Object> table : tables) {
      all.append(
          Rows.of(database, "SELECT string_agg(t::text, ' ') FROM " + table.get("name") + " t"));
    }
    return all.toString();
  }

  private static String recordsOf(Kafka kafka, String topic) {
    List<ConsumerRecord<String, String>> records = kafka.records(topic);
    assertThat(records).isNotEmpty();
    return records.toString();
  }

  /** Returns all that is in the agent's folder and on its standard error. */
  private String filesOf(AgentJvm app) {
    StringBuilder all = new StringBuilder(app.stderr().toString());
    List<Path> files = files();
    assertThat(files).anyMatch(file -> file.toString().endsWith(".seg"));
    for (Path file : files) {
      all.append(content(file));
    }
    return all.toString();
  }

  private long parkedCount() {
    return files().stream()
        .filter(file -> file.toString().contains("parked"))
        .flatMap(file -> content(file).lines())
        .count();
  }

  private List<Path> files() {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the bytes as characters; nothing of a file that was removed meanwhile. */
  private static String content(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
