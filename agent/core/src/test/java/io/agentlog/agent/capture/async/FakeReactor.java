package io.agentlog.agent.capture.async;

import io.agentlog.agent.capture.FakeLibrary;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * As much of Reactor as the agent uses, in a loader of its own: operators show a signal to their
 * callback, then hand it on. The test itself is the source and the subscriber.
 */
final class FakeReactor {
  private static final String PUBLISHER =
      """
      package org.reactivestreams;
      public interface Publisher { void subscribe(Subscriber subscriber); }
      """;
  private static final String SUBSCRIBER =
      """
      package org.reactivestreams;
      public interface Subscriber {
        void onSubscribe(Subscription subscription);
        void onNext(Object value);
        void onError(Throwable thrown);
        void onComplete();
      }
      """;
  private static final String SUBSCRIPTION =
      """
      package org.reactivestreams;
      public interface Subscription { void request(long count); void cancel(); }
      """;
  private static final String PEEK =
      """
      package reactor.core.publisher;
      import org.reactivestreams.*;
      public class Peek implements Subscriber, Subscription {
        private final Subscriber down;
        private Subscription up;
        Peek(Subscriber down) { this.down = down; }
        public void onSubscribe(Subscription given) { up = given; down.onSubscribe(this); }
        public void onNext(Object value) { down.onNext(value); }
        public void onError(Throwable thrown) { down.onError(thrown); }
        public void onComplete() { down.onComplete(); }
        public void request(long count) { up.request(count); }
        public void cancel() { up.cancel(); }
      }
      """;

  /** With {@code TYPE}, {@code FROM} and {@code OWN} to be replaced. */
  private static final String OPERATORS =
      """
      package reactor.core.publisher;
      import java.util.function.*;
      import org.reactivestreams.*;
      public abstract class TYPE implements Publisher {
        public static TYPE FROM(Publisher source) {
          return new TYPE() {
            public void subscribe(Subscriber down) { source.subscribe(down); }
            public String toString() { return "TYPE of " + source; }
          };
        }
        TYPE peek(UnaryOperator<Subscriber> with) {
          TYPE above = this;
          return new TYPE() {
            public void subscribe(Subscriber down) { above.subscribe(with.apply(down)); }
            public String toString() { return above.toString(); }
          };
        }
        public TYPE doOnError(Consumer callback) {
          return peek(down -> new Peek(down) {
            public void onError(Throwable thrown) {
              callback.accept(thrown);
              super.onError(thrown);
            }
          });
        }
        public TYPE doOnCancel(Runnable callback) {
          return peek(down -> new Peek(down) {
            public void cancel() { callback.run(); super.cancel(); }
          });
        }
        OWN
      }
      """;

  private static final String OF_MONO =
      """
      public Mono doOnSuccess(Consumer callback) {
        return peek(down -> new Peek(down) {
          private boolean told;
          public void onNext(Object value) {
            told = true;
            callback.accept(value);
            super.onNext(value);
          }
          public void onComplete() {
            if (!told) { callback.accept(null); }
            super.onComplete();
          }
        });
      }
      """;
  private static final String OF_FLUX =
      """
      public Flux doOnNext(Consumer callback) {
        return peek(down -> new Peek(down) {
          public void onNext(Object value) { callback.accept(value); super.onNext(value); }
        });
      }
      public Flux doOnComplete(Runnable callback) {
        return peek(down -> new Peek(down) {
          public void onComplete() { callback.run(); super.onComplete(); }
        });
      }
      """;

  /** Any class of the application. */
  private static final String SERVICE = "package app; public class Service {}";

  final ClassLoader loader;

  private FakeReactor(ClassLoader loader) {
    this.loader = loader;
  }

  static FakeReactor compiledTo(Path directory) throws IOException {
    return new FakeReactor(compile(directory, OF_MONO, OF_FLUX));
  }

  /** A version that lacks the operators that only one of the types has. */
  static FakeReactor unknownVersionCompiledTo(Path directory) throws IOException {
    return new FakeReactor(compile(directory, "", ""));
  }

