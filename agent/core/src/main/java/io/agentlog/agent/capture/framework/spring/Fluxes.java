package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reactor's {@code Flux} in the application's own version, observed once for each subscription by
 * proxies of the interfaces of reactive streams.
 *
 * <pre>
 *  application &lt;-- signals --- [ proxy of its subscriber ] &lt;-- signals --- what was returned
 *              --- request --&gt; [ proxy of subscription   ] --- request --&gt;
 *                                each one within the execution; Reactor's context has the Subscribed
 * </pre>
 *
 * <p>Signals are passed within the execution because they come on threads of a HTTP client, which
 * belong to none: what they start, as a tool on another scheduler, belongs to it then.
 */
final class Fluxes {
  private static final String FLUX = "reactor.core.publisher.Flux";
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.publicLookup();

  /** Held by the class itself, so that neither keeps the other. */
  private static final ClassValue<Fluxes> KNOWN =
      new ClassValue<>() {
        @Override
        protected Fluxes computeValue(Class<?> type) {
          try {
            return new Fluxes(type);
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("not Reactor's Flux as it is known", e);
          }
        }
      };

  /** The method {@code getOrDefault} for each class of contexts. */
  private static final ClassValue<Method> VIEWS =
      new ClassValue<>() {
        @Override
        protected Method computeValue(Class<?> type) {
          try {
            // The classes themselves are not public.
            return Class.forName("reactor.util.context.ContextView", false, type.getClassLoader())
                .getMethod("getOrDefault", Object.class, Object.class);
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("not Reactor's context as it is known", e);
          }
        }
      };

  private final Class<?> publisher;
  private final Class<?> subscriber;
  private final Class<?> subscription;
  private final MethodHandle from;
  private final MethodHandle subscribe;
  private final MethodHandle onSubscribe;
  private final MethodHandle onNext;
  private final MethodHandle onError;
  private final MethodHandle onComplete;
  private final MethodHandle currentContext;
  private final MethodHandle putInto;
  private final MethodHandle getFrom;
  private final MethodHandle request;
  private final MethodHandle cancel;

  private Fluxes(Class<?> flux) throws ReflectiveOperationException {
    ClassLoader loader = flux.getClassLoader();
    publisher = Class.forName("org.reactivestreams.Publisher", false, loader);
    subscriber = Class.forName("reactor.core.CoreSubscriber", false, loader);
    subscription = Class.forName("org.reactivestreams.Subscription", false, loader);
    Class<?> context = Class.forName("reactor.util.context.Context", false, loader);
    Class<?> plain = Class.forName("org.reactivestreams.Subscriber", false, loader);
    from = LOOKUP.unreflect(flux.getMethod("from", publisher));
    subscribe = LOOKUP.unreflect(publisher.getMethod("subscribe", plain));
    onSubscribe = LOOKUP.unreflect(plain.getMethod("onSubscribe", subscription));
    onNext = LOOKUP.unreflect(plain.getMethod("onNext", Object.class));
    onError = LOOKUP.unreflect(plain.getMethod("onError", Throwable.class));
    onComplete = LOOKUP.unreflect(plain.getMethod("onComplete"));
    currentContext = LOOKUP.unreflect(subscriber.getMethod("currentContext"));
    putInto = LOOKUP.unreflect(context.getMethod("put", Object.class, Object.class));
    getFrom = LOOKUP.unreflect(context.getMethod("getOrDefault", Object.class, Object.class));
    request = LOOKUP.unreflect(subscription.getMethod("request", long.class));
    cancel = LOOKUP.unreflect(subscription.getMethod("cancel"));
  }

  /**
   * @param flux an instance
   */
  static Fluxes of(Object flux) {
    Class<?> type = flux.getClass();
    while (type != null && !type.getName().equals(FLUX)) {
      type = type.getSuperclass();
    }
    if (type == null) {
      throw new IllegalArgumentException("not a Flux: " + flux.getClass().getName());
    }
    return KNOWN.get(type);
  }

  /**
   * Returns what observes the stream that has this context of Reactor's; null if nothing does.
   *
   * @param context a {@code ContextView} in any loader's version
   */
  static @Nullable Subscribed subscribed(Object context) throws ReflectiveOperationException {
    return VIEWS.get(context.getClass()).invoke(context, Subscribed.class, null)
            instanceof Subscribed found
        ? found
        : null;
  }

