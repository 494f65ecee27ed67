package io.agentlog.agent.capture.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class CompletionStageTypeTest {
  private final AsyncType type = CompletionStageType.INSTANCE;
  private final RecordingEnd end = new RecordingEnd();
  private final CompletableFuture<Object> future = new CompletableFuture<>();

  @Test
  void stagesAreIncludedAndOtherFuturesAreNot() {
    assertThat(type.includes(future)).isTrue();
    assertThat(type.includes(future.minimalCompletionStage())).isTrue();
    assertThat(type.includes(new FutureTask<>(() -> "answer"))).isFalse();
    assertThat(type.includes("answer")).isFalse();
  }

  @Test
  void callerGetsTheVeryObjectThatTheMethodReturned() throws Throwable {
    assertThat(type.observe(future, end)).isSameAs(future);
    assertThat(end.isTold()).isFalse();
  }

  @Test
  void futureThatIsCompletedSucceedsWithItsValue() throws Throwable {
    type.observe(future, end);
    future.complete("answer");

    assertThat(end.value).isEqualTo("answer");
    assertThat(end.thrown).isNull();
    assertThat(end.tellings).isEqualTo(1);
  }

  @Test
  void futureThatWasCompletedBeforeItWasReturnedIsToldAtOnce() throws Throwable {
    future.complete(null);
    type.observe(future, end);

    assertThat(end.isTold()).isTrue();
    assertThat(end.value).isNull();
    assertThat(end.thrown).isNull();
  }

  @Test
  void futureThatFailsIsFailedWithWhatItWasCompletedWith() throws Throwable {
    type.observe(future, end);
    IllegalStateException thrown = new IllegalStateException();
    future.completeExceptionally(thrown);

    assertThat(end.thrown).isSameAs(thrown);
    assertThat(end.value).isNull();
  }

  @Test
  void dependentOfAFutureThatFailsIsFailedWithTheWrappedException() throws Throwable {
    IllegalStateException thrown = new IllegalStateException();
    type.observe(future.thenApply(value -> value), end);
    future.completeExceptionally(thrown);

    assertThat(end.thrown).isInstanceOf(CompletionException.class).hasCause(thrown);
  }

  @Test
  void futureThatIsCancelledIsToldItsCancellation() throws Throwable {
    type.observe(future, end);
    future.cancel(false);

    assertThat(end.thrown).isInstanceOf(CancellationException.class);
  }

  @Test
  void dependentThatThrowsDoesNotChangeHowTheFutureEnds() throws Throwable {
    type.observe(future, end);
    CompletableFuture<Object> dependent =
        future.thenApply(
            value -> {
              throw new IllegalStateException();
            });
    future.complete("answer");

    assertThat(dependent).isCompletedExceptionally();
    assertThat(end.value).isEqualTo("answer");
    assertThat(end.thrown).isNull();
  }

  @Test
  void stageThatIsNoFutureIsTold() throws Throwable {
    CompletionStage<Object> stage = future.minimalCompletionStage();
    assertThat(type.observe(stage, end)).isSameAs(stage);
    future.complete("answer");

    assertThat(end.value).isEqualTo("answer");
  }

  @Test
  void whatAStageOfTheApplicationThrowsIsThrownOn() {
    IllegalStateException thrown = new IllegalStateException();
    CompletableFuture<Object> hostile =
        new CompletableFuture<>() {
          @Override
          public CompletableFuture<Object> whenComplete(
              BiConsumer<? super Object, ? super Throwable> action) {
            throw thrown;
          }
        };

    assertThatThrownBy(() -> type.observe(hostile, end)).isSameAs(thrown);
    assertThat(end.isTold()).isFalse();
  }

  @Test
  void completeFutureIsSettledWithoutWaitingForItsTurn() {
    future.complete("answer");
    type.settle(future, end);

    assertThat(end.value).isEqualTo("answer");
  }

  @Test
  void settlingAFutureThatIsNotCompleteTellsNothingThenOrLater() {
    type.settle(future, end);
    future.complete("answer");

    assertThat(end.isTold()).isFalse();
  }

  @Test
  void futureThatWasSettledIsNotToldTwice() throws Throwable {
    type.observe(future, end);
    CompletableFuture<Void> settled = // Runs first: the last one added.
        future.thenAccept(value -> type.settle(future, end));
    future.complete("answer");

    assertThat(settled).isCompleted();
    assertThat(end.tellings).isEqualTo(1);
  }
}