  private static ClassLoader compile(Path directory, String ofMono, String ofFlux)
      throws IOException {
    return FakeLibrary.load(
        directory,
        PUBLISHER,
        SUBSCRIBER,
        SUBSCRIPTION,
        PEEK,
        operators("Mono", "fromDirect", ofMono),
        operators("Flux", "from", ofFlux),
        SERVICE);
  }

  private static String operators(String type, String from, String own) {
    return OPERATORS.replace("TYPE", type).replace("FROM", from).replace("OWN", own);
  }

  Class<?> service() throws ClassNotFoundException {
    return loader.loadClass("app.Service");
  }

  Object mono(Source source) throws Throwable {
    return from("Mono", "fromDirect", source);
  }

  Object flux(Source source) throws Throwable {
    return from("Flux", "from", source);
  }

  private Object from(String name, String method, Source source) throws Throwable {
    Class<?> type = loader.loadClass("reactor.core.publisher." + name);
    return MethodHandles.publicLookup()
        .findStatic(type, method, MethodType.methodType(type, ofStreams("Publisher")))
        .invoke(source.publisher);
  }

  private Class<?> ofStreams(String name) throws ClassNotFoundException {
    return loader.loadClass("org.reactivestreams." + name);
  }

  private Object proxy(String name, InvocationHandler handler) {
    try {
      return Proxy.newProxyInstance(loader, new Class<?>[] {ofStreams(name)}, handler);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private void call(Object target, String type, String method, @Nullable Object... arguments)
      throws Throwable {
    Class<?> owner = ofStreams(type);
    for (Method each : owner.getMethods()) {
      if (each.getName().equals(method)) {
        MethodHandles.publicLookup().unreflect(each).bindTo(target).invokeWithArguments(arguments);
        return;
      }
    }
    throw new NoSuchMethodException(method);
  }

  Source source() {
    return new Source();
  }

  /** Emits what the test says, to whoever subscribed last. */
  final class Source {
    int subscriptions;
    int cancellations;

    /** Runs in each {@code subscribe}. */
    Runnable onSubscribe = () -> {};

    private final Object publisher = proxy("Publisher", this::ofPublisher);
    private @Nullable Object subscriber;

    private @Nullable Object ofPublisher(Object self, Method method, Object[] arguments)
        throws Throwable {
      if (!method.getName().equals("subscribe")) {
        return "the source"; // Of toString().
      }
      subscriptions++;
      onSubscribe.run();
      subscriber = arguments[0];
      call(subscriber, "Subscriber", "onSubscribe", proxy("Subscription", this::ofSubscription));
      return null;
    }

    private @Nullable Object ofSubscription(
        Object self, Method method, Object @Nullable [] arguments) {
      if (method.getName().equals("cancel")) {
        cancellations++;
      }
      return null;
    }

    void next(Object value) throws Throwable {
      call(subscriber, "Subscriber", "onNext", value);
    }

    void fail(Throwable thrown) throws Throwable {
      call(subscriber, "Subscriber", "onError", thrown);
    }

    void complete() throws Throwable {
      call(subscriber, "Subscriber", "onComplete");
    }
  }

  /** Subscribes to what a caller got. */
  Subscriber subscribe(Object publisher) throws Throwable {
    Subscriber subscriber = new Subscriber();
    subscriber.subscribe(publisher);
    return subscriber;
  }

  /** Notes the signals that it gets. */
  final class Subscriber {
    final List<Object> signals = new ArrayList<>();

    /** Thrown by each signal but the subscription. */
    @Nullable RuntimeException toThrow;

    private @Nullable Object subscription;

    void subscribe(Object publisher) throws Throwable {
      call(publisher, "Publisher", "subscribe", proxy("Subscriber", this::ofSubscriber));
    }

    void cancel() throws Throwable {
      call(subscription, "Subscription", "cancel");
    }

    private @Nullable Object ofSubscriber(
        Object self, Method method, Object @Nullable [] arguments) {
      if (method.getName().equals("onSubscribe")) {
        subscription = arguments[0];
        return null;
      }
      signals.add(arguments == null ? "complete" : arguments[0]);
      if (toThrow != null) {
        throw toThrow;
      }
      return null;
    }
  }
}
