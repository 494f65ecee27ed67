package io.agentlog.agent.capture;

import io.agentlog.agent.capture.framework.Retrieval;
import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.value.IntelligenceSources;
import io.agentlog.agent.capture.value.IntelligenceSources.OfItem;
import io.agentlog.agent.capture.value.Texts;
import io.agentlog.event.Identifier;
import io.agentlog.event.IntelligenceValues;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the values of used knowledge, as far as the policy keeps them. Thread-safe. */
final class IntelligenceReader {
  /** Most characters of a summary that are kept, in code points. */
  static final int SUMMARY_CODE_POINTS_MAX = 200;

  /** Chars of a text that are searched for secrets before the summary is cut from them. */
  static final int SEARCHED_CHARS_MAX = 4 * 1024;

  /** Longest secret that the end of the searched chars may have split. */
  private static final int SECRET_CHARS_MAX = 1024;

  // Positions in the array of IntelligenceUse. An older one is shorter, a newer one is longer.
  private static final int NAME = 0;
  private static final int KIND = 1;
  private static final int SOURCE = 2;
  private static final int COLLECTION = 3;
  private static final int ID = 4;
  private static final int SCORE = 5;
  private static final int RANK = 6;
  private static final int APPLIED = 7;
  private static final int CONTRIBUTED = 8;
  private static final int IMPACT = 9;
  private static final int SUMMARY = 10;
  private static final int QUERY = 11;
  private static final int CONTEXT = 12;

  private final Privacy privacy;
  private final boolean keepsTexts;

  /**
   * @param keepsTexts false if summary and query are not even read
   */
  IntelligenceReader(Privacy privacy, boolean keepsTexts) {
    this.privacy = privacy;
    this.keepsTexts = keepsTexts;
  }

  /** Returns the query of a call, which is the same for all its items. */
  @Nullable String query(Call call, IntelligenceSources sources, @Nullable Object result) {
    return keepsTexts ? text(call.read(sources.query(), result)) : null;
  }

  /**
   * Reads one item that a call has found or applied.
   *
   * @param rank from 1; 0 if not known
   * @param query of {@link #query}
   * @param queryMicros time of the call
   */
  IntelligenceValues ofItem(
      Call call,
      IntelligenceSpec spec,
      IntelligenceSources sources,
      @Nullable Object result,
      Object item,
      int rank,
      @Nullable String query,
      long queryMicros) {
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
    Object id = identifier(read(call, sources.id(), result, item));
    String name = text(read(call, sources.name(), result, item));
    double score = score(read(call, sources.score(), result, item), metadata);
    Boolean applied = spec.appliedAlways();
    if (applied == null && read(call, sources.applied(), result, item) instanceof Boolean read) {
      applied = read;
    }
    String summary = null;
    if (keepsTexts) {
      Object text =
          spec.summary().isBlank() && item instanceof CharSequence
              ? item
              : read(call, sources.summary(), result, item);
      summary = summary(Texts.textOf(text));
    }
    flag(metadata, "intelligence_id", id);
    flag(metadata, "intelligence_name", name);
    flag(metadata, "intelligence_summary", summary);
    flag(metadata, "query_used", query);
    return new IntelligenceValues(
        orNull(spec.type()),
        orNull(spec.source()),
        id,
        name,
        orNull(spec.collection()),
        orNull(spec.context()),
        score,
        summary,
        query,
        queryMicros,
        rank,
        applied,
        null,
        Double.NaN,
        metadata);
  }

  boolean keepsTexts() {
    return keepsTexts;
  }

  /** Returns the query of a framework's search, which is the same for all its items. */
  @Nullable String query(Retrieval retrieval) {
    return keepsTexts ? privacy.redactOrNull(retrieval.query()) : null;
  }

  /**
   * Reads one item that a framework has found.
   *
   * @param query of {@link #query}
   */
  IntelligenceValues ofItem(Retrieval retrieval, Retrieval.Item item, @Nullable String query) {
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
    Object id = identifier(item.id());
    String name = text(item.name());
    String summary = keepsTexts ? summary(item.text()) : null;
    flag(metadata, "intelligence_id", id);
    flag(metadata, "intelligence_name", name);
    flag(metadata, "intelligence_summary", summary);
    flag(metadata, "query_used", query);
    return new IntelligenceValues(
        text(retrieval.kind()),
        text(retrieval.source()),
        id,
        name,
        text(retrieval.collection()),
        null,
        score(item.score(), metadata),
        summary,
        query,
        retrieval.micros(),
        Math.max(0, item.rank()),
        item.isApplied(),
        null,
        Double.NaN,
        metadata);
  }

