package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.Event;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Goal: several JVMs that write details of the same executions and the same texts neither deadlock
 * nor differ from one that writes alone, and retention removes no text that a writer refers to.
 */
class DetailWritersIT extends SinkFixture {
  private static final int EXECUTIONS = 60;

  @Test
  void writersOfTheSameDetailsNeitherDeadlockNorDiffer() throws Exception {
    List<Event> all = new ArrayList<>();
    for (int execution = 1; execution <= EXECUTIONS; execution++) {
      all.addAll(detailsOf(execution));
    }
    sink(config()).write(all);
    String expected = query(DetailFixture.CONTENT);
    database.execute(
        "TRUNCATE agent_prompts, agent_prompt_texts, agent_file_operations,"
            + " agent_intelligence_usage");

    concurrently(
        4,
        n -> {
          PostgresSink sink = sink(config());
          Random random = new Random(n);
          for (int round = 0; round < 20; round++) {
            List<Event> batch = new ArrayList<>(all);
            Collections.shuffle(batch, random);
            sink.write(batch.subList(0, all.size() / 2));
          }
          sink.write(all);
        });

    assertThat(query(DetailFixture.CONTENT)).isEqualTo(expected);
    assertThat(query("SELECT count(*) FROM agent_prompt_texts")).isEqualTo("4");
  }

  @Test
  void retentionRemovesNoTextThatAWriterBeginsToUse() throws Exception {
    PostgresSink sink = sink(config());
    sink.write(List.of(DetailFixture.prompt(1, 2, "p", "0")));
    CyclicBarrier start = new CyclicBarrier(2);
    try (Connection retention = database.connect()) {
      DetailRetention texts =
          new DetailRetention(
              Duration.ofDays(30), Set.copyOf(Track.DETAILS.names()), DayBounds.NONE);
      concurrently(
          2,
          n -> {
            for (int round = 1; round <= 200; round++) {
              if (n == 0) {
                database.execute(
                    "DELETE FROM agent_prompts; UPDATE agent_prompt_texts SET last_seen_at = now()"
                        + " - interval '2 days'");
              }
              start.await(60, TimeUnit.SECONDS);
              if (n == 0) {
                sink.write(List.of(DetailFixture.prompt(round, 2, "p", "0")));
              } else {
                texts.begin();
                for (int i = 0; i < texts.count(); i++) {
                  texts.remove(retention, i, 100);
                }
              }
              start.await(60, TimeUnit.SECONDS);
              if (n == 0) {
                assertThat(
                        query(
                            "SELECT count(*) FROM agent_prompts p JOIN agent_prompt_texts t ON"
                                + " t.sha256 = p.agent_instructions_hash"))
                    .as("texts in round %s", round)
                    .isEqualTo("1");
              }
            }
          });
    }
  }

  private static List<Event> detailsOf(int execution) {
    return List.of(
        DetailFixture.prompt(execution, 2, "p", String.valueOf(execution % 3)),
        DetailFixture.prompt(execution, 3, "q", "9"),
        DetailFixture.operation(execution, 4),
        DetailFixture.hash(execution, 4),
        DetailFixture.operation(execution, 5),
        DetailFixture.intelligence(execution, 6, true));
  }
}
