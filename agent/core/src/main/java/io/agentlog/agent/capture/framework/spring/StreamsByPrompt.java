package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.value.WeakIdentityMap;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * Finds the stream of a model by the messages that it was asked, where the model calls tools on
 * another thread: 1.0 hands nothing else on. Thread-safe; holds messages weakly.
 */
final class StreamsByPrompt {
  static final StreamsByPrompt SHARED = new StreamsByPrompt();

  private final WeakIdentityMap<Found> byMessages = new WeakIdentityMap<>();

  /**
   * @param stream held weakly, because it holds the model; null if several have the messages at
   *     once
   */
  private record Found(@Nullable WeakReference<ModelStreams.CallOfStream> stream) {
    ModelStreams.@Nullable CallOfStream running() {
      ModelStreams.CallOfStream known = stream == null ? null : stream.get();
      return known == null || known.isOver() ? null : known;
    }
  }

  /**
   * @param messages a list; nothing happens with another value
   */
  void put(@Nullable Object messages, ModelStreams.CallOfStream stream) {
    if (messages == null) {
      return;
    }
    Found before = byMessages.get(messages);
    boolean isShared = before != null && (before.stream() == null || before.running() != null);
    byMessages.put(messages, new Found(isShared ? null : new WeakReference<>(stream)));
  }

  /** Forgets streams whose messages are collected. */
  void tidy() {
    byMessages.removeGone();
  }

  ModelStreams.@Nullable CallOfStream get(@Nullable Object messages) {
    Found found = messages == null ? null : byMessages.get(messages);
    return found == null ? null : found.running();
  }
}
