package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The call of the tools that a model has asked for. Where a stream does it on a thread that belongs
 * to no execution, it is led back to the stream's.
 */
final class ToolRounds extends HookHandler {
  private static final String HOLDER =
      "org.springframework.ai.model.tool.internal.ToolCallReactiveContextHolder";

  /** Since 1.1, gives Reactor's context of the stream whose tools the thread calls. */
  private static final ClassValue<Optional<MethodHandle>> CONTEXT_OF_STREAM =
      new ClassValue<>() {
        @Override
        protected Optional<MethodHandle> computeValue(Class<?> type) {
          try {
            Class<?> holder = Class.forName(HOLDER, true, type.getClassLoader());
            return Optional.of(
                MethodHandles.publicLookup().unreflect(holder.getMethod("getContext")));
          } catch (ReflectiveOperationException | LinkageError e) {
            return Optional.empty();
          }
        }
      };

  private final FrameworkContext context;

  ToolRounds(FrameworkContext context) {
    this.context = context;
  }

  /**
   * A round that has begun.
   *
   * @param stream of which it is a part, or null
   * @param entered for {@link Subscribed#leave}
   */
  private record Round(Path.Step step, @Nullable Subscribed stream, @Nullable Object entered) {}

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    Object prompt = arguments[0];
    Object response = arguments[1];
    if (self == null || prompt == null || response == null) {
      return null;
    }
    if (Path.innermost(Path.Kind.ROUND) != null) {
      return null; // A manager that hands on to another.
    }
    Path.Step model = Path.innermost(Path.Kind.MODEL);
    Subscribed stream = null;
    if (model != null) {
      model.isRepeated = true;
    } else {
      stream = stream(prompt, response);
      if (stream instanceof ModelStreams.CallOfStream call) {
        call.hideRounds();
      }
    }
    Object entered = stream != null && !context.capture().isInside() ? stream.enter() : null;
    Path.Step step = Path.enter(Path.Kind.ROUND, self);
    step.asked = asked(response);
    return new Round(step, stream, entered);
  }

  private @Nullable Subscribed stream(Object prompt, Object response) {
    MethodHandle contextOfStream = CONTEXT_OF_STREAM.get(response.getClass()).orElse(null);
    if (contextOfStream != null) {
      try {
        Object reactive = contextOfStream.invoke();
        Subscribed found = reactive == null ? null : Fluxes.subscribed(reactive);
        if (found != null) {
          return found;
        }
      } catch (Throwable e) {
        Observer.report(context, e);
      }
    }
    return StreamsByPrompt.SHARED.get(context.read(prompt, "getInstructions"));
  }

  /** Returns the calls of tools that a model has asked for. */
  private List<@Nullable Object> asked(Object response) {
    List<@Nullable Object> asked = new ArrayList<>();
    if (context.read(response, "getResults") instanceof List<?> results) {
      for (Object result : results) {
        if (context.read(result, "getOutput.getToolCalls") instanceof List<?> calls) {
          asked.addAll(calls);
        }
      }
    }
    return asked;
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    Round round = (Round) token;
    Path.leave(round.step());
    if (round.stream() instanceof ModelStreams.CallOfStream call) {
      StreamsByPrompt.SHARED.put(context.read(result, "conversationHistory"), call, null);
    }
    if (round.stream() != null) {
      round.stream().leave(round.entered());
    }
    return result;
  }
}
