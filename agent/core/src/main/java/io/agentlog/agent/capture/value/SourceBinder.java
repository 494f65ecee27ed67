package io.agentlog.agent.capture.value;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.agent.capture.value.MethodSources.DecisionSources;
import io.agentlog.agent.capture.value.MethodSources.ExecutionSources;
import io.agentlog.agent.capture.value.MethodSources.KeyedSource;
import io.agentlog.agent.capture.value.MethodSources.StageSources;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Binds the sources of one method: an explicit path first, then annotated values, then known names.
 * Not thread-safe; used once.
 */
final class SourceBinder {
  private static final int KEY_LENGTH_MAX = 128;

  /** Metadata keys that only the agent writes. */
  private static final Set<String> RESERVED_KEYS = Set.of("progress", "completed_at");

  private final MethodSpec spec;
  private final ValueFailures failures;
  private final Members members;
  private final DeclaredTypes types;
  private final Map<String, FailureOnce> failuresByPath = new HashMap<>();

  SourceBinder(MethodSpec spec, Class<?> type, PackageOpener opener, ValueFailures failures) {
    this.spec = spec;
    this.failures = failures;
    this.members = new Members(opener);
    this.types = new DeclaredTypes(spec, type, members, this::failed);
  }

  MethodSources bind() {
    ExecutionSpec execution = spec.execution();
    StageSpec stage = spec.stage();
    DecisionSpec decision = spec.decision();
    IntelligenceSpec intelligence = spec.intelligence();
    return new MethodSources(
        execution == null ? null : execution(execution),
        stage == null ? null : stage(stage),
        decision == null ? null : decision(decision),
        intelligence == null ? null : intelligence(intelligence),
        spec.resumedBy() == null ? null : label());
  }

  /** Reads the label of the last argument, if that is the method's own object. */
  private ValueSource label() {
    ValueStep[] steps = {new ValueStep.NamedMember("label", members)};
    return new ValueSource(spec.parameters().size() - 1, steps, "label", once("label"));
  }

  private ExecutionSources execution(ExecutionSpec execution) {
    Keyed keyed = new Keyed();
    execution.metadata().forEach(entry -> keyed.addEntry(entry, true));
    addMarkedMetadata(keyed);
    return new ExecutionSources(
        find(execution.prompt(), "Prompt", ParameterNames.PROMPT),
        find(execution.instructions(), "Instructions", ParameterNames.INSTRUCTIONS),
        correlation(execution),
        find(execution.sessionId(), "SessionId", ParameterNames.SESSION),
        find("", "ProjectPath", List.of()),
        find("", "ProjectName", List.of()),
        header(HeaderNames.TRACE),
        quality(execution.quality()),
        keyed.entry,
        keyed.exit);
  }

  private @Nullable ValueSource correlation(ExecutionSpec execution) {
    ValueSource given =
        find(execution.correlationId(), "CorrelationId", ParameterNames.CORRELATION);
    return given == null ? header(HeaderNames.CORRELATION) : given;
  }

  /** Reads the first present header of the first parameter that has headers. */
  private @Nullable ValueSource header(List<String> names) {
    for (int i = 0; i < spec.parameters().size(); i++) {
      HeaderReader headers = types.headers(i);
      if (headers != null) {
        ValueStep step = new ValueStep.Header(headers, names);
        String text = spec.parameters().get(i).name() + step;
        return new ValueSource(i, new ValueStep[] {step}, text, once(text));
      }
    }
    return null;
  }

  private StageSources stage(StageSpec stage) {
    Keyed keyed = new Keyed();
    boolean resultKnown = stage.at() != StageSpec.At.ENTRY;
    stage.metadata().forEach(entry -> keyed.addEntry(entry, resultKnown));
    return new StageSources(keyed.entry, keyed.exit);
  }

  private DecisionSources decision(DecisionSpec decision) {
    return new DecisionSources(
        explicit(decision.agent(), true),
        explicit(decision.confidence(), true),
        explicit(decision.strategy(), true),
        explicit(decision.reasoning(), true),
        explicit(decision.alternatives(), true),
        explicit(decision.components(), true),
        component(decision, "trigger"),
        component(decision, "context"),
        component(decision, "capability"),
        component(decision, "historical"));
  }

