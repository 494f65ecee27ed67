package io.agentlog.it.springai;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Models around others, and one that fails. */
final class Models {
  private Models() {}

  /** A model that waits for another one on a thread of its own, as one with a time-out does. */
  static class ImpatientModel extends RetryingModel {
    private final ChatModel patient;

    ImpatientModel(ChatModel patient) {
      super(patient);
      this.patient = patient;
    }

    @Override
    public ChatResponse call(Prompt prompt) {
      return CompletableFuture.supplyAsync(() -> patient.call(prompt))
          .orTimeout(30, TimeUnit.SECONDS)
          .join();
    }

    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
      return Mono.fromCallable(() -> patient.call(prompt))
          .subscribeOn(Schedulers.boundedElastic())
          .timeout(Duration.ofSeconds(30))
          .flux();
    }
  }

  static class ThrowingModel implements ChatModel {
    private final Throwable thrown;

    ThrowingModel(Throwable thrown) {
      this.thrown = thrown;
    }

    @Override
    public ChatResponse call(Prompt prompt) {
      throw Models.<RuntimeException>unchecked(thrown);
    }

    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
      return Flux.error(thrown);
    }

    @Override
    public ChatOptions getDefaultOptions() {
      return ChatOptions.builder().model("fake-1").build();
    }

    /** Since 2.0. */
    public ChatOptions getOptions() {
      return getDefaultOptions();
    }
  }

  /** Hands on to another model, elsewhere in a stream. */
  static class RetryingModel implements ChatModel {
    private final ChatModel model;

    RetryingModel(ChatModel model) {
      this.model = model;
    }

    @Override
    public ChatResponse call(Prompt prompt) {
      return model.call(prompt);
    }

    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
      return Flux.defer(() -> model.stream(prompt)).subscribeOn(Schedulers.boundedElastic());
    }

    @Override
    public ChatOptions getDefaultOptions() {
      return model.getDefaultOptions();
    }

    /** Since 2.0. */
    public ChatOptions getOptions() {
      return getDefaultOptions();
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
