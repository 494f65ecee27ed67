package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import org.jspecify.annotations.Nullable;

/**
 * Tells a {@link Subscribed} what happens, and keeps from the application's stream what that
 * throws: it is reported once. Thread-safe; no method throws.
 */
record Observer(FrameworkContext context, Subscribed subscribed) {
  @Nullable Object enter() {
    try {
      return subscribed.enter();
    } catch (Throwable e) {
      return report(context, e);
    }
  }

  void leave(@Nullable Object entered) {
    try {
      subscribed.leave(entered);
    } catch (Throwable e) {
      report(context, e);
    }
  }

  @Nullable Object enterUpstream() {
    try {
      return subscribed.enterUpstream();
    } catch (Throwable e) {
      return report(context, e);
    }
  }

  void leaveUpstream(@Nullable Object entered) {
    try {
      subscribed.leaveUpstream(entered);
    } catch (Throwable e) {
      report(context, e);
    }
  }

  void next(@Nullable Object element) {
    try {
      subscribed.next(element);
    } catch (Throwable e) {
      report(context, e);
    }
  }

  void ended(@Nullable Throwable thrown) {
    try {
      subscribed.ended(thrown);
    } catch (Throwable e) {
      report(context, e);
    }
  }

  void cancelled() {
    try {
      subscribed.cancelled();
    } catch (Throwable e) {
      report(context, e);
    }
  }

  static @Nullable Object report(FrameworkContext context, Throwable e) {
    context.reportOnce(
        "stream of " + SpringAi.NAME,
        SpringAi.NAME + ": a stream goes on unrecorded, because of " + e);
    return null;
  }
}