  private IntelligenceSources intelligence(IntelligenceSpec intelligence) {
    int query = indexOf(IntelligenceSpec.QUERY);
    return new IntelligenceBinder(members, path -> explicit(path, true), this::once)
        .bind(intelligence, query < 0 ? null : parameter(query));
  }

  private @Nullable ValueSource component(DecisionSpec decision, String name) {
    ValueSource components = explicit(decision.components(), true);
    return components == null
        ? null
        : components.then(new ValueStep.NamedMember(name, members), this::once);
  }

  /** Finds a source; the first match wins. Nothing replaces an explicit path that fails. */
  private @Nullable ValueSource find(String path, String mark, List<String> names) {
    if (!path.isBlank()) {
      return explicit(path, false);
    }
    for (int i = 0; i < spec.parameters().size(); i++) {
      if (spec.parameters().get(i).marks().contains(mark)) {
        return parameter(i);
      }
    }
    for (int i = 0; i < spec.parameters().size(); i++) {
      for (MarkedMember marked : types.markedMembers(i)) {
        if (marked.mark().equals(mark)) {
          return member(i, marked.member());
        }
      }
    }
    for (String name : names) {
      int i = indexOf(name);
      if (i >= 0 && types.mayHoldText(i)) {
        return parameter(i);
      }
    }
    for (int i = 0; i < spec.parameters().size(); i++) {
      for (String name : names) {
        if (types.namedMember(i, name) != null) {
          return guessed(i, name);
        }
      }
    }
    return null;
  }

  private void addMarkedMetadata(Keyed keyed) {
    for (int i = 0; i < spec.parameters().size(); i++) {
      String key = spec.parameters().get(i).metadataKey();
      if (key != null) {
        keyed.addMarked(key, parameter(i));
      }
    }
    for (int i = 0; i < spec.parameters().size(); i++) {
      for (MarkedMember marked : types.markedMembers(i)) {
        if (marked.metadataKey() != null) {
          keyed.addMarked(marked.metadataKey(), member(i, marked.member()));
        }
      }
    }
  }

  /**
   * Finds the quality score. Without a path, searches the mark in the result's own class, because
   * methods declare interfaces, type variables and futures, unless the declared type rules the mark
   * out.
   */
  private @Nullable ValueSource quality(String path) {
    if (!path.isBlank()) {
      return explicit(path, true);
    }
    if (!types.resultMayBeMarked()) {
      return null;
    }
    String text = "@QualityScore of result";
    // Must capture neither this binder nor a class: classes hold the ClassValue they have used.
    ValueStep step = new ValueStep.SearchedMember(text, qualityReaders(members));
    return new ValueSource(ValueSource.RESULT, new ValueStep[] {step}, text, once(text));
  }

  private static ReadersByClass qualityReaders(Members members) {
    return new ReadersByClass(type -> DeclaredTypes.qualityReader(type, members));
  }

  private @Nullable ValueSource explicit(String path, boolean resultKnown) {
    if (path.isBlank()) {
      return null;
    }
    try {
      return bind(ValuePath.parse(path), resultKnown);
    } catch (ValuePath.SyntaxException e) {
      failed(Texts.cut(path, ValuePath.TEXT_LENGTH_MAX), "not a value path: " + e.getMessage());
      return null;
    }
  }

  private @Nullable ValueSource bind(ValuePath path, boolean resultKnown) {
    int root;
    if (path.root().equals("this")) {
      if (spec.isStatic()) {
        failed(path.text(), "the method is static, so there is no 'this'");
        return null;
      }
      root = ValueSource.SELF;
    } else if (path.root().equals("result") && !spec.descriptor().endsWith(")V")) {
      if (!resultKnown) {
        failed(path.text(), "the path is read at entry, when there is no 'result' yet");
        return null;
      }
      root = ValueSource.RESULT;
    } else {
      root = indexOf(path.root());
      if (root < 0) {
        failed(path.text(), noParameter(path.root()));
        return null;
      }
    }
    ValueStep[] steps =
        path.steps().stream().map(step -> ValueStep.of(step, members)).toArray(ValueStep[]::new);
    return new ValueSource(root, steps, path.text(), once(path.text()));
  }

