package io.agentlog.agent.prices;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.agentlog.event.CleanText;
import io.agentlog.files.BoundedFile;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of prices in one pass. It is agentlog's own if it has an object {@code models}; else
 * each of its objects is a model of LiteLLM's. Not thread-safe; one reads one file.
 */
public final class PriceReader {
  /** Longest file that is read; LiteLLM's has 1.6 MB. */
  public static final int FILE_BYTES_MAX = 16 << 20;

  /** Most models of a file; further ones have no price. */
  static final int MODELS_MAX = 20_000;

  /** Most patterns of a file, since a model that is asked for first is compared with each. */
  static final int PATTERNS_MAX = 1_000;

  /** Longest version. */
  static final int VERSION_MAX = 64;

  private static final String MODELS = "models";

  /** The begin of LiteLLM's file that explains it. */
  private static final String LITELLM_EXAMPLE = "sample_spec";

  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(20)
                  .maxNumberLength(1_000)
                  .maxNameLength(10_000)
                  .maxStringLength(1 << 20)
                  .build())
          .build();

  private final Map<String, Tariff> own = new LinkedHashMap<>();
  private final Map<String, Tariff> liteLlm = new LinkedHashMap<>();
  private final LeftOut leftOutOfOwn = new LeftOut();
  private final LeftOut leftOutOfLiteLlm = new LeftOut();
  private boolean isOwn;
  private int patternCount;
  private @Nullable String version;
  private String currency = "USD";

  private PriceReader() {}

  /**
   * Prices of a file.
   *
   * @param leftOut says which models were left out and why; null if none was
   */
  public record Read(PriceList prices, @Nullable String leftOut) {}

  /**
   * Reads a file.
   *
   * @throws UnusablePricesException if it can't be read, or has no price that can be used
   */
  public static Read read(Path file) throws UnusablePricesException {
    try {
      return read(bytes(file));
    } catch (IOException e) {
      throw new UnusablePricesException(reason(e));
    }
  }

  static byte[] bytes(Path file) throws IOException {
    return BoundedFile.read(file, FILE_BYTES_MAX);
  }

  /** Says why a file can't be read, without its name. */
  static String reason(IOException e) {
    return e instanceof NoSuchFileException
        ? "no such file"
        : e.getClass() == IOException.class ? String.valueOf(e.getMessage()) : AgentLog.describe(e);
  }

  static Read read(byte[] bytes) throws UnusablePricesException {
    PriceReader reader = new PriceReader();
    reader.parse(bytes);
    return reader.result(bytes);
  }

  private void parse(byte[] bytes) throws UnusablePricesException {
    try (JsonParser parser = JSON.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new UnusablePricesException("it holds no JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        JsonToken token = parser.nextToken();
        if (token == JsonToken.START_OBJECT && key.equals(MODELS)) {
          isOwn = true;
          while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String model = parser.currentName();
            parser.nextToken();
            readModel(parser, model, own, leftOutOfOwn, OwnFormat::tariff);
          }
        } else if (token == JsonToken.START_OBJECT) {
          if (!key.equals(LITELLM_EXAMPLE)) {
            readModel(parser, key, liteLlm, leftOutOfLiteLlm, LiteLlmFormat::tariff);
          } else {
            parser.skipChildren();
          }
        } else if (token == JsonToken.START_ARRAY) {
          parser.skipChildren();
        } else if (key.equals("version") && token != JsonToken.VALUE_NULL) {
          version = version(parser.getText());
        } else if (key.equals("currency") && token != JsonToken.VALUE_NULL) {
          currency = currency(parser.getText());
        }
      }
      if (parser.nextToken() != null) {
        throw new UnusablePricesException("more follows after its JSON object");
      }
    } catch (StreamConstraintsException e) {
      throw new UnusablePricesException("it is nested too deep, or a name or number is too long");
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      throw new UnusablePricesException(
          at == null
              ? "it is no JSON"
              : "it is no JSON from line %s, column %s on"
                  .formatted(at.getLineNr(), at.getColumnNr()));
    } catch (IOException e) { // Of bytes in memory: they are not in UTF-8.
      throw new UnusablePricesException("it is no JSON in UTF-8");
    }
  }

  /** Makes prices of a model's object; null if it has none that agentlog could use. */
  private interface Format {
    @Nullable Tariff tariff(JsonEntry entry) throws BrokenPriceException;
  }

  private void readModel(
      JsonParser parser, String model, Map<String, Tariff> tariffs, LeftOut leftOut, Format format)
      throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      leftOut.add(model, "it is no object");
      return;
    }
    try {
      JsonEntry entry = JsonEntry.read(parser);
      Tariff tariff = format.tariff(entry);
      if (tariff != null) {
        checkRoomFor(model, tariffs);
        tariffs.put(model, tariff);
      }
    } catch (BrokenPriceException e) {
      leftOut.add(model, String.valueOf(e.getMessage()));
    }
  }

  private void checkRoomFor(String model, Map<String, Tariff> tariffs) throws BrokenPriceException {
    if (model.isEmpty() || model.length() > PriceList.NAME_MAX) {
      throw new BrokenPriceException("a name has 1 to " + PriceList.NAME_MAX + " characters");
    }
    if (tariffs.size() == MODELS_MAX) {
      throw new BrokenPriceException("only " + MODELS_MAX + " models are kept");
    }
    if (model.indexOf('*') >= 0 && ++patternCount > PATTERNS_MAX) {
      throw new BrokenPriceException("only " + PATTERNS_MAX + " names with * are kept");
    }
    if (tariffs.containsKey(model) && tariffs == own) {
      throw new BrokenPriceException("it is there twice, and the first one is used");
    }
  }

  private static String version(String text) throws UnusablePricesException {
    if (text.isBlank() || text.length() > VERSION_MAX) {
      throw new UnusablePricesException(
          "its version does not have 1 to " + VERSION_MAX + " characters");
    }
    return CleanText.of(text.strip()); // A column has to take it.
  }

  private static String currency(String text) throws UnusablePricesException {
    if (!text.matches("[A-Za-z]{3}")) {
      throw new UnusablePricesException("its currency is not three letters, as USD");
    }
    return text.toUpperCase(Locale.ROOT);
  }

  private Read result(byte[] bytes) throws UnusablePricesException {
    Map<String, Tariff> tariffs = isOwn ? own : liteLlm;
    LeftOut leftOut = isOwn ? leftOutOfOwn : leftOutOfLiteLlm;
    if (tariffs.isEmpty()) {
      throw new UnusablePricesException(
          leftOut.isEmpty()
              ? "it has neither models of agentlog's format nor of LiteLLM's"
              : "none of its models has a price: " + leftOut.describe());
    }
    PriceList prices =
        new PriceList(version == null ? hash(bytes) : version, isOwn ? currency : "USD", tariffs);
    return new Read(prices, leftOut.isEmpty() ? null : leftOut.describe());
  }

  private static String hash(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(hash, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
