package io.agentlog.agent.capture.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By a Reactor of a few lines; {@code ReactorIT} shows the same with the real one. */
class ReactorTypeTest {
  @TempDir private static Path classes;

  private static FakeReactor reactor;

  private final FakeReactor.Source source = reactor.source();
  private final RecordingEnd end = new RecordingEnd();
  private ReactorType mono;
  private ReactorType flux;

  @BeforeAll
  static void compile() throws Exception {
    reactor = FakeReactor.compiledTo(classes);
  }

  @BeforeEach
  void find() throws Exception {
    mono = ReactorType.mono(reactor.loader);
    flux = ReactorType.flux(reactor.loader);
  }

  @Test
  void eachTypeIncludesItsOwnResultsAlone() throws Throwable {
    assertThat(mono.includes(reactor.mono(source))).isTrue();
    assertThat(mono.includes(reactor.flux(source))).isFalse();
    assertThat(flux.includes(reactor.flux(source))).isTrue();
    assertThat(flux.includes("text")).isFalse();
  }

  @Test
  void callerGetsAnotherObjectOfTheSameTypeThatIsNamedAfterTheFirst() throws Throwable {
    Object returned = reactor.mono(source);
    Object got = mono.observe(returned, end);

    assertThat(got).isNotSameAs(returned);
    assertThat(mono.includes(got)).isTrue();
    assertThat(got).hasToString("Mono of Mono of the source");
    assertThat(flux.includes(flux.observe(reactor.flux(source), end))).isTrue();
  }

  @Test
  void monoThatNobodySubscribesToTellsNothingAndIsNotSubscribedTo() throws Throwable {
    mono.observe(reactor.mono(source), end);

    assertThat(source.subscriptions).isZero();
    assertThat(end.steps).isEmpty();
  }

  @Test
  void monoSucceedsWithItsValueBeforeTheSubscriberGetsIt() throws Throwable {
    FakeReactor.Subscriber subscriber = subscribeToMono();
    assertThat(end.isTold()).isFalse();
    source.next("answer");
    assertThat(end.value).isEqualTo("answer");
    source.complete();

    assertThat(end.thrown).isNull();
    assertThat(end.tellings).isEqualTo(1);
    assertThat(subscriber.signals).containsExactly("answer", "complete");
  }

  @Test
  void emptyMonoSucceedsWithNull() throws Throwable {
    FakeReactor.Subscriber subscriber = subscribeToMono();
    source.complete();

    assertThat(end.tellings).isEqualTo(1);
    assertThat(end.value).isNull();
    assertThat(end.thrown).isNull();
    assertThat(subscriber.signals).containsExactly("complete");
  }

  @Test
  void monoThatFailsIsFailedWithTheErrorThatTheSubscriberGets() throws Throwable {
    FakeReactor.Subscriber subscriber = subscribeToMono();
    IllegalStateException thrown = new IllegalStateException();
    source.fail(thrown);

    assertThat(end.thrown).isSameAs(thrown);
    assertThat(end.tellings).isEqualTo(1);
    assertThat(subscriber.signals).containsExactly(thrown);
  }

  @Test
  void monoWhoseSubscriptionIsCancelledIsCancelledAndSoIsTheSource() throws Throwable {
    subscribeToMono().cancel();

    assertThat(end.thrown).isInstanceOf(CancellationException.class);
    assertThat(source.cancellations).isEqualTo(1);
  }

  @Test
  void cancellationAfterTheEndReachesTheSourceAndTellsNothing() throws Throwable {
    FakeReactor.Subscriber subscriber = subscribeToMono();
    source.next("answer");
    subscriber.cancel();

    assertThat(end.tellings).isEqualTo(1);
    assertThat(end.thrown).isNull();
    assertThat(source.cancellations).isEqualTo(1);
  }

  @Test
  void sourceIsSubscribedToWithinTheExecutionWhichIsLeftAgain() throws Throwable {
    source.onSubscribe = () -> end.steps.add("subscribe");
    subscribeToMono();

    assertThat(end.steps).containsExactly("enter", "subscribe", "leave");
  }

