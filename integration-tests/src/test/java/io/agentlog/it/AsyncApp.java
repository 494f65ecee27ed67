package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CurrentExecution;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.ProgressStage.When;
import io.agentlog.annotations.QualityScore;
import io.agentlog.annotations.RoutingDecision;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** An application whose methods return futures; see {@link AsyncIT}. Checks its own side itself. */
// What looks unused is read by the agent.
@SuppressWarnings({"UnusedVariable", "FutureReturnValueIgnored"})
final class AsyncApp {
  private AsyncApp() {}

  record Answer(String agent, @QualityScore double quality) {}

  /** A subtype of a library, as the caller sees it. */
  static final class LibraryFuture<T> extends CompletableFuture<T> {
    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
      return new LibraryFuture<>();
    }
  }

  /** A stage that can't be observed. */
  static final class HostileFuture<T> extends CompletableFuture<T> {
    @Override
    public CompletableFuture<T> whenComplete(
        java.util.function.BiConsumer<? super T, ? super Throwable> action) {
      throw new UnsupportedOperationException("no");
    }
  }

  static class Router {
    @AgentExecution(value = "answers-later", metadata = "chosen=result.agent")
    CompletableFuture<Answer> answersLater(CompletableFuture<Answer> future, String prompt) {
      return future;
    }

    @AgentExecution("stage-later")
    CompletionStage<Answer> stageLater(CompletionStage<Answer> stage) {
      return stage;
    }

    @AgentExecution("library-later")
    LibraryFuture<Answer> libraryLater(LibraryFuture<Answer> future) {
      return future;
    }

    @AgentExecution("object-later")
    Object objectLater(Object future) {
      return future;
    }

    @AgentExecution("plain-future")
    Future<Answer> plainFuture(Future<Answer> future) {
      return future;
    }

    @AgentExecution("complete-already")
    CompletableFuture<Answer> completeAlready() {
      return CompletableFuture.completedFuture(new Answer("now", 0.5));
    }

    @AgentExecution("fails-later")
    CompletableFuture<Answer> failsLater(CompletableFuture<Answer> future) {
      return future;
    }

    @AgentExecution("cancelled-later")
    CompletableFuture<Answer> cancelledLater(CompletableFuture<Answer> future) {
      return future;
    }

    @AgentExecution("throws-at-once")
    CompletableFuture<Answer> throwsAtOnce() {
      throw new IllegalStateException("at once");
    }

    @AgentExecution("null-later")
    CompletableFuture<Answer> nullLater() {
      return null;
    }

    @AgentExecution("never")
    CompletableFuture<Answer> never() {
      return new CompletableFuture<>();
    }

    @AgentExecution("hostile")
    CompletableFuture<Answer> hostile() {
      return new HostileFuture<>();
    }

    @AgentExecution("outer-later")
    CompletableFuture<String> outer(CompletableFuture<Answer> inner) {
      return innerOf(inner).thenApply(Answer::agent);
    }

    @AgentExecution("inner-later")
    CompletableFuture<Answer> innerOf(CompletableFuture<Answer> future) {
      return future;
    }

    @AgentExecution("stages-later")
    CompletableFuture<Answer> stages(CompletableFuture<Answer> decided) {
      return decide(decided);
    }

    @ProgressStage(value = "decided", at = When.EXIT, metadata = "winner=result.agent")
    @RoutingDecision(agent = "result.agent", confidence = "result.quality")
    CompletableFuture<Answer> decide(CompletableFuture<Answer> decided) {
      return decided;
    }
  }

  public static void main(String[] args) throws Exception {
    Router router = new Router();
    completeOnAnotherThread(router);
    returnEveryKindOfFuture(router);
    failAndCancel(router);
    returnWhatCantBeObserved(router);
    nest(router);
    decideLater(router);
    awaitCollected(new WeakReference<>(router.never()));
    System.out.println("done");
    System.in.read();
  }

  private static void completeOnAnotherThread(Router router) throws Exception {
    CompletableFuture<Answer> future = new CompletableFuture<>();
    CompletableFuture<Answer> same = router.answersLater(future, "a question");
    check(same == future, "the caller gets the very future");
    check(CurrentExecution.executionId().isEmpty(), "nothing is left on the caller's thread");
    awaitMillis(60);
    onOtherThread(() -> future.complete(new Answer("debugger", 0.75)));
    future.complete(new Answer("late", 0.1)); // Comes second, and is nothing.
    check(future.get().agent().equals("debugger"), "the result is the application's");
  }

  private static void returnEveryKindOfFuture(Router router) throws Exception {
    CompletableFuture<Answer> source = new CompletableFuture<>();
    CompletionStage<Answer> stage = source.minimalCompletionStage();
    check(router.stageLater(stage) == stage, "the caller gets the very stage");
    source.complete(new Answer("staged", 0.6));

    LibraryFuture<Answer> library = new LibraryFuture<>();
    check(router.libraryLater(library) == library, "the caller gets the library's future");
    onOtherThread(() -> library.complete(new Answer("library", 0.8)));

    CompletableFuture<Answer> object = new CompletableFuture<>();
    check(router.objectLater(object) == object, "the caller gets the very object");
    object.complete(new Answer("object", 0.3));

    CompletableFuture<Answer> plain = new CompletableFuture<>();
    check(router.plainFuture(plain) == plain, "the caller gets the very future");
    plain.complete(new Answer("plain", 0.2));
    router.completeAlready();
  }

  private static void failAndCancel(Router router) throws Exception {
    CompletableFuture<Answer> failing = new CompletableFuture<>();
    router.failsLater(failing);
    IOException cause = new IOException("line is down");
    onOtherThread(() -> failing.completeExceptionally(new CompletionException(cause)));
    failing.handle(
        (answer, thrown) -> {
          check(thrown instanceof CompletionException && thrown.getCause() == cause, "its own");
          return null;
        });

    CompletableFuture<Answer> cancelled = new CompletableFuture<>();
    router.cancelledLater(cancelled);
    cancelled.cancel(true);
    check(cancelled.isCancelled(), "it is cancelled");
    try {
      cancelled.join();
      throw new IllegalStateException("join of a cancelled future returned");
    } catch (CancellationException expected) {
      // As without the agent.
    }

    try {
      router.throwsAtOnce();
      throw new AssertionError("did not throw");
    } catch (IllegalStateException expected) {
      check(expected.getMessage().equals("at once"), "its own exception");
    }
  }

  private static void returnWhatCantBeObserved(Router router) {
    check(router.nullLater() == null, "null stays null");
    router.never();
    check(!router.hostile().isDone(), "a hostile future is handed on");
  }

  private static void nest(Router router) throws Exception {
    CompletableFuture<Answer> inner = new CompletableFuture<>();
    CompletableFuture<String> outer = router.outer(inner);
    onOtherThread(() -> inner.complete(new Answer("inner", 0.9)));
    check(outer.get().equals("inner"), "the outer result");
  }

  private static void decideLater(Router router) throws Exception {
    CompletableFuture<Answer> decided = new CompletableFuture<>();
    router.stages(decided);
    onOtherThread(() -> decided.complete(new Answer("tester", 0.95)));
  }

  private static void onOtherThread(Runnable work) throws InterruptedException {
    Thread thread = new Thread(work);
    thread.start();
    thread.join();
  }

  private static void awaitCollected(WeakReference<?> dropped) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (dropped.get() != null) {
      check(System.nanoTime() - deadline < 0, "nothing keeps a future alive that nobody has");
      System.gc();
      Thread.sleep(10);
    }
  }

  private static void awaitMillis(long millis) throws InterruptedException {
    Thread.sleep(millis); // A duration to be seen in the row, not a wait for anything.
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
