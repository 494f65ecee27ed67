package io.agentlog.agent.capture;

import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.privacy.TraceOptions;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.journal.JournalReader;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.config.ConfigLoader;
import io.agentlog.event.Event;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.InstanceFacts;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** A capture of the whole trace, with methods that are woven, and what its journal holds. */
abstract class TraceFixture {
  private static final UUID INSTANCE = new UUID(1, 2);
  static final int EXECUTION = 0;
  static final int SEARCH = 1;
  static final int PATHS = 2;
  static final int LATER = 3;
  static final int APPLY = 4;
  static final String MAIL = "secret.person@example.com";

  final HeapJournal journal = new HeapJournal(INSTANCE, 32 << 20);
  private final JournalReader reader = journal.openReader("test");
  private final EventDecoder decoder =
      new EventDecoder(new InstanceFacts(INSTANCE, null, null, null, null));
  final Counters counters = new Counters();
  final List<String> failures = new ArrayList<>();
  CaptureBridge bridge = bridge("traceability", "true");

  /** An item of an application, whose score is no guess of a name. */
  record Pattern(UUID id, String title, double score, String text, Object used) {}

  CaptureBridge bridge(String... options) {
    Properties properties = new Properties();
    for (int i = 0; i < options.length; i += 2) {
      properties.setProperty("agentlog." + options[i], options[i + 1]);
    }
    var config = ConfigLoader.load(null, properties, Map.of());
    CaptureLimits limits = new CaptureLimits(1_000, 1_000, 1_000);
    Capture capture =
        new Capture(
            journal,
            limits,
            Privacy.of(config, counters, line -> {}),
            TraceOptions.of(config),
            new Surroundings(type -> {}, counters),
            type -> {},
            counters);
    Map<Class<?>, List<MethodSpec>> specs = Map.of(getClass(), specs());
    MethodPlans plans =
        new MethodPlans(
            specs::get,
            limits,
            type -> {},
            (method, path, reason) -> failures.add(path + ": " + reason));
    return new CaptureBridge(plans, capture, counters);
  }

  private List<MethodSpec> specs() {
    String any = "Ljava/lang/Object;";
    IntelligenceSpec guessed =
        new IntelligenceSpec(
            "pattern", "qdrant", "patterns", "planning", "result", "", "", "", "", "", "");
    return List.of(
        new MethodSpec(
            getClass().getName(),
            "run",
            "(" + any + any + ")" + any,
            true,
            List.of(
                new ParameterSpec("prompt", Set.of(), null),
                new ParameterSpec("system", Set.of(), null)),
            new ExecutionSpec("tester", "", "", "", "", List.of(), "system"),
            null,
            null),
        method("search", "(Ljava/lang/String;)" + any, guessed, "query"),
        method(
            "paths",
            "(Ljava/lang/String;D)" + any,
            new IntelligenceSpec(
                "", "", "", "", "result.hits", "", "item.text", "score", "", "", "item.used"),
            "first",
            "score"),
        method(
            "later", "(Ljava/lang/String;)Ljava/util/concurrent/CompletableFuture;", guessed, "q"),
        method(
            "apply",
            "(" + any + ")V",
            new IntelligenceSpec("", "", "", "", "pattern", "", "", "", "", "", "true"),
            "pattern"));
  }

  private MethodSpec method(
      String name, String descriptor, IntelligenceSpec spec, String... parameters) {
    return new MethodSpec(
            getClass().getName(),
            name,
            descriptor,
            true,
            Stream.of(parameters).map(each -> new ParameterSpec(each, Set.of(), null)).toList(),
            null,
            null,
            null)
        .marked(null, spec);
  }

  Object run(Object prompt, String instructions) {
    return bridge.onEnter(getClass(), EXECUTION, null, new Object[] {prompt, instructions});
  }

  void end(Object token) {
    bridge.onExit(token, "done", null);
  }

  void found(int plan, Object result) {
    Object call = bridge.onEnter(getClass(), plan, null, new Object[] {"q"});
    bridge.onExit(call, result, null);
  }

  List<Event> events() {
    var batch = reader.read(100_000, Long.MAX_VALUE);
    List<Event> events = batch.records().stream().map(decoder::decode).toList();
    reader.confirm(batch);
    return events;
  }

  List<Event.Prompt> prompts() {
    return events().stream()
        .filter(Event.Prompt.class::isInstance)
        .map(Event.Prompt.class::cast)
        .toList();
  }

  List<Event.IntelligenceUsage> items() {
    return items(events());
  }

  static List<Event.IntelligenceUsage> items(Collection<Event> events) {
    return events.stream()
        .filter(Event.IntelligenceUsage.class::isInstance)
        .map(Event.IntelligenceUsage.class::cast)
        .toList();
  }

  static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }
}
