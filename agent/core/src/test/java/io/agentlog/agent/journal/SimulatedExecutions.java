package io.agentlog.agent.journal;

import io.agentlog.agent.delivery.RunningExecutions;
import io.agentlog.agent.delivery.ShortJournals;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.EventHeader;
import io.agentlog.event.EventSummary;
import io.agentlog.event.EventType;
import io.agentlog.event.Identifier;
import io.agentlog.event.InstanceFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Executions of a {@link JournalSimulation}: each starts, reports stages and ends, over segments
 * that are retired meanwhile. A follower notes those that run long. When the process has died, the
 * next life finds each one without an end, and gives it one.
 */
final class SimulatedExecutions {
  /** Thread of what the agent appends itself. */
  private static final int OWN_THREAD = 7;

  private static final int OPEN_MAX = 6;
  private static final UUID INSTANCE = new UUID(1, 2);
  private static final Identifier NAME = Identifier.of(new UUID(7, 7));

  /** Number in the payload of a note that names no execution. */
  static final int NO_EXECUTION = Integer.MAX_VALUE;

  /** What a record says of its execution. */
  enum Kind {
    START,
    STAGE,
    END
  }

  /** One execution, over all lives. */
  static final class Execution {
    final int number;
    final int thread;
    final int stripe;

    /** True if its start is surely in the journal, and so is a note of it that was needed. */
    boolean started;

    /** True if an end may be in the journal. */
    boolean mayHaveEnded;

    Execution(int number, int thread, int stripe) {
      this.number = number;
      this.thread = thread;
      this.stripe = stripe;
    }
  }

  /** One record of an execution that a thread is about to append. */
  record Step(Execution execution, Kind kind) {
    int stripe() {
      return execution.stripe;
    }
  }

  private final SimulationOracle oracle;
  private final SimulationRandom random;
  private final EventDecoder decoder =
      new EventDecoder(new InstanceFacts(INSTANCE, null, null, null, null));
  private final List<Execution> all = new ArrayList<>();
  private final List<Execution> open = new ArrayList<>();
  private final Map<Integer, Step> steps = new HashMap<>();
  private @Nullable RunningExecutions running;
  private boolean polling;

  SimulatedExecutions(SimulationOracle oracle, SimulationRandom random) {
    this.oracle = oracle;
    this.random = random;
  }

  /** Gives each execution of the lives before its end, and follows those of the new life. */
  void lifeBegins(DiskJournal journal, JournalLimits limits, Runnable aliveCheck) {
    open.clear();
    polling = false;
    long noteAfter = 3L * limits.segmentLength() / 2;
    Journal taking = new Taking(journal, aliveCheck);
    try (RunningExecutions left = ShortJournals.follow(taking, this::summary, noteAfter, true)) {
      while (left.poll() > 0) {
        // As one who adopts a journal does.
      }
      if (!oracle.powerWasLost()) {
        requireAllWithoutAnEnd(left);
      }
      left.abandon();
    }
    running = ShortJournals.follow(taking, this::summary, noteAfter, false);
  }

  private void requireAllWithoutAnEnd(RunningExecutions left) {
    Set<Integer> found = new HashSet<>();
    left.running()
        .forEach(header -> found.add((int) header.executionId().getLeastSignificantBits()));
    for (Execution execution : all) {
      SimulationOracle.require(
          !execution.started || execution.mayHaveEnded || found.contains(execution.number),
          "execution " + execution.number + " of a life before has no end and gets none");
    }
  }

  /** Follows what was appended, unless that is being done. */
  void poll() {
    RunningExecutions following = running;
    if (!polling && following != null) {
      polling = true;
      following.poll();
      polling = false;
    }
  }

  /** Returns the next record of one of a thread's executions. */
  Step next(int thread, int stripe) {
    List<Execution> own = open.stream().filter(execution -> execution.thread == thread).toList();
    if (own.isEmpty() || (open.size() < OPEN_MAX && random.oneIn(4))) {
      Execution begun = new Execution(all.size(), thread, stripe);
      all.add(begun);
      return new Step(begun, Kind.START);
    }
    Execution going = own.get(random.below(own.size()));
    Kind kind = random.oneIn(5) ? Kind.END : Kind.STAGE;
    return new Step(going, kind);
  }

