package io.agentlog.agent.prices;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One model's JSON object: its scalars as text, and the objects of its lists of tiers.
 *
 * @param scalars by key; null is JSON's null, and {@link #NO_SCALAR} an object or another list
 * @param tiers objects of the key {@code tiers} or {@code tiered_pricing}
 */
record JsonEntry(Map<String, @Nullable String> scalars, List<JsonEntry> tiers) {
  /** Stands for the value of a key that is neither text nor number. */
  static final String NO_SCALAR = "{}";

  /** Keys of lists that are read. */
  static final List<String> TIERS = List.of("tiers", "tiered_pricing");

  /** Most tiers of a model. */
  private static final int TIERS_MAX = 20;

  /** Longest text that is kept; prices are shorter, and what is longer is no price. */
  private static final int TEXT_MAX = 200;

  /** Reads the object at whose begin the parser stands, and stops at its end. */
  static JsonEntry read(JsonParser parser) throws IOException, BrokenPriceException {
    Map<String, @Nullable String> scalars = new LinkedHashMap<>();
    List<JsonEntry> tiers = new ArrayList<>();
    BrokenPriceException broken = null; // The object is read to its end all the same.
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken token = parser.nextToken();
      if (token == JsonToken.START_ARRAY && TIERS.contains(key)) {
        try {
          readTiers(parser, tiers);
        } catch (BrokenPriceException e) {
          broken = e;
        }
      } else if (token.isStructStart()) {
        parser.skipChildren();
        scalars.put(key, NO_SCALAR);
      } else {
        scalars.put(key, token == JsonToken.VALUE_NULL ? null : cut(parser.getText()));
      }
    }
    if (broken != null) {
      throw broken;
    }
    return new JsonEntry(scalars, tiers);
  }

  private static void readTiers(JsonParser parser, List<JsonEntry> tiers)
      throws IOException, BrokenPriceException {
    BrokenPriceException broken = null;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        parser.skipChildren();
        broken = new BrokenPriceException("a tier is no object");
      } else if (tiers.size() == TIERS_MAX) {
        parser.skipChildren();
        broken = new BrokenPriceException("it has more than " + TIERS_MAX + " tiers");
      } else {
        tiers.add(readTier(parser));
      }
    }
    if (broken != null) {
      throw broken;
    }
  }

  /** Reads a tier: scalars, and the begin of a {@code range} as the key {@code above}. */
  private static JsonEntry readTier(JsonParser parser) throws IOException {
    Map<String, @Nullable String> scalars = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      JsonToken token = parser.nextToken();
      if (token == JsonToken.START_ARRAY && key.equals("range")) {
        if (parser.nextToken().isScalarValue()) {
          scalars.put("above", cut(parser.getText()));
        }
        while (parser.currentToken() != JsonToken.END_ARRAY) {
          parser.skipChildren();
          parser.nextToken();
        }
      } else if (token.isStructStart()) {
        parser.skipChildren();
        scalars.put(key, NO_SCALAR);
      } else {
        scalars.put(key, token == JsonToken.VALUE_NULL ? null : cut(parser.getText()));
      }
    }
    return new JsonEntry(scalars, List.of());
  }

  private static String cut(String text) {
    return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX);
  }

  /**
   * Returns a price, or null if the key is missing or null.
   *
   * @throws BrokenPriceException if it is no number
   */
  @Nullable BigDecimal number(String key) throws BrokenPriceException {
    String text = scalars.get(key);
    if (text == null) {
      return null;
    }
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      throw new BrokenPriceException("'" + key + "' is no number");
    }
  }

  /**
   * Returns the number of input tokens above which this tier holds.
   *
   * @throws BrokenPriceException if it is missing or no whole number
   */
  long above() throws BrokenPriceException {
    BigDecimal above = number("above");
    try {
      if (above != null && above.signum() >= 0 && (long) above.precision() - above.scale() < 19) {
        return above.longValueExact();
      }
    } catch (ArithmeticException e) {
      // It has a fraction.
    }
    throw new BrokenPriceException("a tier does not say above how many tokens it holds");
  }
}
