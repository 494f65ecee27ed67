package io.agentlog.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a line as one JSON object: maps, lists, strings (not cleaned: they may hold NUL and lone
 * surrogates), {@code Long}, {@code BigInteger}, {@code BigDecimal}, booleans and null. Python's
 * NaN and infinities, which JSON does not have, become null. Thread-safe.
 */
public final class JsonReader {
  /** Deepest nesting of objects and lists; a deeper line is broken. */
  static final int DEPTH_MAX = 100;

  /** Most digits of a number; a line with more is broken. */
  static final int NUMBER_LENGTH_MAX = 1_000;

  /** Longest name or text; a line with a longer one is broken. */
  static final int TEXT_LENGTH_MAX = 16 << 20;

  /** Largest exponent; a number beyond is kept as text, because the database can't hold it. */
  static final int EXPONENT_MAX = 1_000;

  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNumberLength(NUMBER_LENGTH_MAX)
                  .maxStringLength(TEXT_LENGTH_MAX)
                  .maxNameLength(TEXT_LENGTH_MAX)
                  .build())
          .build();

  private JsonReader() {}

  /**
   * Reads a line.
   *
   * @throws BrokenLineException if the line is not a JSON object in UTF-8
   */
  public static Map<String, @Nullable Object> parse(byte[] line) throws BrokenLineException {
    CharBuffer text = decode(line);
    try (JsonParser parser =
        JSON.createParser(text.array(), text.arrayOffset() + text.position(), text.length())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new BrokenLineException("no JSON object");
      }
      Map<String, @Nullable Object> object = object(parser);
      if (parser.nextToken() != null) {
        throw new BrokenLineException("more follows after the JSON object");
      }
      return object;
    } catch (JsonEOFException e) {
      throw new BrokenLineException("no whole JSON object: the line was cut short");
    } catch (StreamConstraintsException e) {
      throw new BrokenLineException(
          "nested deeper than %s, or a number of more than %s digits"
              .formatted(DEPTH_MAX, NUMBER_LENGTH_MAX));
    } catch (JsonProcessingException e) { // Its message quotes the line.
      int column = e.getLocation() == null ? 1 : e.getLocation().getColumnNr();
      throw new BrokenLineException("no JSON from character " + column + " on");
    } catch (IOException e) {
      throw new BrokenLineException("no JSON");
    }
  }

  /** Decodes strictly, because the parser accepts some malformed bytes. */
  private static CharBuffer decode(byte[] line) throws BrokenLineException {
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line));
      boolean hasByteOrderMark = text.hasRemaining() && text.get(text.position()) == '\ufeff';
      return hasByteOrderMark ? text.position(text.position() + 1) : text;
    } catch (CharacterCodingException e) {
      throw new BrokenLineException("not in UTF-8");
    }
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      object.put(name, value(parser));
    }
    return object;
  }

  private static List<@Nullable Object> array(JsonParser parser) throws IOException {
    List<@Nullable Object> array = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(parser));
    }
    return array;
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> decimal(parser);
      default -> null;
    };
  }

  private static Number integer(JsonParser parser) throws IOException {
    BigInteger value = parser.getBigIntegerValue();
    return value.bitLength() < Long.SIZE ? (Number) value.longValue() : value;
  }

  private static @Nullable Object decimal(JsonParser parser) throws IOException {
    if (parser.isNaN()) {
      return null;
    }
    BigDecimal value;
    try {
      value = parser.getDecimalValue();
    } catch (NumberFormatException | ArithmeticException e) { // An exponent of many digits.
      return parser.getText();
    }
    long exponent = (long) value.precision() - value.scale();
    return Math.abs(exponent) > EXPONENT_MAX || Math.abs((long) value.scale()) > EXPONENT_MAX
        ? parser.getText()
        : value;
  }
}
