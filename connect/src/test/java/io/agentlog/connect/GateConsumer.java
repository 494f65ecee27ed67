package io.agentlog.connect;

import io.agentlog.connect.GateLog.Entry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Kafka's consumer of a {@link GateTask}. It has one request under way to each broker, for those
 * partitions of it that it has no records of yet, and sends requests only while it is not paused. A
 * pause loses nothing: what comes meanwhile is kept. A request whose connection is lost is given up
 * after a time.
 */
final class GateConsumer {
  /** Longest time in seconds that a broker takes for an answer. */
  private static final int STALL = 4;

  /** Seconds after which a request is given up: request.timeout.ms. */
  private static final int GIVEN_UP = 30;

  private static final int BROKERS = 2;

  /** A record, and where it comes from. */
  record Polled(int partition, Entry entry) {}

  /** Partitions of one broker, each from an offset; the answer has what is there at a second. */
  private record Request(
      Map<Integer, Long> offsets, int sentSecond, int answerSecond, int arrivesSecond) {}

  /** Records of one partition, from an offset. */
  private record Answer(int partition, Deque<Entry> entries) {}

  private final GateWorld world;
  private final Map<Integer, Long> positions = new TreeMap<>();
  private final Map<Integer, Integer> brokers = new HashMap<>();
  private final Map<Integer, Request> underWay = new TreeMap<>();
  private final List<Answer> answers = new ArrayList<>();
  private final int recordsMax;

  /** Most heartbeats of an answer. */
  private final int heartbeatsMax;

  /** Most events of a partition in an answer, where prompts are long and a broker's limit small. */
  private final int eventsMax;

  private boolean wasPaused;

  /**
   * A consumer.
   *
   * @param recordsMax of a poll
   */
  GateConsumer(GateWorld world, Map<Integer, Long> positions, int recordsMax) {
    this.world = world;
    this.positions.putAll(positions);
    this.recordsMax = recordsMax;
    this.heartbeatsMax = world.chance(GateTheme.DEPLOYMENT, 1, 3) ? 10 : Integer.MAX_VALUE;
    this.eventsMax = world.chance(GateTheme.BACKLOG, 1, 4) ? 3 : Integer.MAX_VALUE;
    this.positions.keySet().forEach(p -> brokers.put(p, world.random.nextInt(BROKERS)));
  }

  /** Goes on elsewhere; what was fetched before is dropped. */
  void seek(int partition, long offset) {
    positions.put(partition, offset);
    answers.removeIf(answer -> answer.partition() == partition);
  }

  List<Polled> poll(boolean isPaused) {
    receive();
    if (isPaused) {
      wasPaused = true;
      return List.of();
    }
    List<Polled> records = collect();
    send();
    if (records.isEmpty()) {
      receive();
      records = collect();
      send();
    }
    wasPaused = false;
    return records;
  }

  private void send() {
    for (int broker = 0; broker < BROKERS; broker++) {
      if (!underWay.containsKey(broker)) {
        Map<Integer, Long> offsets = offsetsAt(broker);
        if (!offsets.isEmpty()) {
          underWay.put(broker, request(offsets));
        }
      }
    }
  }

  private Map<Integer, Long> offsetsAt(int broker) {
    Map<Integer, Long> offsets = new TreeMap<>();
    positions.forEach(
        (partition, position) -> {
          if (brokers.get(partition) == broker
              && !log(partition).isDown(world.second)
              && answers.stream().noneMatch(answer -> answer.partition() == partition)) {
            offsets.put(partition, position);
          }
        });
    return offsets;
  }

  private Request request(Map<Integer, Long> offsets) {
    int now = world.second;
    if (!world.isCalm && world.chance(wasPaused ? 8 : 400)) { // The connection is lost.
      return new Request(offsets, now, now, Integer.MAX_VALUE);
    }
    int stall = world.chance(8) ? STALL - world.random.nextInt(world.chance(2) ? 1 : STALL) : 0;
    return new Request(offsets, now, now + world.random.nextInt(stall + 1), now + stall);
  }

  private void receive() {
    Iterator<Request> each = underWay.values().iterator();
    while (each.hasNext()) {
      Request request = each.next();
      if (request.arrivesSecond() <= world.second && !world.chance(10)) { // Or by the next poll.
        each.remove();
        request.offsets().forEach((partition, offset) -> answer(request, partition, offset));
      } else if (request.arrivesSecond() == Integer.MAX_VALUE
          && request.sentSecond() + GIVEN_UP <= world.second) {
        each.remove();
      }
    }
  }

  private void answer(Request request, int partition, long offset) {
    GateLog log = log(partition);
    if (positions.get(partition) != offset || log.isDown(world.second)) {
      return;
    }
    if (offset > log.nextOffset) { // The topic was made anew.
      positions.put(partition, 0L);
      return;
    }
    List<Entry> there = from(log, offset);
    int count = 0;
    while (count < there.size() && there.get(count).second() <= request.answerSecond()) {
      count++;
    }
    if (partition == GateTask.HEARTBEATS) {
      count = Math.min(count, heartbeatsMax);
    } else if (!world.isCalm) {
      count = Math.min(count, eventsMax);
    }
    if (count > 1 && world.chance(3)) { // The rest is in the next answer.
      count = 1 + world.random.nextInt(count);
    }
    if (count > 0) {
      answers.add(new Answer(partition, new ArrayDeque<>(there.subList(0, count))));
    }
  }

  /** Returns records in the order in which they came, up to the limit. */
  private List<Polled> collect() {
    List<Polled> records = new ArrayList<>();
    while (!answers.isEmpty() && records.size() < recordsMax) {
      Answer next = answers.get(0);
      while (!next.entries().isEmpty() && records.size() < recordsMax) {
        Entry entry = next.entries().removeFirst();
        records.add(new Polled(next.partition(), entry));
        positions.put(next.partition(), entry.offset() + 1);
      }
      if (next.entries().isEmpty()) {
        answers.remove(0);
      }
    }
    return records;
  }

  private static List<Entry> from(GateLog log, long position) {
    int low = 0;
    int high = log.entries.size();
    while (low < high) {
      int middle = (low + high) / 2;
      if (log.entries.get(middle).offset() < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return log.entries.subList(low, log.entries.size());
  }

  private GateLog log(int partition) {
    return partition == GateTask.HEARTBEATS ? world.heartbeats : world.partitions.get(partition);
  }

  Collection<Integer> partitions() {
    return positions.keySet();
  }
}
