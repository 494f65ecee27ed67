package io.agentlog.agent.capture;

import org.jspecify.annotations.Nullable;

/**
 * The W3C's {@code traceparent} header: {@code version-traceid-spanid-flags}, hexadecimal in lower
 * case.
 *
 * @param traceId 32 digits, not all zero
 * @param spanId 16 digits, not all zero
 * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">Trace Context</a>
 */
record TraceParent(@Nullable String traceId, @Nullable String spanId) {
  static final TraceParent NONE = new TraceParent(null, null);

  private static final int LENGTH = 55;
  private static final int VERSION_END = 2;
  private static final int TRACE_END = 35;
  private static final int SPAN_END = 52;

  /** Parses a header; {@link #NONE} if it is malformed. A later version may have more fields. */
  static TraceParent of(@Nullable String header) {
    if (header == null) {
      return NONE;
    }
    String text = header.strip();
    boolean whole =
        text.length() >= LENGTH
            && text.charAt(VERSION_END) == '-'
            && text.charAt(TRACE_END) == '-'
            && text.charAt(SPAN_END) == '-';
    if (!whole) {
      return NONE;
    }
    String version = text.substring(0, VERSION_END);
    String trace = text.substring(VERSION_END + 1, TRACE_END);
    String span = text.substring(TRACE_END + 1, SPAN_END);
    boolean valid =
        isHex(version)
            && !version.equals("ff")
            && (text.length() == LENGTH || (!version.equals("00") && text.charAt(LENGTH) == '-'))
            && isHex(trace)
            && isHex(span)
            && isHex(text.substring(SPAN_END + 1, LENGTH))
            && !isZero(trace)
            && !isZero(span);
    return valid ? new TraceParent(trace, span) : NONE;
  }

  private static boolean isHex(String text) {
    return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
  }

  private static boolean isZero(String text) {
    return text.chars().allMatch(c -> c == '0');
  }
}