  /** A thread begins to append the record of a step. */
  void appending(Step step, SimulationOracle.Appended record) {
    steps.put(record.id, step);
    if (step.kind() == Kind.END) {
      step.execution().mayHaveEnded = true;
      open.remove(step.execution());
    }
  }

  /** The thread has appended it. */
  void appended(Step step, boolean taken, boolean deferred) {
    if (step.kind() == Kind.START && taken) {
      step.execution().started = !deferred;
      open.add(step.execution());
    }
  }

  private EventSummary summary(byte[] payload) {
    int id = SimulatedPayload.idOf(payload);
    if (id < 0) {
      return summary(-1 - id, EventType.STARTED, 2);
    }
    Step step = steps.get(id);
    if (step == null) {
      throw new IllegalArgumentException("of no execution");
    }
    return switch (step.kind()) {
      case START -> summary(step.execution().number, EventType.STARTED, 1);
      case STAGE -> summary(step.execution().number, EventType.PROGRESS, 3);
      case END -> summary(step.execution().number, EventType.COMPLETED, 4);
    };
  }

  private static EventSummary summary(int number, EventType type, int seq) {
    return new EventSummary(
        type, new EventHeader(new UUID(0, number), seq, 1, 0, "router", NAME, NAME, INSTANCE));
  }

  /** The journal, with payloads that the oracle knows for what the agent appends itself. */
  private final class Taking implements Journal {
    private final DiskJournal journal;
    private final Runnable aliveCheck;

    Taking(DiskJournal journal, Runnable aliveCheck) {
      this.journal = journal;
      this.aliveCheck = aliveCheck;
    }

    private int executionOf(byte[] record) {
      return (int) decoder.summary(record).header().executionId().getLeastSignificantBits();
    }

    @Override
    public boolean append(
        int stripe, boolean essential, byte[] head, int headLength, byte[] tail, int tailLength) {
      Execution ended = all.get(executionOf(head));
      byte[] payload = SimulatedPayload.of(oracle.appendedCount(), headLength, random);
      SimulationOracle.Appended record = oracle.appending(OWN_THREAD, stripe, payload);
      steps.put(record.id, new Step(ended, Kind.END));
      long deferredBefore = journal.deferredCount();
      boolean taken = journal.append(stripe, essential, payload, payload.length, payload, 0);
      aliveCheck.run();
      boolean deferred = journal.deferredCount() > deferredBefore;
      oracle.appended(record, taken, deferred);
      ended.mayHaveEnded = true; // Or it found no room, and whoever adopts a journal leaves it.
      return taken;
    }

    @Override
    public boolean note(int stripe, byte[] payload) {
      Execution execution = all.get(executionOf(payload));
      byte[] named = SimulatedPayload.of(-1 - execution.number, payload.length, random);
      long deferredBefore = journal.deferredCount();
      boolean taken = journal.note(stripe, named);
      aliveCheck.run();
      if (!taken || journal.deferredCount() > deferredBefore) {
        execution.started = false; // The journal was full, and is not kept full for it.
      }
      return taken;
    }

    @Override
    public UUID instanceId() {
      return journal.instanceId();
    }

    @Override
    public int stripeCount() {
      return journal.stripeCount();
    }

    @Override
    public JournalReader openReader(String name) {
      return journal.openReader(name);
    }

    @Override
    public JournalFollower openFollower() {
      return journal.openFollower();
    }

    @Override
    public int doWork() {
      return journal.doWork();
    }

    @Override
    public void force() {
      journal.force();
    }

    @Override
    public void warmUp() {
      journal.warmUp();
    }

    @Override
    public int giveUpWaiting() {
      return journal.giveUpWaiting();
    }

    @Override
    public long deferredCount() {
      return journal.deferredCount();
    }

    @Override
    public Map<String, Long> dropped() {
      return journal.dropped();
    }

    @Override
    public void close() {
      journal.close();
    }
  }
}
