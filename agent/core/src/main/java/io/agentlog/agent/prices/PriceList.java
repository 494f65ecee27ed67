package io.agentlog.agent.prices;

import io.agentlog.config.NamePattern;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Prices of one version of a file. Immutable but for what it remembers of earlier questions.
 * Thread-safe.
 *
 * <p>A model is looked up as {@code provider/model} and as {@code model}: exact names first, then
 * the longest pattern that matches.
 */
public final class PriceList implements Pricing {
  /** Longest name of a model that is looked up or kept. */
  public static final int NAME_MAX = 256;

  /** Most models that are remembered with their prices. */
  static final int REMEMBERED_MAX = 1_000;

  /**
   * Providers as frameworks say them, without case and punctuation, and as LiteLLM's file has them.
   * Others are the same in both.
   */
  private static final Map<String, String> PROVIDERS =
      Map.ofEntries(
          Map.entry("azureopenai", "azure"),
          Map.entry("microsoftfoundry", "azure_ai"),
          Map.entry("amazonbedrock", "bedrock"),
          Map.entry("bedrockconverse", "bedrock"),
          Map.entry("googleaigemini", "gemini"),
          Map.entry("googlegenaiai", "gemini"),
          Map.entry("googlegenai", "gemini"),
          Map.entry("google", "gemini"),
          Map.entry("googlevertexaigemini", "vertex_ai"),
          Map.entry("googlevertexaianthropic", "vertex_ai"),
          Map.entry("vertexai", "vertex_ai"),
          Map.entry("mistralai", "mistral"),
          Map.entry("githubmodels", "github"));

  private record Question(
      @Nullable String provider, @Nullable String responseModel, @Nullable String requestModel) {}

  private record Pattern(NamePattern name, Price price) {}

  private final String version;
  private final String currency;
  private final Map<String, Price> exact = new HashMap<>();
  private final List<Pattern> patterns = new ArrayList<>();
  private final Map<Question, Optional<Price>> remembered = new ConcurrentHashMap<>();

  PriceList(String version, String currency, Map<String, Tariff> tariffs) {
    this.version = version;
    this.currency = currency;
    tariffs.forEach(
        (model, tariff) -> {
          Price price = new Price(currency, version, tariff);
          if (model.indexOf('*') < 0) {
            exact.put(model, price);
          } else {
            patterns.add(new Pattern(NamePattern.ofText(model), price));
          }
        });
    patterns.sort(Comparator.comparingInt((Pattern p) -> p.name().text().length()).reversed());
  }

  /** Returns the file's own version, or the beginning of its SHA-256. */
  public String version() {
    return version;
  }

  /** Returns the three letters of all costs' currency. */
  public String currency() {
    return currency;
  }

  /** Number of models and patterns with a price. */
  public int size() {
    return exact.size() + patterns.size();
  }

  int rememberedCount() {
    return remembered.size();
  }

  @Override
  public @Nullable Price of(
      @Nullable String provider, @Nullable String responseModel, @Nullable String requestModel) {
    Question question = new Question(usable(provider), usable(responseModel), usable(requestModel));
    Optional<Price> known = remembered.get(question);
    if (known == null) {
      known = Optional.ofNullable(find(question));
      if (remembered.size() < REMEMBERED_MAX) {
        remembered.put(question, known);
      }
    }
    return known.orElse(null);
  }

  private static @Nullable String usable(@Nullable String name) {
    return name == null || name.isEmpty() || name.length() > NAME_MAX ? null : name;
  }

  private @Nullable Price find(Question question) {
    Price price = find(question.provider(), question.responseModel());
    return price == null ? find(question.provider(), question.requestModel()) : price;
  }

  private @Nullable Price find(@Nullable String provider, @Nullable String model) {
    if (model == null) {
      return null;
    }
    Set<String> names = names(provider, model);
    for (String name : names) {
      Price price = exact.get(name);
      if (price != null) {
        return price;
      }
    }
    for (Pattern pattern : patterns) {
      for (String name : names) {
        if (pattern.name().matches(name)) {
          return pattern.price();
        }
      }
    }
    return null;
  }

  /** The names of a model in files, the more exact ones first. */
  private static Set<String> names(@Nullable String provider, String model) {
    Set<String> names = new LinkedHashSet<>();
    if (provider != null) {
      String lower = provider.toLowerCase(Locale.ROOT);
      String plain = lower.replaceAll("[^a-z0-9]", "");
      names.add(PROVIDERS.getOrDefault(plain, plain) + "/" + model);
      names.add(lower + "/" + model);
    }
    names.add(model);
    return names;
  }
}
