package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.Surroundings;
import io.agentlog.agent.capture.framework.FrameworkActivation;
import io.agentlog.agent.capture.framework.FrameworkSpec;
import io.agentlog.agent.capture.framework.FrameworkValues;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.HookSpec;
import io.agentlog.agent.capture.framework.HookSpec.Form;
import io.agentlog.agent.capture.framework.HookSpec.Match;
import io.agentlog.agent.capture.framework.NoCapture;
import io.agentlog.agent.instrumentation.cache.WovenClasses;
import io.agentlog.agent.instrumentation.rules.Rules;
import io.agentlog.agent.metrics.Counters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A framework of the test's own, whose handlers note each call as a line. */
final class FakeFramework {
  static final String MARKER = "fake/";

  final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  final List<HookSpec> hooks = new ArrayList<>();
  final List<HookSpec.Read> reads = new ArrayList<>();
  UnaryOperator<@Nullable Object> argument = UnaryOperator.identity();
  UnaryOperator<@Nullable Object> result = UnaryOperator.identity();
  boolean throwsAtEntry;

  FakeFramework hook(Match match, String className, String method, String descriptor) {
    return hook(match, className, method, descriptor, Form.OBSERVES, -1);
  }

  FakeFramework hook(
      Match match, String className, String method, String descriptor, Form form, int replaced) {
    return hook(match, className, method, descriptor, form, replaced, true);
  }

  FakeFramework hook(
      Match match,
      String className,
      String method,
      String descriptor,
      Form form,
      int replaced,
      boolean isRequired) {
    hooks.add(
        new HookSpec(
            match,
            className,
            method,
            descriptor,
            form,
            replaced,
            isRequired,
            "loss of " + method,
            context -> new Noting(method)));
    return this;
  }

  FrameworkSpec spec() {
    return new FrameworkSpec(
        "fake", MARKER, "org.fake:fake", "1.2.0", List.of("1.2.0", "1.9.0"), "all", hooks, reads);
  }

  FrameworkWeaving weaving(String option) {
    FrameworkWeaving weaving =
        new FrameworkWeaving(
            FrameworkChoice.of(option, List.of("fake"), List.of(MARKER)),
            List.of(spec()),
            () -> {});
    weaving.use(
        WovenClasses.NONE,
        () -> {},
        new FrameworkActivation(
            versions -> new FrameworkValues(new NoCapture(), type -> {}, versions)));
    return weaving;
  }

  WeavingLoader loader(Map<String, byte[]> files) {
    return loader("all", files);
  }

  WeavingLoader loader(String option, Map<String, byte[]> files) {
    AgentTransformer transformer =
        new AgentTransformer(
            Rules.NONE,
            WeavingScope.ALL,
            new Surroundings(type -> {}, new Counters()),
            weaving(option),
            new Counters(),
            () -> {},
            () -> {});
    return new WeavingLoader(transformer, files);
  }

  private final class Noting extends HookHandler {
    private final String method;

    Noting(String method) {
      this.method = method;
    }

    @Override
    public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
      calls.add("enter " + method + " " + name(self) + " " + Arrays.toString(arguments));
      if (throwsAtEntry) {
        throw new StackOverflowError("of the handler");
      }
      return "token of " + method;
    }

    @Override
    public @Nullable Object argument(Object token, @Nullable Object given) {
      calls.add("argument " + given + " " + token);
      return argument.apply(given);
    }

    @Override
    public @Nullable Object exit(
        Object token, @Nullable Object self, @Nullable Object given, @Nullable Throwable thrown) {
      calls.add("exit " + token + " " + name(self) + " " + given + " " + thrown);
      return result.apply(given);
    }
  }

  private static @Nullable String name(@Nullable Object self) {
    return self == null ? null : self.getClass().getSimpleName();
  }
}
