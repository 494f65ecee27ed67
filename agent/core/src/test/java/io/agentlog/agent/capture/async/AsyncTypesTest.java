package io.agentlog.agent.capture.async;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.FakeLibrary;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AsyncTypesTest {
  private static final String MONO = "()Lreactor/core/publisher/Mono;";
  private static final String FLUX = "(Ljava/lang/String;)Lreactor/core/publisher/Flux;";

  @TempDir private Path classes;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "()Ljava/util/concurrent/CompletableFuture;",
        "(I)Ljava/util/concurrent/CompletionStage;",
        "()Ljava/util/concurrent/Future;",
        "()Ljava/lang/Object;",
        "()Lio/agentlog/agent/capture/async/AsyncTypesTest$Derived;"
      })
  void resultMayBeAStageWhereTheDeclaredTypeAllowsIt(String descriptor) {
    assertThat(of(descriptor)).isSameAs(CompletionStageType.INSTANCE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "()V",
        "()I",
        "()[Ljava/util/concurrent/CompletableFuture;",
        "()Ljava/lang/String;",
        "(Ljava/util/concurrent/CompletableFuture;)Ljava/util/UUID;",
        "()Lio/agentlog/agent/capture/async/AsyncTypesTest$Answer;"
      })
  void resultIsCompleteWhenTheMethodReturnsIfItsDeclaredTypeLeavesNothingElse(String descriptor) {
    assertThat(of(descriptor)).isNull();
  }

  @Test
  void resultDecidesWhereTheDeclaredTypeCantBeLoaded() {
    assertThat(of("()Lapp/Missing;")).isSameAs(CompletionStageType.INSTANCE);
  }

  @Test
  void monoAndFluxAreThoseOfTheLoaderOfTheMethodsOwnClass() throws Throwable {
    FakeReactor reactor = FakeReactor.compiledTo(classes);
    AsyncType mono = AsyncTypes.of(MONO, reactor.service());
    AsyncType flux = AsyncTypes.of(FLUX, reactor.service());

    assertThat(mono.includes(reactor.mono(reactor.source()))).isTrue();
    assertThat(mono.includes(reactor.flux(reactor.source()))).isFalse();
    assertThat(flux.includes(reactor.flux(reactor.source()))).isTrue();
  }

  @Test
  void monoOfAnUnknownVersionIsLeftAlone() throws Exception {
    FakeReactor reactor = FakeReactor.unknownVersionCompiledTo(classes);

    assertThat(AsyncTypes.of(MONO, reactor.service())).isNull();
    assertThat(AsyncTypes.of(FLUX, reactor.service())).isNull();
  }

  @Test
  void monoThatTheApplicationDoesNotHaveIsLeftAlone() throws Exception {
    ClassLoader loader = FakeLibrary.load(classes, "package app; public class Service {}");

    assertThat(AsyncTypes.of(MONO, loader.loadClass("app.Service"))).isNull();
  }

  @Test
  void callerMayGetAnotherObjectWhereExactlyMonoOrFluxIsReturned() {
    assertThat(AsyncTypes.mayReplace(MONO)).isTrue();
    assertThat(AsyncTypes.mayReplace(FLUX)).isTrue();
    assertThat(AsyncTypes.mayReplace("()Lorg/reactivestreams/Publisher;")).isFalse();
    assertThat(AsyncTypes.mayReplace("()[Lreactor/core/publisher/Mono;")).isFalse();
    assertThat(AsyncTypes.mayReplace("(Lreactor/core/publisher/Mono;)V")).isFalse();
    assertThat(AsyncTypes.mayReplace("()Ljava/util/concurrent/CompletableFuture;")).isFalse();
  }

  private static AsyncType of(String descriptor) {
    return AsyncTypes.of(descriptor, AsyncTypesTest.class);
  }

  /** Final, but a stage. */
  static final class Derived extends CompletableFuture<String> {}

  record Answer(String text) {}
}
