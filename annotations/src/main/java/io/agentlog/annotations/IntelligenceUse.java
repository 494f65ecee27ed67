package io.agentlog.annotations;

/**
 * One item of knowledge that the current execution uses, until {@link #record()} hands it to the
 * agent. Made by {@link CurrentExecution#intelligence(String)}.
 *
 * <p>No method throws, waits or does I/O. One thread at a time uses an object. Without the agent,
 * and outside an execution, there is a single object, which keeps nothing.
 */
public final class IntelligenceUse {
  /** Stands for an item that nobody records. */
  static final IntelligenceUse NONE = new IntelligenceUse(new Object[0]);

  // Positions in the array for the agent. An older agent reads the first ones, so that new ones go
  // to the end, and none is ever used again.
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
  private static final int COUNT = CONTEXT + 1;

  /** Empty if nobody records. */
  private final Object[] values;

  private IntelligenceUse(Object[] values) {
    this.values = values;
  }

  static IntelligenceUse of(String name) {
    return new IntelligenceUse(new Object[COUNT]).with(NAME, name);
  }

  /**
   * Sets the kind of knowledge.
   *
   * @param kind for example {@code pattern}, {@code schema} or {@code model}; null: not known
   * @return this object
   */
  public IntelligenceUse kind(String kind) {
    return with(KIND, kind);
  }

  /**
   * Sets the system that the item comes from.
   *
   * @param source for example {@code qdrant} or {@code postgres}; null: not known
   * @return this object
   */
  public IntelligenceUse source(String source) {
    return with(SOURCE, source);
  }

  /**
   * Sets the collection, index or table that holds the item.
   *
   * @param collection its name; null: not known
   * @return this object
   */
  public IntelligenceUse collection(String collection) {
    return with(COLLECTION, collection);
  }

  /**
   * Sets what the item is used for.
   *
   * @param context for example {@code planning} or {@code code review}; null: not known
   * @return this object
   */
  public IntelligenceUse context(String context) {
    return with(CONTEXT, context);
  }

  /**
   * Sets the item's ID. A text that is not a UUID is stored as its version-5 UUID.
   *
   * @param id the ID; null: not known
   * @return this object
   */
  public IntelligenceUse id(String id) {
    return with(ID, id);
  }

  /**
   * Sets how well the item fits, for example its similarity.
   *
   * @param score 0.0 to 1.0; a value out of range is kept in the metadata
   * @return this object
   */
  public IntelligenceUse score(double score) {
    return with(SCORE, score);
  }

  /**
   * Sets the item's place among those that were found.
   *
   * @param rank from 1; below that: not known
   * @return this object
   */
  public IntelligenceUse rank(int rank) {
    return with(RANK, rank);
  }

  /**
   * Sets whether the item was put to use, and not only found.
   *
   * @param applied true if it was; without a call: not known
   * @return this object
   */
  public IntelligenceUse applied(boolean applied) {
    return with(APPLIED, applied);
  }

  /**
   * Sets whether the item helped the execution to succeed.
   *
   * @param contributed true if it did; without a call: not known
   * @return this object
   */
  public IntelligenceUse contributed(boolean contributed) {
    return with(CONTRIBUTED, contributed);
  }

  /**
   * Sets how much the item changed the quality of the execution.
   *
   * @param impact -1.0 to 1.0; a value out of range is kept in the metadata
   * @return this object
   */
  public IntelligenceUse impact(double impact) {
    return with(IMPACT, impact);
  }

  /**
   * Sets the item's text. Kept with {@code capture.retrieval=full} alone, and only its first 200
   * characters.
   *
   * @param summary the text; null: none
   * @return this object
   */
  public IntelligenceUse summary(String summary) {
    return with(SUMMARY, summary);
  }

  /**
   * Sets the question that found the item. Kept with {@code capture.retrieval=full} alone.
   *
   * @param query the question; null: not known
   * @return this object
   */
  public IntelligenceUse query(String query) {
    return with(QUERY, query);
  }

  /** Records the item for the execution that the calling thread works for now: one row a call. */
  public void record() {
    if (values.length > 0) {
      CurrentExecution.recordIntelligence(values.clone());
    }
  }

  private IntelligenceUse with(int position, Object value) {
    if (values.length > 0) {
      values[position] = value;
    }
    return this;
  }
}
