package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.ModelAnswer;
import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.PassedAnswers;
import io.agentlog.agent.capture.framework.Run;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.UndeclaredThrowableException;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for the handler that a model calls back, on whatever thread: takes note of tokens and
 * of the end, and calls the handler itself inside the run that has asked. The handler's results and
 * exceptions are passed on as they are.
 */
final class StreamCallbacks implements InvocationHandler {
  private static final String HANDLER =
      "dev.langchain4j.model.chat.response.StreamingChatResponseHandler";

  private final FrameworkContext context;
  private final ModelAnswers answers;
  private final Object delegate;
  private final @Nullable ModelCall call;
  private final @Nullable Run run;
  private final @Nullable StreamedRun stream;
  private final StreamEnd end;
  private volatile boolean isCalledBack;

  /** The checked exception that the handler threw last, or null. */
  private volatile @Nullable Throwable undeclared;

  /**
   * @param call null if the model's call is not recorded
   * @param run in which the callbacks are called; null leaves them where they come
   * @param stream the service's stream in which the model was asked, or null
   * @param isOwn true if the handler is the stream's own
   */
  StreamCallbacks(
      FrameworkContext context,
      ModelAnswers answers,
      Object delegate,
      @Nullable ModelCall call,
      @Nullable Run run,
      @Nullable StreamedRun stream,
      boolean isOwn) {
    this.context = context;
    this.answers = answers;
    this.delegate = delegate;
    this.call = call;
    this.run = run;
    this.stream = stream;
    this.end = new StreamEnd(call, isOwn ? stream : null);
  }

  @Nullable ModelCall call() {
    return call;
  }

  /** True if a handler is one of these already: the model's method calls another of its own. */
  static boolean isOne(Object handler) {
    return Proxy.isProxyClass(handler.getClass())
        && Proxy.getInvocationHandler(handler) instanceof StreamCallbacks;
  }

  /**
   * Returns the handler for the model.
   *
   * @return {@code argument} itself if it is no handler
   */
  Object proxy(Object argument) {
    Class<?> type = handlerType(argument.getClass());
    return type == null
        ? argument
        : Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, this);
  }

  private static @Nullable Class<?> handlerType(Class<?> type) {
    for (Class<?> each = type; each != null; each = each.getSuperclass()) {
      Class<?> found = amongInterfaces(each);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable Class<?> amongInterfaces(Class<?> type) {
    for (Class<?> each : type.getInterfaces()) {
      Class<?> found = each.getName().equals(HANDLER) ? each : amongInterfaces(each);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    if (method.getDeclaringClass() == Object.class) {
      return call(method, unwrapped(args));
    }
    declare(method, args);
    leaveModel();
    note(method.getName(), args);
    StreamedRun before = StreamedRun.INNERMOST.enter(stream);
    Object entered = run == null ? null : run.enter();
    try {
      return call(method, args);
    } finally {
      if (run != null) {
        run.leave(entered);
      }
      StreamedRun.INNERMOST.leave(before);
    }
  }

  /**
   * Leaves the model's call with the first callback: a model may call back before its method
   * returns, and what the handler asks then is no part of the call.
   */
  private void leaveModel() {
    if (call != null && !isCalledBack) {
      isCalledBack = true; // A race leaves it twice, which is the same.
      call.leave();
    }
  }

  private @Nullable Object call(Method method, @Nullable Object @Nullable [] args)
      throws Throwable {
    try {
      return method.invoke(delegate, args);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (!(cause instanceof RuntimeException || cause instanceof Error)) {
        undeclared = cause;
      }
      throw cause;
    }
  }

  /** Returns the arguments of {@code equals} so that a handler equals itself. */
  private static @Nullable Object @Nullable [] unwrapped(@Nullable Object @Nullable [] args) {
    return args != null
            && args.length == 1
            && args[0] != null
            && Proxy.isProxyClass(args[0].getClass())
            && Proxy.getInvocationHandler(args[0]) instanceof StreamCallbacks other
        ? new Object[] {other.delegate}
        : args;
  }

  /**
   * Gives the handler its own exception back. Kotlin and Lombok throw checked exceptions that no
   * method declares; a proxy wraps them, and models hand over what a callback has thrown.
   */
  private void declare(Method method, @Nullable Object @Nullable [] args) {
    Throwable thrown = undeclared;
    if (thrown != null
        && args != null
        && method.getName().equals("onError")
        && args[0] instanceof UndeclaredThrowableException wrapper
        && wrapper.getUndeclaredThrowable() == thrown) {
      args[0] = thrown;
    }
  }

  @SuppressWarnings("CatchingUnchecked") // Nothing of ours reaches the model.
  private void note(String callback, @Nullable Object @Nullable [] args) {
    try {
      if (args == null || args.length == 0) {
        return;
      }
      if (callback.equals("onCompleteResponse")) {
        end.over();
        if (call != null && args[0] != null) {
          PassedAnswers.answered(call, args[0]);
        }
        end(answers.of(args[0]), null);
      } else if (callback.equals("onError")) {
        end.over();
        end(null, args[0] instanceof Throwable error ? error : null);
      } else if (callback.startsWith("onPartial")) {
        part(args);
      }
    } catch (Throwable t) {
      // The handler is called all the same.
    }
  }

  private void part(@Nullable Object[] args) {
    if (call != null) {
      call.firstToken();
    }
    Object handle = args.length < 2 ? null : context.read(args[1], "streamingHandle");
    if (handle != null) {
      end.cancelledBy(handle);
    }
  }

  private void end(@Nullable ModelAnswer answer, @Nullable Throwable thrown) {
    if (call != null) {
      call.end(answer, thrown);
    }
  }
}