  private ValueSource parameter(int index) {
    String text = spec.parameters().get(index).name();
    return new ValueSource(index, new ValueStep[0], text, once(text));
  }

  private @Nullable ValueSource member(int index, java.lang.reflect.Member member) {
    String text = spec.parameters().get(index).name() + "." + member.getName();
    try {
      ValueStep step =
          new ValueStep.BoundMember(
              member.getName(), members.handle(member, member.getDeclaringClass()));
      return new ValueSource(index, new ValueStep[] {step}, text, once(text));
    } catch (Throwable t) {
      failed(text, "not accessible: " + Members.describe(t));
      return null;
    }
  }

  private ValueSource guessed(int index, String name) {
    String text = spec.parameters().get(index).name() + "." + name;
    ValueStep step = new ValueStep.SearchedMember("." + name, readersBehind(members, name));
    return new ValueSource(index, new ValueStep[] {step}, text, once(text));
  }

  private static ReadersByClass readersBehind(Members members, String name) {
    return new ReadersByClass(type -> members.behind(type, name));
  }

  /** Finds a parameter by one of its names, else by {@code argN}; negative if there is none. */
  private int indexOf(String name) {
    List<ParameterSpec> parameters = spec.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      if (parameters.get(i).aliases().contains(name)) {
        return i;
      }
    }
    for (int i = 0; i < parameters.size(); i++) {
      if (name.equals("arg" + i)) {
        return i;
      }
    }
    return -1;
  }

  private String noParameter(String name) {
    if (name.equals("result")) {
      return "the method returns nothing, so there is no 'result'";
    }
    List<String> names =
        spec.parameters().stream()
            .flatMap(
                each -> Stream.concat(Stream.of(each.name()), each.aliases().stream().sorted()))
            .distinct()
            .toList();
    return "no parameter '%s'; the method has %s"
        .formatted(name, names.isEmpty() ? "none" : String.join(", ", names));
  }

  private void failed(String path, String reason) {
    once(path).report(reason);
  }

  private FailureOnce once(String path) {
    return failuresByPath.computeIfAbsent(
        path, text -> new FailureOnce(failures, spec.displayName(), text));
  }

  /** Collects metadata entries; the first entry of a key wins. */
  private final class Keyed {
    final List<KeyedSource> entry = new ArrayList<>();
    final List<KeyedSource> exit = new ArrayList<>();
    private final Set<String> keys = new HashSet<>();

    /** Adds {@code key=path}. */
    void addEntry(String text, boolean resultKnown) {
      int equals = text.indexOf('=');
      String path = text.substring(equals + 1).strip();
      if (equals < 0 || path.isEmpty()) {
        failed(Texts.cut(text, ValuePath.TEXT_LENGTH_MAX), "not of the form key=path");
        return;
      }
      String key = text.substring(0, equals).strip();
      String problem = keys.contains(key) ? "the key is given twice" : problemOf(key);
      if (problem != null) {
        failed(Texts.cut(text, ValuePath.TEXT_LENGTH_MAX), problem);
        return;
      }
      add(key, explicit(path, resultKnown));
    }

    /** Adds the value that an annotation names, unless an explicit entry has the key. */
    void addMarked(String key, @Nullable ValueSource source) {
      String problem = problemOf(key);
      if (problem != null) {
        failed("@Metadata(\"" + Texts.cut(key, ValuePath.TEXT_LENGTH_MAX) + "\")", problem);
      } else if (!keys.contains(key)) {
        add(key, source);
      }
    }

    private void add(String key, @Nullable ValueSource source) {
      if (source != null) {
        keys.add(key);
        (source.usesResult() ? exit : entry).add(new KeyedSource(key, source));
      }
    }

    private static @Nullable String problemOf(String key) {
      if (RESERVED_KEYS.contains(key)) {
        return "the key '" + key + "' is reserved";
      }
      return key.isEmpty()
              || key.length() > KEY_LENGTH_MAX
              || key.chars().anyMatch(Character::isISOControl)
          ? "a key has 1 to " + KEY_LENGTH_MAX + " characters, none of them a control character"
          : null;
    }
  }
}
