package io.agentlog.agent.capture.async;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reactor's {@code Mono} and {@code Flux} in the application's own version, observed by operators
 * that take functional interfaces of the JDK and by one {@link Proxy} of {@code Publisher}. The
 * first terminal signal of any subscription is the end. The value of a {@code Flux} is its last
 * element.
 *
 * <pre>
 *  what the caller gets:  doOnCancel(doOnError(doOnSuccess(fromDirect(proxy of what was returned))))
 *                                                                     subscribes within the execution
 * </pre>
 */
final class ReactorType implements AsyncType {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.publicLookup();

  private final Class<?> type;
  private final Class<?> publisher;
  private final MethodHandle from;
  private final MethodHandle subscribe;

  /** Null for a Flux, which uses {@link #doOnNext} and {@link #doOnComplete} instead. */
  private final @Nullable MethodHandle doOnSuccess;

  private final @Nullable MethodHandle doOnNext;
  private final @Nullable MethodHandle doOnComplete;
  private final MethodHandle doOnError;
  private final MethodHandle doOnCancel;

  private ReactorType(ClassLoader loader, String name, boolean single)
      throws ReflectiveOperationException {
    type = Class.forName(name, false, loader);
    publisher = Class.forName("org.reactivestreams.Publisher", false, type.getClassLoader());
    from = unreflect(type.getMethod(single ? "fromDirect" : "from", publisher));
    Class<?> subscriber =
        Class.forName("org.reactivestreams.Subscriber", false, type.getClassLoader());
    subscribe = unreflect(publisher.getMethod("subscribe", subscriber));
    doOnSuccess = single ? operator("doOnSuccess", Consumer.class) : null;
    doOnNext = single ? null : operator("doOnNext", Consumer.class);
    doOnComplete = single ? null : operator("doOnComplete", Runnable.class);
    doOnError = operator("doOnError", Consumer.class);
    doOnCancel = operator("doOnCancel", Runnable.class);
  }

  static ReactorType mono(@Nullable ClassLoader loader) throws ReflectiveOperationException {
    return new ReactorType(known(loader), "reactor.core.publisher.Mono", true);
  }

  static ReactorType flux(@Nullable ClassLoader loader) throws ReflectiveOperationException {
    return new ReactorType(known(loader), "reactor.core.publisher.Flux", false);
  }

  @Override
  public boolean includes(Object result) {
    return type.isInstance(result);
  }

  @Override
  public Object observe(Object result, AsyncEnd end) throws Throwable {
    Object observed = from.invoke(subscribingWithin(result, end));
    if (doOnSuccess != null) {
      Consumer<@Nullable Object> succeeded = end::succeeded;
      observed = doOnSuccess.invoke(observed, succeeded);
    } else if (doOnNext != null && doOnComplete != null) {
      Last last = new Last();
      if (end.readsValue()) {
        observed = doOnNext.invoke(observed, last);
      }
      Runnable completed = () -> end.succeeded(last.value);
      observed = doOnComplete.invoke(observed, completed);
    }
    Consumer<Throwable> failed = end::failed;
    observed = doOnError.invoke(observed, failed);
    Runnable cancelled = end::cancelled;
    return doOnCancel.invoke(observed, cancelled);
  }

  /** Makes a publisher whose subscribing, and all that this starts, belongs to the execution. */
  private Object subscribingWithin(Object source, AsyncEnd end) {
    InvocationHandler handler =
        (proxy, method, arguments) ->
            method.getDeclaringClass() == Object.class
                ? ofObject(source, proxy, method, arguments)
                : subscribe(source, end, arguments[0]);
    return Proxy.newProxyInstance(publisher.getClassLoader(), new Class<?>[] {publisher}, handler);
  }

  private @Nullable Object subscribe(Object source, AsyncEnd end, Object subscriber)
      throws Throwable {
    if (end.isTold()) {
      return subscribe.invoke(source, subscriber); // A further subscription, after the end.
    }
    Object entered = end.enter();
    try {
      return subscribe.invoke(source, subscriber);
    } finally {
      end.leave(entered);
    }
  }

  private static Object ofObject(
      Object source, Object proxy, Method method, Object @Nullable [] arguments) {
    return switch (method.getName()) {
      case "equals" -> arguments != null && proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      default -> source.toString();
    };
  }

  private MethodHandle operator(String name, Class<?> callback)
      throws ReflectiveOperationException {
    return unreflect(type.getMethod(name, callback));
  }

  private static MethodHandle unreflect(Method method) throws IllegalAccessException {
    return LOOKUP.unreflect(method);
  }

  private static ClassLoader known(@Nullable ClassLoader loader) {
    return loader == null ? ClassLoader.getSystemClassLoader() : loader;
  }

  /** The last element so far; signals of one subscription come one after the other. */
  private static final class Last implements Consumer<Object> {
    private volatile @Nullable Object value;

    @Override
    public void accept(Object element) {
      value = element;
    }
  }
}
