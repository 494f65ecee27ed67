package io.agentlog.agent.capture;

import static java.util.Objects.requireNonNull;

import io.agentlog.agent.capture.framework.FrameworkCapture;
import io.agentlog.agent.capture.framework.FrameworkOptions;
import io.agentlog.agent.capture.framework.ModelAnswer;
import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.ModelRequest;
import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.capture.framework.RunStart;
import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.privacy.TraceOptions;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.journal.JournalReader;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.prices.Pricing;
import io.agentlog.config.Config;
import io.agentlog.config.ConfigLoader;
import io.agentlog.event.Event;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.InstanceFacts;
import io.agentlog.event.TokenCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;

/** A capture of frameworks over a journal in memory, with one annotated method to nest in. */
final class FrameworkFixture {
  private static final UUID INSTANCE = new UUID(1, 2);

  final Counters counters = new Counters();
  final CaptureBridge bridge;
  final FrameworkCapture frameworks;
  private final HeapJournal journal = new HeapJournal(INSTANCE, 64 << 20);
  private final JournalReader reader = journal.openReader("test");
  private final EventDecoder decoder =
      new EventDecoder(new InstanceFacts(INSTANCE, null, null, null, null));
  private final List<Event> events = new ArrayList<>();

  /**
   * @param options names and values in turn
   */
  FrameworkFixture(String... options) {
    this(Pricing.NONE, options);
  }

  FrameworkFixture(Pricing pricing, String... options) {
    Properties properties = new Properties();
    for (int i = 0; i < options.length; i += 2) {
      properties.setProperty("agentlog." + options[i], options[i + 1]);
    }
    Config config = ConfigLoader.load(null, properties, Map.of());
    CaptureLimits limits = new CaptureLimits(1_000, 1_000, 4_000);
    Capture capture =
        new Capture(
            journal,
            limits,
            Privacy.of(config, counters, line -> {}),
            TraceOptions.of(config),
            new Surroundings(type -> {}, counters),
            type -> {},
            counters);
    MethodSpec method =
        new MethodSpec(
            FrameworkFixture.class.getName(),
            "handle",
            "()V",
            true,
            List.of(),
            new ExecutionSpec("desk", "", "", "", "", List.of()),
            null,
            null);
    MethodPlans plans =
        new MethodPlans(type -> List.of(method), limits, type -> {}, (name, path, reason) -> {});
    bridge = new CaptureBridge(plans, capture, counters);
    frameworks = FrameworkRecording.of(bridge, capture, FrameworkOptions.of(config), pricing);
  }

  /** Enters the annotated method. */
  Object enterMethod() {
    return requireNonNull(bridge.onEnter(getClass(), 0, null, new Object[0]));
  }

  static RunStart start(String agent) {
    return new RunStart(
        Event.Kind.AI_SERVICE, agent, null, null, Map.of("framework", Map.of("name", "fake")));
  }

  Run begin(String agent) {
    return requireNonNull(frameworks.begin(start(agent)));
  }

  /** Begins a run whose prompt is known. */
  Run begun(String agent) {
    Run run = begin(agent);
    run.start("prompt of " + agent, null, Map.of());
    return run;
  }

  static ModelRequest request(String model, Object receiver) {
    return new ModelRequest("fake", "maker", model, false, receiver);
  }

  ModelCall model(String model) {
    return requireNonNull(frameworks.model(request(model, new Object())));
  }

  static ModelAnswer answer(long input, long output) {
    return new ModelAnswer(
        "fake-1", "stop", new TokenCounts(input, output, null, null, null), Map.of());
  }

  /** Calls a model that answers. */
  void callModel(String model, long input, long output) {
    model(model).end(answer(input, output), null);
  }

  /** Returns every event so far. */
  List<Event> events() {
    reader.read(1_000_000, Long.MAX_VALUE).records().stream()
        .map(decoder::decode)
        .forEach(events::add);
    return List.copyOf(events);
  }

  <E extends Event> List<E> events(Class<E> type) {
    return events().stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** Returns the one event of a type and an agent. */
  <E extends Event> E event(Class<E> type, String agent) {
    List<E> found =
        events(type).stream().filter(each -> each.header().agentName().equals(agent)).toList();
    if (found.size() != 1) {
      throw new AssertionError("not one %s of %s: %s".formatted(type, agent, events()));
    }
    return found.get(0);
  }

  List<String> stages() {
    return events(Event.Progress.class).stream().map(Event.Progress::stage).toList();
  }
}
