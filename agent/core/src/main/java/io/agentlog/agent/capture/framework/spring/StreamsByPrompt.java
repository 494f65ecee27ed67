package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.value.WeakIdentityMap;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * Finds the stream of a model by what it was asked, on any thread: by the messages, where the model
 * calls tools, since 1.0 hands nothing else on; and by the prompt, where the stream is made of the
 * model's blocking call. Thread-safe; holds prompts and messages weakly.
 */
final class StreamsByPrompt {
  static final StreamsByPrompt SHARED = new StreamsByPrompt();

  private final WeakIdentityMap<Found> byAsked = new WeakIdentityMap<>();

  /**
   * @param stream held weakly, because it holds the model; null if several were asked the same at
   *     once
   */
  private record Found(@Nullable WeakReference<ModelStreams.CallOfStream> stream) {
    ModelStreams.@Nullable CallOfStream running() {
      ModelStreams.CallOfStream known = stream == null ? null : stream.get();
      return known == null || known.isOver() ? null : known;
    }
  }

  /**
   * @param asked a prompt, or its messages; null does nothing
   * @param around the stream that this one is inside of, which may have been asked the same; null
   *     if there is none
   */
  void put(@Nullable Object asked, ModelStreams.CallOfStream stream, @Nullable Subscribed around) {
    if (asked == null) {
      return;
    }
    Found before = byAsked.get(asked);
    ModelStreams.CallOfStream running = before == null ? null : before.running();
    boolean isShared =
        before != null && (before.stream() == null || (running != null && running != around));
    byAsked.put(asked, new Found(isShared ? null : new WeakReference<>(stream)));
  }

  /** Forgets streams whose prompts are collected. */
  void tidy() {
    byAsked.removeGone();
  }

  ModelStreams.@Nullable CallOfStream get(@Nullable Object asked) {
    Found found = asked == null ? null : byAsked.get(asked);
    return found == null ? null : found.running();
  }
}
