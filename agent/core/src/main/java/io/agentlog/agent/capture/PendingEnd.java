package io.agentlog.agent.capture;

import io.agentlog.agent.capture.async.AsyncEnd;
import io.agentlog.agent.capture.async.AsyncType;
import org.jspecify.annotations.Nullable;

/**
 * The end of a call that has returned an asynchronous result. Only the result refers to this
 * object, so a result that is never completed is collected together with it and the call's
 * arguments.
 */
final class PendingEnd extends AsyncEnd implements OpenEnd {
  private final CaptureBridge bridge;
  private final Call call;
  private final AsyncType type;
  private final Object result;
  private final @Nullable Object self;
  private final @Nullable Object @Nullable [] arguments;

  /** The execution around the call; null for an outermost execution. */
  private final @Nullable ExecutionLink around;

  PendingEnd(
      CaptureBridge bridge,
      Call call,
      AsyncType type,
      Object result,
      @Nullable ExecutionLink around) {
    this.bridge = bridge;
    this.call = call;
    this.type = type;
    this.result = result;
    this.self = call.self;
    this.arguments = call.release();
    this.around = around;
  }

  /** Registers with the result, and with the enclosing execution, which settles open ends first. */
  Object observe() throws Throwable {
    Execution enclosing = around == null ? null : around.running();
    if (enclosing != null) {
      enclosing.pendingEnds().removeGone();
      enclosing.pendingEnds().put(this, true);
    }
    return type.observe(result, this);
  }

  /** Ends the call now if its result is complete. */
  @Override
  public void settle(@Nullable Throwable ofExecution) {
    try {
      type.settle(result, this);
    } catch (Throwable t) { // The application's own type threw.
      bridge.suppress(call.plan, t);
    }
  }

  @Override
  public boolean readsValue() {
    return call.plan.readsResult();
  }

  @Override
  public @Nullable Object enter() {
    return bridge.makeCurrent(CaptureBridge.executionOf(call));
  }

  @Override
  public void leave(@Nullable Object entered) {
    bridge.restore((Execution) entered);
  }

  @Override
  protected void end(@Nullable Object value, @Nullable Throwable thrown) {
    long now = System.nanoTime();
    try {
      Execution enclosing = around == null ? null : around.running();
      if (enclosing != null) {
        enclosing.pendingEnds().remove(this);
      }
      call.regain(self, arguments);
      bridge.endWhileReading(call, value, thrown, now);
      if (call instanceof Execution ended) {
        bridge.leaveIfCurrent(ended, enclosing);
        ended.parent = null;
      }
    } catch (Throwable t) { // The application is completing its result here and must not notice.
      bridge.suppress(call.plan, t);
    }
  }
}
