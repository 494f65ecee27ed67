package io.agentlog.agent.capture.value;

import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.value.IntelligenceSources.OfItem;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Binds the sources of used knowledge. What is not named by a path is guessed: a field behind a
 * component or getter, whose code is not called, or a key of a map. Not thread-safe; used once.
 */
final class IntelligenceBinder {
  private static final List<String> IDS = List.of("id");
  private static final List<String> NAMES = List.of("name", "title");
  private static final List<String> SCORES = List.of("score", "confidence");
  private static final List<String> SUMMARIES = List.of("summary", "text", "content");

  private final Members members;
  private final Function<String, @Nullable ValueSource> explicit;
  private final Function<String, FailureOnce> failures;

  /**
   * @param explicit binds a path of the call; reports one that does not resolve, and gives null
   * @param failures gives what reports the failures of a path
   */
  IntelligenceBinder(
      Members members,
      Function<String, @Nullable ValueSource> explicit,
      Function<String, FailureOnce> failures) {
    this.members = members;
    this.explicit = explicit;
    this.failures = failures;
  }

  /**
   * @param query the parameter that is the query without a path, or null
   */
  IntelligenceSources bind(IntelligenceSpec spec, @Nullable ValueSource query) {
    return new IntelligenceSources(
        explicit.apply(spec.items()),
        spec.query().isBlank() ? query : explicit.apply(spec.query()),
        ofItem(spec.id(), IDS),
        ofItem(spec.name(), NAMES),
        ofItem(spec.score(), SCORES),
        ofItem(spec.summary(), SUMMARIES),
        spec.applied().isBlank() || spec.appliedAlways() != null
            ? null
            : ofItem(spec.applied(), List.of()));
  }

  private @Nullable OfItem ofItem(String path, List<String> guesses) {
    if (path.isBlank()) {
      return new OfItem(guessed(guesses), true);
    }
    ValuePath parsed = pathOfItem(path);
    if (parsed == null) {
      ValueSource source = explicit.apply(path);
      return source == null ? null : new OfItem(source, false);
    }
    ValueStep[] steps =
        parsed.steps().stream().map(step -> ValueStep.of(step, members)).toArray(ValueStep[]::new);
    return new OfItem(
        new ValueSource(ValueSource.RESULT, steps, parsed.text(), failures.apply(parsed.text())),
        true);
  }

  /** Returns the path if it begins at the item; null if it is another one, or none at all. */
  private static @Nullable ValuePath pathOfItem(String path) {
    try {
      ValuePath parsed = ValuePath.parse(path);
      return parsed.root().equals(IntelligenceSpec.ITEM) ? parsed : null;
    } catch (ValuePath.SyntaxException e) { // Reported where it is bound.
      return null;
    }
  }

  private ValueSource guessed(List<String> names) {
    String text = IntelligenceSpec.ITEM + "." + names.get(0);
    ValueStep[] steps = {new ValueStep.Guessed(names, readers(members, names))};
    return new ValueSource(ValueSource.RESULT, steps, text, failures.apply(text));
  }

  /** Must capture neither this binder nor a class: classes hold the ClassValue they have used. */
  private static ReadersByClass readers(Members members, List<String> names) {
    return new ReadersByClass(type -> reader(type, members, names));
  }

  private static MemberReader reader(Class<?> type, Members members, List<String> names) {
    if (!Types.isJdk(type)) {
      for (String name : names) {
        MemberReader reader = members.behind(type, name);
        if (reader.isReadable()) {
          return reader;
        }
      }
    }
    return MemberReader.absent(type);
  }
}
