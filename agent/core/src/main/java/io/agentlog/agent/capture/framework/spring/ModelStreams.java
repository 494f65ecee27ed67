package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkCapture;
import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.PassedAnswers;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** The stream of a model: a call for each subscription. */
final class ModelStreams extends HookHandler {
  private final FrameworkContext context;
  private final StreamsByPrompt streams;

  ModelStreams(FrameworkContext context) {
    this.context = context;
    this.streams = StreamsByPrompt.SHARED;
  }

  /** A call that makes a stream. */
  private record Assembly(Path.Step step, Object model, @Nullable Object prompt) {}

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    return self == null
        ? null
        : new Assembly(Path.enter(Path.Kind.ASSEMBLY, self), self, arguments[0]);
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    Assembly assembly = (Assembly) token;
    Path.leave(assembly.step());
    // A superclass or another overload makes the same stream.
    Path.Step outerAssembly = Path.innermost(Path.Kind.ASSEMBLY);
    boolean isPart = outerAssembly != null && outerAssembly.subject == assembly.model();
    Path.Step blocking = Path.innermost(Path.Kind.MODEL);
    boolean isOfBlocking = blocking != null && blocking.subject == assembly.model();
    if (result == null || assembly.step().isRepeated || isPart || isOfBlocking) {
      return result; // Else the answer of a blocking call would be counted again.
    }
    ModelCall outer = blocking != null && blocking.call instanceof ModelCall call ? call : null;
    return Fluxes.of(result)
        .observed(context, result, around -> subscribed(assembly, outer, around));
  }

  private @Nullable Subscribed subscribed(
      Assembly assembly, @Nullable ModelCall outer, @Nullable Subscribed around) {
    FrameworkCapture capture = context.capture();
    // A thread of a HTTP client knows nothing of the stream inside of which it subscribes.
    Object entered = around == null || capture.isInside() ? null : around.enter();
    try {
      ModelCall call =
          capture.model(Models.request(context, assembly.model(), assembly.prompt(), true));
      if (call == null) {
        return null;
      }
      call.leave();
      if (outer != null) {
        outer.delegate();
      }
      if (around instanceof CallOfStream stream) {
        stream.delegate();
      }
      CallOfStream begun = new CallOfStream(context, call, assembly.model());
      streams.put(assembly.prompt(), begun, around);
      streams.put(context.read(assembly.prompt(), "getInstructions"), begun, around);
      return begun;
    } finally {
      if (around != null) {
        around.leave(entered);
      }
    }
  }

  @Override
  public void tidy() {
    streams.tidy();
  }

  /** The call of one subscription. */
  static final class CallOfStream extends Subscribed {
    private final ModelCall call;
    private final Object model;
    private final Answers answers;
    private boolean hasTokens;
    private volatile boolean hidesRounds;
    private volatile boolean isOver;

    CallOfStream(FrameworkContext context, ModelCall call, Object model) {
      this.call = call;
      this.model = model;
      this.answers = new Answers(context, model);
    }

    boolean isOf(Object other) {
      return model == other;
    }

    boolean isOver() {
      return isOver;
    }

    void delegate() {
      call.delegate();
    }

    /** Takes note that the model calls tools itself and asks again. */
    void hideRounds() {
      hidesRounds = true;
    }

    /** On the way downstream or upstream. */
    private record Entered(Path.Step step, @Nullable Object execution) {}

    @Override
    Object enter() {
      return new Entered(Path.enter(Path.Kind.DOWNSTREAM, this), call.enter());
    }

    @Override
    void leave(@Nullable Object entered) {
      if (entered instanceof Entered known) {
        Path.leave(known.step());
        call.leave(known.execution());
      }
    }

    @Override
    Object enterUpstream() {
      return new Entered(Path.enter(Path.Kind.UPSTREAM, this), call.enter());
    }

    @Override
    void leaveUpstream(@Nullable Object entered) {
      leave(entered);
    }

    @Override
    void next(@Nullable Object element) {
      call.firstToken();
      if (answers.add(element) && !hasTokens && element != null) {
        hasTokens = true; // A stream may give the same object again.
        PassedAnswers.answered(call, element);
      }
    }

    @Override
    void ended(@Nullable Throwable thrown) {
      isOver = true;
      call.end(answers.answer(hidesRounds), thrown);
    }

    @Override
    void cancelled() {
      if (!isOver) {
        ended(new CancellationException());
      }
    }
  }
}
