package io.agentlog.agent.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.delivery.ParkedRetry.Result;
import io.agentlog.agent.journal.JournalBatch;
import io.agentlog.agent.journal.RecordPlace;
import io.agentlog.event.Event;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.InstanceFacts;
import io.agentlog.sink.Sink;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParkedRetryTest {
  private static final InstanceFacts FACTS =
      new InstanceFacts(new UUID(1, 2), "/srv", "router", null, "term");

  @TempDir Path base;
  private final FakeSink sink = new FakeSink();

  @Test
  void parkedEventComesBackAsItWas() throws Exception {
    park(sink, "a \u0000 \ud83d\ude00 \"b\"\n");
    List<Event> offered = new ArrayList<>();
    Sink keeping = new KeepingSink(offered);

    Result result = new ParkedRetry(base, keeping).run(() -> false);

    assertThat(result).isEqualTo(new Result(1, 0, 0, null));
    assertThat(offered)
        .containsExactly(
            new EventDecoder(FACTS)
                .decode(TestEvents.encodedProgress("a \u0000 \ud83d\ude00 \"b\"\n")));
    assertThat(offered.get(0).header().instanceId()).isEqualTo(FACTS.instanceId());
    assertThat(files()).isEmpty();
  }

  @Test
  void retryWithoutParkedEventsMakesNoFile() throws Exception {
    assertThat(retry()).isEqualTo(Result.NOTHING);
    assertThat(base).isEmptyDirectory();
  }

  @Test
  void eventStillRefusedStaysAndTheRestIsDelivered() throws Exception {
    park(sink, "a", "b", "c", "d");
    String lineOfB = Files.readAllLines(base.resolve("parked/fake.jsonl")).get(1);
    sink.refusals.put("b", "23502 project_name");

    Result result = retry();

    assertThat(result.deliveredCount()).isEqualTo(3);
    assertThat(result.leftCount()).isEqualTo(1);
    assertThat(result.why())
        .isEqualTo("still refused (23502 project_name): no place for 23502 project_name");
    assertThat(sink.delivered()).containsExactly("a", "c", "d");
    assertThat(files()).containsExactly("fake.jsonl");
    assertThat(Files.readAllLines(base.resolve("parked/fake.jsonl"))).containsExactly(lineOfB);
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(base.resolve("parked/fake.jsonl"))))
        .isEqualTo("rw-------"); // Fault 31

    sink.refusals.clear();
    assertThat(retry().deliveredCount()).isEqualTo(1);
    assertThat(files()).isEmpty();
  }

  @Test
  void sinkThatIsDownTakesNothingAndNothingIsLost() throws Exception {
    park(sink, texts(1_200));
    sink.downMessage = "connection refused";
    assertThat(retry()).isEqualTo(new Result(0, 1_200, 0, "connection refused"));
    assertThat(sink.attempts).hasSize(1);
    sink.downMessage = null;
    assertThat(retry()).isEqualTo(new Result(1_200, 0, 0, null));
    assertThat(sink.delivered()).containsExactly(texts(1_200));
  }

  @Test
  void batchThatExceedsATimeLimitIsHalvedDownToTheEventThatAlwaysDoes() throws Exception {
    park(sink, texts(20));
    sink.eventsMax = 3;
    sink.slow.add("e7");
    Result result = retry();
    assertThat(result.deliveredCount()).isEqualTo(19);
    assertThat(result.why()).isEqualTo("still refused (fails alone): cancelled");
  }

  @Test
  void reasonThatIsNotFixedIsNotTriedOverAndOver() throws Exception {
    park(sink, texts(2_000));
    sink.refusals.put("*", "23502");
    Result result = retry();
    assertThat(result.leftCount()).isEqualTo(2_000);
    assertThat(result.why()).startsWith("still refused (23502)");
    assertThat(sink.attempts).hasSizeLessThan(3 * ParkedRetry.REFUSED_MAX);
  }

  @Test
  void eventsParkedForATargetThatHasMovedAreDeliveredOnlyIfItIsSaid() throws Exception {
    park(sink, "a");
    Sink moved = new KeepingSink(new ArrayList<>(), "the new address");
    assertThat(new ParkedRetry(base, moved).run(() -> false).leftCount()).isEqualTo(1);
    assertThat(new ParkedRetry(base, moved, true).run(() -> false).deliveredCount()).isEqualTo(1);
  }

  @Test
  void stopLeavesTheRestParked() throws Exception {
    park(sink, "a", "b");
    Result result = new ParkedRetry(base, sink).run(() -> true);
    assertThat(result).isEqualTo(new Result(0, 2, 0, "the time ran out"));
    assertThat(retry().deliveredCount()).isEqualTo(2);
  }

  @Test
  void eventsOfAnotherTargetStay() throws Exception {
    park(new KeepingSink(new ArrayList<>(), "elsewhere"), "a");
    park(sink, "b");
    Result result = retry();
    assertThat(result.leftCount()).isEqualTo(1);
    assertThat(result.why()).contains("target differs");
    assertThat(sink.delivered()).containsExactly("b");
  }

  @Test
  void unreadableLinesAreSetAsideAndKept() throws Exception {
    park(sink, "a");
    Path file = base.resolve("parked/fake.jsonl");
    String old = "{\"time\":\"t\",\"reason\":\"r\",\"message\":\"m\",\"event\":{\"seq\":1}}";
    String whole = Files.readAllLines(file).get(0);
    List<String> bad =
        List.of(
            old,
            "{\"torn",
            "\"text\"",
            whole.substring(0, whole.length() - 1),
            whole.replaceFirst("\"record\":\"[^\"]*\"", "\"record\":\"AAAA\""),
            whole.replace("\"instance\":{\"instance_id\":\"", "\"instance\":{\"instance_id\":\"x"));
    Files.write(file, bad, StandardOpenOption.APPEND);
    park(sink, "b");

    Result result = retry();

    assertThat(Files.readAllLines(base.resolve("parked/fake.unreadable.jsonl")))
        .containsExactlyElementsOf(bad);
    assertThat(result).isEqualTo(new Result(2, 0, bad.size(), null));
    assertThat(sink.delivered()).containsExactly("a", "b");
    assertThat(files()).containsExactly("fake.unreadable.jsonl");
    assertThat(Files.readAllLines(base.resolve("parked/fake.unreadable.jsonl")))
        .containsExactlyElementsOf(bad);
  }

  @Test
  void interruptedRunIsTakenUpWithEventsParkedSince() throws Exception {
    park(sink, "a");
    Files.move(base.resolve("parked/fake.jsonl"), base.resolve("parked/fake.retry.jsonl"));
    park(sink, "b");
    assertThat(retry()).isEqualTo(new Result(2, 0, 0, null));
    assertThat(sink.delivered()).containsExactly("a", "b");
    assertThat(files()).isEmpty();
  }

  @Test
  void eventsParkedMeanwhileAreKept() throws Exception {
    park(sink, "a");
    Sink parksMeanwhile =
        new KeepingSink(new ArrayList<>()) {
          @Override
          public void write(List<Event> events) {
            try {
              park(sink, "b");
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          }
        };
    assertThat(new ParkedRetry(base, parksMeanwhile).run(() -> false).deliveredCount())
        .isEqualTo(1);
    assertThat(retry().deliveredCount()).isEqualTo(1);
    assertThat(sink.delivered()).containsExactly("b");
  }

  @Test
  void secondRunAtTheSameTimeLeavesTheFirstAlone() throws Exception {
    park(sink, "a");
    Path retried = base.resolve("parked/fake.retry.jsonl");
    Files.move(base.resolve("parked/fake.jsonl"), retried);
    try (RandomAccessFile other = new RandomAccessFile(retried.toFile(), "rw");
        FileLock lock = other.getChannel().lock()) {
      assertThat(lock.isValid()).isTrue();
      assertThat(retry().why()).contains("is in use");
    }
    assertThat(sink.attempts).isEmpty();
    assertThat(retry().deliveredCount()).isEqualTo(1);
  }

  @Test
  void noSymbolicLinkIsFollowed() throws Exception { // Fault 29
    park(sink, "a");
    Path elsewhere = Files.createDirectory(base.resolve("elsewhere"));
    Files.move(base.resolve("parked"), elsewhere.resolve("parked"));
    Files.createSymbolicLink(base.resolve("parked"), elsewhere.resolve("parked"));
    assertThat(retry()).isEqualTo(Result.NOTHING);
    assertThat(elsewhere.resolve("parked/fake.jsonl")).exists();
  }

  private Result retry() throws IOException {
    return new ParkedRetry(base, sink).run(() -> false);
  }

  private void park(Sink refusing, String... stages) throws IOException {
    List<Refusal> refusals = new ArrayList<>();
    for (String stage : stages) {
      byte[] record = TestEvents.encodedProgress(stage);
      refusals.add(
          new Refusal(
              new Undelivered(
                  new EventDecoder(FACTS).decode(record),
                  record,
                  new Undelivered.Source(
                      new JournalBatch(List.of(record), i -> new RecordPlace(0, i), record))),
              "23502 project_name",
              "null value",
              true));
    }
    new ParkedEvents(base, refusing, FACTS).park(refusals);
  }

  private static String[] texts(int count) {
    return IntStream.range(0, count).mapToObj(i -> "e" + i).toArray(String[]::new);
  }

  /** Returns the names of the files in the folder, without the lock. */
  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(base.resolve("parked"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.endsWith(".lock"))
          .sorted()
          .toList();
    }
  }

  private static class KeepingSink implements Sink {
    private final List<Event> kept;
    private final String fingerprint;

    KeepingSink(List<Event> kept) {
      this(kept, "fake");
    }

    KeepingSink(List<Event> kept, String fingerprint) {
      this.kept = kept;
      this.fingerprint = fingerprint;
    }

    @Override
    public String name() {
      return "fake";
    }

    @Override
    public String target() {
      return "list";
    }

    @Override
    public String fingerprint() {
      return fingerprint;
    }

    @Override
    public void write(List<Event> events) {
      kept.addAll(events);
    }

    @Override
    public void close() {}
  }
}
