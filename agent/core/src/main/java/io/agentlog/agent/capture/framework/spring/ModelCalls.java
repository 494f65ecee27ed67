package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.PassedAnswers;
import org.jspecify.annotations.Nullable;

/** A blocking call of a model. In 1.x, models call tools inside it and ask again. */
final class ModelCalls extends HookHandler {
  private final FrameworkContext context;

  ModelCalls(FrameworkContext context) {
    this.context = context;
  }

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    if (self == null) {
      return null;
    }
    Path.Step upstream = Path.innermost(Path.Kind.UPSTREAM);
    if (upstream != null && ((ModelStreams.CallOfStream) upstream.subject).isOf(self)) {
      return null; // The stream is made of this call, and is recorded.
    }
    ModelStreams.CallOfStream stream = upstream == null ? ownStream(self, arguments[0]) : null;
    if (stream != null) {
      return Path.enter(Path.Kind.UPSTREAM, stream); // So it is, on another thread.
    }
    ModelCall call = context.capture().model(Models.request(context, self, arguments[0], false));
    if (call == null) {
      return null;
    }
    if (upstream != null) {
      ((ModelStreams.CallOfStream) upstream.subject).delegate();
    }
    Path.Step assembly = Path.innermost(Path.Kind.ASSEMBLY);
    if (assembly != null) {
      assembly.isRepeated = true;
    }
    Path.Step step = Path.enter(Path.Kind.MODEL, self);
    step.call = call;
    return step;
  }

  /** Returns the running stream of this model that was asked the same prompt, or null. */
  private static ModelStreams.@Nullable CallOfStream ownStream(
      Object model, @Nullable Object prompt) {
    if (Path.innermost(Path.Kind.DOWNSTREAM) != null) {
      return null; // The application asks, with what the stream has given it.
    }
    ModelStreams.CallOfStream stream = StreamsByPrompt.SHARED.get(prompt);
    return stream != null && stream.isOf(model) ? stream : null;
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    Path.Step step = (Path.Step) token;
    Path.leave(step);
    if (step.kind == Path.Kind.UPSTREAM) {
      return result;
    }
    Answers answers = new Answers(context, step.subject);
    try {
      answers.add(result);
    } finally {
      if (step.call instanceof ModelCall call) {
        if (result != null) {
          PassedAnswers.answered(call, result);
        }
        call.end(answers.answer(step.isRepeated), thrown);
      }
    }
    return result;
  }

  @Override
  public void tidy() {
    PassedAnswers.tidy();
  }
}