  /**
   * Returns a Flux of the same elements.
   *
   * @param context is told what goes wrong in the agent, of which the application notices nothing
   * @param start makes what observes one subscription, or null; takes what observes the nearest
   *     stream around it, or null
   */
  Object observed(
      FrameworkContext context,
      Object flux,
      Function<@Nullable Subscribed, @Nullable Subscribed> start) {
    Object source =
        proxy(
            publisher,
            (proxy, method, arguments) ->
                method.getDeclaringClass() == Object.class
                    ? ofObject(flux, proxy, method, arguments)
                    : subscribe(context, flux, start, arguments[0]));
    try {
      return from.invoke(source);
    } catch (Throwable e) {
      throw new IllegalStateException("Flux.from failed", e);
    }
  }

  private @Nullable Object subscribe(
      FrameworkContext context,
      Object flux,
      Function<@Nullable Subscribed, @Nullable Subscribed> start,
      Object downstream)
      throws Throwable {
    Object outer = subscriber.isInstance(downstream) ? currentContext.invoke(downstream) : null;
    Observer observer = outer == null ? null : observer(context, start, outer);
    if (outer == null || observer == null) {
      return subscribe.invoke(flux, downstream);
    }
    Object inner = putInto.invoke(outer, Subscribed.class, observer.subscribed());
    Object observed = proxy(subscriber, new Signals(this, downstream, observer, inner));
    Object entered = observer.enterUpstream();
    try {
      return subscribe.invoke(flux, observed);
    } catch (Throwable t) {
      observer.ended(t);
      throw t;
    } finally {
      observer.leaveUpstream(entered);
    }
  }

  private @Nullable Observer observer(
      FrameworkContext context,
      Function<@Nullable Subscribed, @Nullable Subscribed> start,
      Object outer) {
    try {
      Object around = getFrom.invoke(outer, Subscribed.class, null);
      Subscribed begun = start.apply(around instanceof Subscribed known ? known : null);
      return begun == null ? null : new Observer(context, begun);
    } catch (Throwable e) {
      Observer.report(context, e);
      return null;
    }
  }

  private static Object proxy(Class<?> type, InvocationHandler handler) {
    return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
  }

  private static Object ofObject(
      Object target, Object proxy, Method method, @Nullable Object @Nullable [] arguments) {
    return switch (method.getName()) {
      case "equals" -> arguments != null && proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      default -> target.toString();
    };
  }

  /** Passes signals on to the application's subscriber. */
  private record Signals(Fluxes fluxes, Object downstream, Observer observer, Object context)
      implements InvocationHandler {
    @Override
    public @Nullable Object invoke(
        Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
      Object argument = arguments == null ? null : arguments[0];
      switch (method.getName()) {
        case "onNext" -> {
          observer.next(argument);
          return pass(fluxes.onNext, argument);
        }
        case "onError" -> {
          observer.ended((Throwable) argument);
          return pass(fluxes.onError, argument);
        }
        case "onComplete" -> {
          observer.ended(null);
          Object entered = observer.enter();
          try {
            return fluxes.onComplete.invoke(downstream);
          } finally {
            observer.leave(entered);
          }
        }
        case "onSubscribe" -> {
          Object observed = proxy(fluxes.subscription, new Requested(fluxes, argument, observer));
          return pass(fluxes.onSubscribe, observed);
        }
        case "currentContext" -> {
          return context;
        }
        default -> {
          return ofObject(downstream, proxy, method, arguments);
        }
      }
    }

    private @Nullable Object pass(MethodHandle signal, @Nullable Object argument) throws Throwable {
      Object entered = observer.enter();
      try {
        return signal.invoke(downstream, argument);
      } finally {
        observer.leave(entered);
      }
    }
  }

  /** Passes on what the application's subscriber asks for. */
  private record Requested(Fluxes fluxes, @Nullable Object upstream, Observer observer)
      implements InvocationHandler {
    @Override
    public @Nullable Object invoke(
        Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
      Object argument = arguments == null ? null : arguments[0];
      switch (method.getName()) {
        case "request" -> {
          Object entered = observer.enterUpstream();
          try {
            return fluxes.request.invoke(upstream, argument);
          } finally {
            observer.leaveUpstream(entered);
          }
        }
        case "cancel" -> {
          try {
            return fluxes.cancel.invoke(upstream); // Before, so that what is inside ends first.
          } finally {
            observer.cancelled();
          }
        }
        default -> {
          return ofObject(Objects.requireNonNull(upstream), proxy, method, arguments);
        }
      }
    }
  }
}
