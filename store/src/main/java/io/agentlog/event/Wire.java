package io.agentlog.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Bytes of one event in a journal record, little-endian, unaligned.
 *
 * <pre>
 *  offset size field
 *       0    1 format       {@value #FORMAT}, or {@value #FORMAT_OF_USAGE} for an event with a field marked so; a
 *                           reader leaves others alone
 *       1    1 type         code of {@link EventType}, never reused
 *       2    1 flags        bit 0: UTF-16 texts have the high byte first
 *       3    1 spare        of a started event the code of its {@link Event.Kind}; else 0
 *       4    4 seq
 *       8   16 executionId  high half, low half
 *      24    8 startedAt    microseconds since the epoch
 *      32    8 elapsed      nanoseconds since the start
 *      40      agentName    text
 *              correlation  identifier
 *              session      identifier; absent = the instance
 *
 *  started           parent identifier, root identifier (format 2 only), projectPath, projectName, claudeSessionId, terminalId, traceId,
 *                    spanId texts (absent = the instance's), metadata value, promptLength int (-1 = of the
 *                    text; below that -2 minus the length: the prompt was withheld), prompt text (if it was
 *                    withheld its SHA-256 in hexadecimal, or absent)
 *  progress          percent int (-1 = not known), stage text, stage metadata value, metadata value, totals
 *                    (format 2 only)
 *  completed         status code byte, end bit byte, quality double (NaN = null), errorType, errorMessage texts,
 *                    metadata value, totals (format 2 only)
 *  routing_decision  id identifier, routingTimeMillis int, cacheHit byte (0 unknown, 1 no, 2 yes; plus 16 if
 *                    userRequest is the SHA-256 of one that was withheld), five
 *                    doubles (NaN = null), selectedAgent, strategy, reasoning texts, alternatives value,
 *                    userRequest text
 *
 *  prompt            id identifier, metadata value, kept prompt, kept instructions
 *  file_operation    id identifier, operation code byte, success byte (0, 1), size, bytesRead, bytesWritten,
 *                    micros longs (-1 = null), path, pathSha256 (absent = of the path), sha256Before, tool,
 *                    errorType, errorMessage texts, parameters value, metadata value
 *  file_hash         operation id identifier, size long (-1 = null), sha256Before, sha256After texts, metadata
 *                    value
 *  intelligence_usage
 *                    id identifier, applied, contributed bytes (0 unknown, 1 no, 2 yes), rank int (0 = null),
 *                    micros long (-1 = null), confidence, qualityImpact doubles (NaN = null), item identifier,
 *                    kind, source, name, collection, usageContext, summary, query texts, metadata value
 *  model_call        (format 2 only) root identifier, streaming byte (0, 1), durationMicros, firstTokenMicros
 *                    longs (-1 = null), tokens, costNanos long (-1 = null), framework, provider, requestModel,
 *                    responseModel, finishReason, errorType, errorMessage, currency, priceVersion texts, metadata
 *                    value, totals
 *
 *  tokens      input, output, cacheRead, cacheWrite, reasoning longs (-1 = null)
 *  totals      modelCalls, toolCalls ints, tokens, costNanos long (-1 = null), model, currency texts
 *  kept        absent byte, or a present byte, then length int and text as a started event's prompt
 *  text        tag byte, then unless absent: length int, bytes
 *  identifier  tag byte, then 16 bytes, or as a text
 *  value       tag byte, then as the tag says
 * </pre>
 *
 * <p>A journal outlives the agent that wrote it, so a change of these bytes needs the next format,
 * and a reader that still reads the formats before. An event is written in the oldest format that
 * can carry it, so that an older agent can deliver what it knows.
 *
 * <p>The last text of a started event and of a decision stands at the very end, so that it can be
 * appended from the string's own array.
 */
final class Wire {
  static final byte FORMAT = 1;
  static final byte FORMAT_OF_USAGE = 2;
  static final byte FLAG_BIG_ENDIAN = 1;

  static final int FORMAT_OFFSET = 0;
  static final int TYPE_OFFSET = FORMAT_OFFSET + 1;
  static final int FLAGS_OFFSET = TYPE_OFFSET + 1;
  static final int SPARE_OFFSET = FLAGS_OFFSET + 1;
  static final int SEQ_OFFSET = SPARE_OFFSET + 1;
  static final int ID_HIGH_OFFSET = SEQ_OFFSET + Integer.BYTES;
  static final int ID_LOW_OFFSET = ID_HIGH_OFFSET + Long.BYTES;
  static final int STARTED_AT_OFFSET = ID_LOW_OFFSET + Long.BYTES;
  static final int ELAPSED_OFFSET = STARTED_AT_OFFSET + Long.BYTES;

  /** Bytes before the first field whose length varies. */
  static final int HEADER_LENGTH = ELAPSED_OFFSET + Long.BYTES;

  /** A prompt's length that equals the length of the text behind it. */
  static final int LENGTH_OF_TEXT = -1;

  /** A boolean that may be unknown. */
  static final int UNKNOWN = 0;

  static final int NO = 1;
  static final int YES = 2;

  /** A number that is not negative and not known. */
  static final long NOT_KNOWN = -1;

  /** Longest prompt and longest instructions of a prompt event: both fit one journal record. */
  static final int KEPT_BYTES_MAX = 384 * 1024;

  static final int CACHE_HIT_UNKNOWN = 0;
  static final int CACHE_HIT = 2;

  /** The bit in a decision's cache hit byte for a user request that is a hash. */
  static final int HASHED_REQUEST = 16;

  static final byte ABSENT = 0;
  static final byte LATIN1 = 1;
  static final byte UTF16 = 2;
  static final byte UUID_BYTES = 3;
  static final byte TRUE = 4;
  static final byte FALSE = 5;
  static final byte LONG = 6;
  static final byte DOUBLE = 7;
  static final byte DECIMAL = 8;
  static final byte LIST = 9;
  static final byte MAP = 10;

  /** The bit in a text's tag for a text that was cut. */
  static final byte CUT = (byte) 0x80;

  /** Deepest nesting of a value; deeper is damage, because snapshots stop far before. */
  static final int DEPTH_MAX = 16;

  static final VarHandle INT_LE =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle LONG_LE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Wire() {}

  /** Encodes the length of a withheld prompt: below all other values. */
  static int withheldLength(int length) {
    return LENGTH_OF_TEXT - 1 - length;
  }

  /** True if an encoded length is one of {@link #withheldLength}. */
  static boolean isWithheld(int encoded) {
    return encoded < LENGTH_OF_TEXT;
  }

  /** The length that {@link #withheldLength} encoded. */
  static int lengthOfWithheld(int encoded) {
    return LENGTH_OF_TEXT - 1 - encoded;
  }
}