  /** Reads what {@code IntelligenceUse} has collected. */
  IntelligenceValues ofFacade(@Nullable Object[] given) {
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
    Object id = identifier(at(given, ID));
    String name = text(at(given, NAME));
    String summary = keepsTexts ? summary(Texts.textOf(at(given, SUMMARY))) : null;
    String query = keepsTexts ? text(at(given, QUERY)) : null;
    String context = text(at(given, CONTEXT));
    flag(metadata, "usage_context", context);
    flag(metadata, "intelligence_id", id);
    flag(metadata, "intelligence_name", name);
    flag(metadata, "intelligence_summary", summary);
    flag(metadata, "query_used", query);
    return new IntelligenceValues(
        text(at(given, KIND)),
        text(at(given, SOURCE)),
        id,
        name,
        text(at(given, COLLECTION)),
        context,
        score(at(given, SCORE), metadata),
        summary,
        query,
        -1,
        at(given, RANK) instanceof Integer rank ? Math.max(0, rank) : 0,
        at(given, APPLIED) instanceof Boolean applied ? applied : null,
        at(given, CONTRIBUTED) instanceof Boolean contributed ? contributed : null,
        impact(at(given, IMPACT), metadata),
        metadata);
  }

  private static @Nullable Object at(@Nullable Object[] given, int position) {
    return position < given.length ? given[position] : null;
  }

  private static @Nullable Object read(
      Call call, @Nullable OfItem source, @Nullable Object result, Object item) {
    if (source == null) {
      return null;
    }
    return source.isBelowItem()
        ? source.source().read(null, null, item)
        : call.read(source.source(), result);
  }

  private @Nullable Object identifier(@Nullable Object value) {
    if (value instanceof UUID) {
      return value;
    }
    String text = Texts.textOf(value);
    if (text == null || text.isEmpty()) {
      return null;
    }
    // A UUID's digits may look like a card's, but never are.
    return !privacy.redacts() || Identifier.of(text).raw() == null ? text : privacy.redact(text);
  }

  private @Nullable String text(@Nullable Object value) {
    return privacy.redactOrNull(Texts.textOf(value));
  }

  /** Returns the beginning of a text. The whole text may be large, so only a part is searched. */
  private @Nullable String summary(@Nullable String text) {
    if (text == null) {
      return null;
    }
    boolean isWhole = text.length() <= SEARCHED_CHARS_MAX;
    String searched = privacy.redact(isWhole ? text : text.substring(0, SEARCHED_CHARS_MAX));
    int end =
        searched.codePointCount(0, searched.length()) <= SUMMARY_CODE_POINTS_MAX
            ? searched.length()
            : searched.offsetByCodePoints(0, SUMMARY_CODE_POINTS_MAX);
    if (!isWhole && privacy.redacts() && end > searched.length() - SECRET_CHARS_MAX) {
      // So much was redacted that what is left may end in a part of a secret.
      end = Math.max(0, searched.length() - SECRET_CHARS_MAX);
    }
    return end == searched.length() ? searched : searched.substring(0, end);
  }

  private static double score(@Nullable Object value, Map<String, @Nullable Object> metadata) {
    double score = Numbers.ratio(value);
    double given = Numbers.doubleOf(value);
    if (Double.isNaN(score) && !Double.isNaN(given)) {
      metadata.put("confidence_score_rejected", given);
    }
    return score;
  }

  private static double impact(@Nullable Object value, Map<String, @Nullable Object> metadata) {
    double impact = Numbers.doubleOf(value);
    if (impact < -1 || impact > 1) {
      metadata.put("quality_impact_rejected", impact);
      return Double.NaN;
    }
    return impact;
  }

  private void flag(Map<String, @Nullable Object> metadata, String field, @Nullable Object value) {
    if (privacy.isRedacted(value)) {
      metadata.put(field + MetadataBuilder.REDACTED_SUFFIX, true);
    }
  }

  private static @Nullable String orNull(String text) {
    return text.isBlank() ? null : text.strip();
  }
}
