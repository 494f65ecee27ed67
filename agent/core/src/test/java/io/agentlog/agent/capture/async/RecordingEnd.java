package io.agentlog.agent.capture.async;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Notes what it is told, and when the execution is entered and left. */
final class RecordingEnd extends AsyncEnd {
  /** In the order that they came: {@code enter}, {@code leave}, {@code end}. */
  final List<String> steps = new ArrayList<>();

  @Nullable Object value;
  @Nullable Throwable thrown;
  int tellings;

  private final boolean readsValue;

  RecordingEnd() {
    this(true);
  }

  RecordingEnd(boolean readsValue) {
    this.readsValue = readsValue;
  }

  @Override
  public boolean readsValue() {
    return readsValue;
  }

  @Override
  public Object enter() {
    steps.add("enter");
    return this;
  }

  @Override
  public void leave(@Nullable Object entered) {
    steps.add(entered == this ? "leave" : "leave what was not entered");
  }

  @Override
  protected void end(@Nullable Object value, @Nullable Throwable thrown) {
    steps.add("end");
    tellings++;
    this.value = value;
    this.thrown = thrown;
  }
}
