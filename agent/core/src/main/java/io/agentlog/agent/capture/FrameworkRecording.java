package io.agentlog.agent.capture;

import io.agentlog.agent.capture.framework.FrameworkCapture;
import io.agentlog.agent.capture.framework.FrameworkOptions;
import io.agentlog.agent.prices.Pricing;

/** Makes what hooks of frameworks record with. Nothing of it is loaded before that. */
public final class FrameworkRecording {
  private FrameworkRecording() {}

  /**
   * Makes a capture for all frameworks; there is one for each bridge.
   *
   * @param capture of the bridge
   */
  public static FrameworkCapture of(
      CaptureBridge bridge, Capture capture, FrameworkOptions options, Pricing pricing) {
    FrameworkWarmUp.run(options);
    return cold(bridge, capture, options, pricing);
  }

  /** Makes one whose paths are not warmed up. */
  static FrameworkCapture cold(
      CaptureBridge bridge, Capture capture, FrameworkOptions options, Pricing pricing) {
    FrameworkRecorder recorder = new FrameworkRecorder(capture, options, pricing);
    return new FrameworkRuns(bridge, recorder, capture.limits(), options, capture.counters());
  }
}
