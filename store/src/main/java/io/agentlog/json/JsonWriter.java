package io.agentlog.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the JSON values that events carry: maps with text keys, lists, strings, numbers, booleans
 * and null. Never throws for a value: NaN and infinities, which JSON does not have, are written as
 * null, and a value of another type as its class name. Thread-safe.
 */
public final class JsonWriter {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final int SECONDS_A_DAY = 86_400;

  /** Formats years that don't have four digits. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private JsonWriter() {}

  /** The value as compact JSON text. */
  public static String write(@Nullable Object value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      write(json, value);
    } catch (IOException e) {
      throw new UncheckedIOException("a StringWriter does no I/O", e);
    }
    return text.toString();
  }

  /**
   * A time as JSON text: ISO 8601 in UTC, always with six decimals, so that texts sort as times.
   * Written digit by digit, because an execution has seven times: a formatter took a third of the
   * sink's time for a batch.
   */
  public static String time(Instant time) {
    long second = time.getEpochSecond();
    LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(second, (long) SECONDS_A_DAY));
    if (date.getYear() < 0 || date.getYear() > 9999) {
      return TIME.format(time);
    }
    int ofDay = (int) Math.floorMod(second, (long) SECONDS_A_DAY);
    byte[] text = "0000-00-00T00:00:00.000000Z".getBytes(StandardCharsets.ISO_8859_1);
    putDigits(text, 4, date.getYear());
    putDigits(text, 7, date.getMonthValue());
    putDigits(text, 10, date.getDayOfMonth());
    putDigits(text, 13, ofDay / 3_600);
    putDigits(text, 16, ofDay / 60 % 60);
    putDigits(text, 19, ofDay % 60);
    putDigits(text, 26, time.getNano() / 1_000);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  /** Writes a number over zeros, its last digit before {@code end}. */
  private static void putDigits(byte[] text, int end, int number) {
    int place = end;
    for (int rest = number; rest > 0; rest /= 10) {
      text[--place] = (byte) ('0' + rest % 10);
    }
  }

  /** Writes the value to the generator. */
  public static void write(JsonGenerator json, @Nullable Object value) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Number number) {
      writeNumber(json, number);
    } else if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(String.valueOf(entry.getKey()));
        write(json, entry.getValue());
      }
      json.writeEndObject();
    } else if (value instanceof Collection<?> items) {
      json.writeStartArray();
      for (Object item : items) {
        write(json, item);
      }
      json.writeEndArray();
    } else {
      json.writeString(value.getClass().getName());
    }
  }

  private static void writeNumber(JsonGenerator json, Number number) throws IOException {
    if (number instanceof BigDecimal decimal) {
      json.writeNumber(decimal);
    } else if (number instanceof BigInteger integer) {
      json.writeNumber(integer);
    } else if (number instanceof Double || number instanceof Float) {
      if (Double.isFinite(number.doubleValue())) {
        json.writeRawValue(number.toString()); // A float keeps its own shortest digits.
      } else {
        json.writeNull();
      }
    } else if (number instanceof Long
        || number instanceof Integer
        || number instanceof Short
        || number instanceof Byte) {
      json.writeNumber(number.longValue());
    } else {
      json.writeString(number.getClass().getName());
    }
  }
}
