package io.agentlog.agent.capture.value;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * A fuzzer's target: any text is a value path or refused with a message, and a parsed path is equal
 * when its text is parsed again.
 */
public final class ValuePathFuzz {
  private ValuePathFuzz() {}

  /** Called by the fuzzer, over and over. */
  public static void fuzzerTestOneInput(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try {
      ValuePath path = ValuePath.parse(text);
      if (!ValuePath.parse(path.text()).equals(path)) {
        throw new AssertionError("parsed again, the path differs: " + path);
      }
      if (path.steps().size() > ValuePath.STEPS_MAX) {
        throw new AssertionError(path.steps().size() + " steps");
      }
    } catch (ValuePath.SyntaxException e) {
      if (e.getMessage() == null || e.getMessage().isEmpty()) {
        throw new AssertionError("refused without a reason", e);
      }
    }
  }

  static List<byte[]> seeds() {
    return Stream.of(
            "request",
            "arg0.text",
            "this.name",
            "result[0]",
            "headers['x-id'][\"k\"][12].text",
            "request.[",
            "request['",
            "request[-1]")
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
