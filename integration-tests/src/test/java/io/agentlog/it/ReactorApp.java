package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CurrentExecution;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.QualityScore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** An application whose methods return Monos and Fluxes; see {@link ReactorIT}. */
// What looks unused is read by the agent.
@SuppressWarnings("UnusedVariable")
final class ReactorApp {
  private ReactorApp() {}

  record Answer(String agent, @QualityScore double quality) {}

  static class Router {
    @AgentExecution(value = "mono", metadata = "chosen=result.agent")
    Mono<Answer> mono(Mono<Answer> source, String prompt) {
      return source;
    }

    @AgentExecution("mono-empty")
    Mono<Answer> empty() {
      return Mono.empty();
    }

    @AgentExecution("mono-fails")
    Mono<Answer> fails() {
      return Mono.error(new IOException("no route"));
    }

    @AgentExecution("mono-throws")
    Mono<Answer> throwing() {
      throw new IllegalStateException("before any Mono");
    }

    @AgentExecution("mono-cancelled")
    Mono<Answer> cancelled() {
      return Mono.never();
    }

    @AgentExecution("mono-unsubscribed")
    Mono<Answer> unsubscribed() {
      return Mono.just(new Answer("nobody", 0.1));
    }

    @AgentExecution(value = "flux", metadata = "last=result.agent")
    Flux<Answer> flux() {
      return Flux.just(
          new Answer("first", 0.1), new Answer("second", 0.2), new Answer("third", 0.3));
    }

    @AgentExecution("flux-cancelled")
    Flux<Integer> fluxCancelled() {
      return Flux.range(0, 1_000);
    }

    @AgentExecution("flux-fails")
    Flux<Integer> fluxFails() {
      return Flux.concat(Flux.just(1, 2), Flux.error(new IllegalStateException("at three")));
    }

    @AgentExecution("publisher")
    Publisher<Answer> publisher() {
      return Mono.just(new Answer("published", 0.5));
    }

    @AgentExecution("twice")
    Mono<Integer> twice(AtomicInteger subscriptions) {
      return Mono.fromCallable(subscriptions::incrementAndGet);
    }

    @AgentExecution("scheduled")
    Mono<Answer> scheduled() {
      return Mono.fromCallable(() -> stageOf("on subscription"))
          .subscribeOn(Schedulers.parallel())
          .map(text -> stageOf("in map of " + text))
          .publishOn(Schedulers.single())
          .map(text -> new Answer(stageOf("behind publishOn"), 0.4));
    }

    @AgentExecution("flux-scheduled")
    Flux<String> fluxScheduled() {
      return Flux.just("a", "b").publishOn(Schedulers.parallel()).map(this::stageOf);
    }

    @AgentExecution("outer")
    Mono<String> outer() {
      return scheduledInner()
          .map(answer -> outerStage(answer.agent()))
          .flatMap(text -> innerToo().map(more -> outerStage(text + more)));
    }

    @AgentExecution("inner")
    Mono<Answer> scheduledInner() {
      return Mono.fromCallable(() -> new Answer(stageOf("inner"), 0.7))
          .subscribeOn(Schedulers.parallel());
    }

    @AgentExecution("inner-at-once")
    Mono<Integer> innerToo() {
      return Mono.fromCallable(() -> stageOf("too").length());
    }

    @ProgressStage("work")
    String stageOf(String text) {
      return text;
    }

    @ProgressStage("outer-work")
    String outerStage(String text) {
      return text;
    }
  }

  public static void main(String[] args) throws Exception {
    Router router = new Router();
    Answer answer = router.mono(Mono.just(new Answer("debugger", 0.75)), "a question").block();
    check(answer != null && answer.agent().equals("debugger"), "the result is the application's");
    check(CurrentExecution.executionId().isEmpty(), "nothing is left on the caller's thread");
    check(router.empty().block() == null, "empty stays empty");
    try {
      router.fails().block();
      throw new AssertionError("did not throw");
    } catch (RuntimeException expected) {
      check(expected.getCause() instanceof IOException, "its own exception");
    }
    try {
      router.throwing();
      throw new AssertionError("did not throw");
    } catch (IllegalStateException expected) {
      check(expected.getMessage().equals("before any Mono"), "its own exception");
    }
    Disposable subscription = router.cancelled().subscribe();
    subscription.dispose();
    Mono<Answer> unsubscribed = router.unsubscribed();
    List<Answer> all = router.flux().collectList().block();
    check(all != null && all.size() == 3, "all elements");
    Integer third = router.fluxCancelled().take(3).last().block();
    check(third != null && third == 2, "three elements");
    check(router.fluxFails().onErrorReturn(7).blockLast() == 7, "its own error");
    check(router.publisher() instanceof Mono, "what is declared otherwise is handed on as it is");
    AtomicInteger subscriptions = new AtomicInteger();
    Mono<Integer> twice = router.twice(subscriptions);
    check(twice.block() == 1 && twice.block() == 2, "each subscription runs");
    check(router.scheduled().block(Duration.ofSeconds(30)) != null, "scheduled");
    check("b".equals(router.fluxScheduled().blockLast()), "the last element");
    check(router.outer().block(Duration.ofSeconds(30)) != null, "outer");

    CountDownLatch clean = new CountDownLatch(8);
    for (int i = 0; i < 8; i++) {
      Schedulers.parallel()
          .schedule(
              () -> {
                if (CurrentExecution.executionId().isEmpty()) {
                  clean.countDown();
                }
              });
    }
    check(clean.await(30, TimeUnit.SECONDS), "nothing is left on threads of schedulers");
    System.out.println("done " + (unsubscribed != null));
    System.in.read();
    Schedulers.shutdownNow();
  }

  private static void check(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
