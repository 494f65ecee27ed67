package io.agentlog.agent.capture;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Trace and span around an execution, as the W3C's {@code traceparent} header has them: {@code
 * version-traceid-spanid-flags}, hexadecimal in lower case.
 *
 * @param traceId 32 digits, not all zero
 * @param spanId 16 digits, not all zero
 * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">Trace Context</a>
 */
record TraceParent(@Nullable String traceId, @Nullable String spanId) {
  static final TraceParent NONE = new TraceParent(null, null);

  /** True unless this is {@link #NONE}. */
  boolean isPresent() {
    return traceId != null;
  }

  private static final int LENGTH = 55;
  private static final int VERSION_END = 2;
  private static final int TRACE_END = 35;
  private static final int SPAN_END = 52;
  private static final int TRACE_DIGITS = 32;
  private static final int SPAN_DIGITS = 16;

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

  /**
   * Returns a trace and a span as a tracer gives them: shorter ones get leading zeros.
   *
   * @return {@link #NONE} unless both are there, hexadecimal, short enough, and not all zero
   */
  static TraceParent ofIds(@Nullable String trace, @Nullable String span) {
    String wholeTrace = padded(trace, TRACE_DIGITS);
    String wholeSpan = padded(span, SPAN_DIGITS);
    return wholeTrace == null || wholeSpan == null ? NONE : new TraceParent(wholeTrace, wholeSpan);
  }

  /**
   * Returns a trace and a span as Datadog gives them: decimal numbers of 64 bits, or 32 hexadecimal
   * digits for a trace of 128 bits.
   *
   * @return {@link #NONE} unless both are there and not 0
   */
  static TraceParent ofDecimals(@Nullable String trace, @Nullable String span) {
    return ofIds(hex(trace), hex(span));
  }

  private static @Nullable String hex(@Nullable String given) {
    if (given == null || given.length() == TRACE_DIGITS) {
      return given;
    }
    try {
      return Long.toHexString(Long.parseUnsignedLong(given));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable String padded(@Nullable String given, int digits) {
    if (given == null || given.isEmpty() || given.length() > digits) {
      return null;
    }
    String text = isHex(given) ? given : given.toLowerCase(Locale.ROOT);
    if (!isHex(text) || isZero(text)) {
      return null;
    }
    return text.length() == digits ? text : "0".repeat(digits - text.length()) + text;
  }

  private static boolean isHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }
}