  @Test
  void executionIsLeftIfSubscribingThrowsAndTheSubscriberSeesWhatWasThrown() throws Throwable {
    IllegalStateException thrown = new IllegalStateException();
    source.onSubscribe =
        () -> {
          throw thrown;
        };
    Object got = mono.observe(reactor.mono(source), end);

    assertThatThrownBy(() -> reactor.subscribe(got)).isSameAs(thrown);
    assertThat(end.steps).containsExactly("enter", "leave");
  }

  @Test
  void subscriberThatThrowsChangesNeitherTheEndNorWhatTheSourceSees() throws Throwable {
    FakeReactor.Subscriber subscriber = subscribeToMono();
    subscriber.toThrow = new IllegalStateException();

    assertThatThrownBy(() -> source.next("answer")).isSameAs(subscriber.toThrow);
    assertThat(end.value).isEqualTo("answer");
    assertThat(end.thrown).isNull();
    assertThat(end.tellings).isEqualTo(1);
  }

  @Test
  void laterSubscriptionIsOutsideTheExecutionAndTellsNothing() throws Throwable {
    Object got = mono.observe(reactor.mono(source), end);
    reactor.subscribe(got);
    source.next("first");
    end.steps.clear();
    FakeReactor.Subscriber second = reactor.subscribe(got);
    source.fail(new IllegalStateException());

    assertThat(source.subscriptions).isEqualTo(2);
    assertThat(second.signals).hasSize(1);
    assertThat(end.steps).isEmpty();
    assertThat(end.value).isEqualTo("first");
  }

  @Test
  void firstTerminalSignalOfTwoSubscriptionsIsTheEnd() throws Throwable {
    Object got = mono.observe(reactor.mono(source), end);
    FakeReactor.Subscriber first = reactor.subscribe(got);
    reactor.subscribe(got);
    source.next("of the second");
    first.cancel();

    assertThat(end.tellings).isEqualTo(1);
    assertThat(end.value).isEqualTo("of the second");
    assertThat(end.steps).containsExactly("enter", "leave", "enter", "leave", "end");
  }

  @Test
  void fluxSucceedsWithItsLastElementWhenItIsComplete() throws Throwable {
    FakeReactor.Subscriber subscriber = subscribeToFlux(end);
    source.next("one");
    source.next("two");
    assertThat(end.isTold()).isFalse();
    source.complete();

    assertThat(end.value).isEqualTo("two");
    assertThat(end.thrown).isNull();
    assertThat(subscriber.signals).containsExactly("one", "two", "complete");
  }

  @Test
  void emptyFluxSucceedsWithNull() throws Throwable {
    subscribeToFlux(end);
    source.complete();

    assertThat(end.tellings).isEqualTo(1);
    assertThat(end.value).isNull();
    assertThat(end.thrown).isNull();
  }

  @Test
  void elementsOfAFluxAreNotKeptIfNobodyLooksAtThem() throws Throwable {
    RecordingEnd indifferent = new RecordingEnd(false);
    FakeReactor.Subscriber subscriber = subscribeToFlux(indifferent);
    source.next("one");
    source.complete();

    assertThat(indifferent.tellings).isEqualTo(1);
    assertThat(indifferent.value).isNull();
    assertThat(subscriber.signals).containsExactly("one", "complete");
  }

  @Test
  void fluxThatFailsAfterAnElementIsFailedAndHasNoValue() throws Throwable {
    subscribeToFlux(end);
    IllegalStateException thrown = new IllegalStateException();
    source.next("one");
    source.fail(thrown);

    assertThat(end.thrown).isSameAs(thrown);
    assertThat(end.value).isNull();
  }

  @Test
  void fluxThatIsCancelledAfterAnElementIsCancelled() throws Throwable {
    FakeReactor.Subscriber subscriber = subscribeToFlux(end);
    source.next("one");
    subscriber.cancel();

    assertThat(end.thrown).isInstanceOf(CancellationException.class);
    assertThat(end.value).isNull();
    assertThat(source.cancellations).isEqualTo(1);
  }

  private FakeReactor.Subscriber subscribeToMono() throws Throwable {
    return reactor.subscribe(mono.observe(reactor.mono(source), end));
  }

  private FakeReactor.Subscriber subscribeToFlux(RecordingEnd told) throws Throwable {
    return reactor.subscribe(flux.observe(reactor.flux(source), told));
  }
}
