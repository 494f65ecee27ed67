package io.agentlog.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method that finds or applies knowledge: patterns, documents, schemas. Each item is a row
 * of {@code agent_intelligence_usage}, linked to the current execution. A call outside an
 * execution, or a call that throws, is not recorded. Recorded with {@code traceability=true} alone.
 *
 * <p>{@link #items()} names what was used. A collection or an array gives a row for each of its
 * first 50 elements, with their rank from 1; any other value is one item, without a rank; null is
 * none. The paths {@link #id()}, {@link #name()}, {@link #score()}, {@link #summary()} and {@link
 * #applied()} are followed once for each item, where {@code item} is the item:
 *
 * <pre>{@code
 * @IntelligenceUsed(type = "pattern", source = "qdrant", name = "item.title", query = "question")
 * List<Pattern> similar(String question) { ... }
 * }</pre>
 *
 * <p>They may also begin with a parameter's name, {@code this} or {@code result}; see {@link
 * AgentExecution} for paths. A parameter that is called {@code item} is {@code argN} here.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface IntelligenceUsed {
  /**
   * The kind of knowledge, a constant such as {@code pattern}, {@code schema}, {@code
   * debug_intelligence}, {@code model}, {@code infrastructure} or {@code relationship}.
   *
   * @return the kind; empty (the default) stores null
   */
  String type() default "";

  /**
   * The system that the knowledge comes from, a constant such as {@code qdrant} or {@code
   * postgres}.
   *
   * @return the source; empty (the default) stores null
   */
  String source() default "";

  /**
   * The collection, index or table in that system, a constant.
   *
   * @return the collection; empty (the default) stores null
   */
  String collection() default "";

  /**
   * What the knowledge is used for, a constant such as {@code planning}.
   *
   * @return the purpose; empty (the default) stores null
   */
  String context() default "";

  /**
   * Value path to the item, or to the collection or array of items.
   *
   * @return the path, by default {@code result}; a method that returns nothing needs another one
   */
  String items() default "result";

  /**
   * Value path to the item's ID. A value that is not a UUID is stored as its version-5 UUID, and
   * its text in the metadata.
   *
   * @return the path; empty (the default) means the field or key {@code id}, if the item has one
   */
  String id() default "";

  /**
   * Value path to the item's name.
   *
   * @return the path; empty (the default) means the field or key {@code name} or {@code title}, if
   *     the item has one
   */
  String name() default "";

  /**
   * Value path to a score from 0.0 to 1.0, for example a similarity. A value out of range is kept
   * in the metadata.
   *
   * @return the path; empty (the default) means the field or key {@code score} or {@code
   *     confidence}, if the item has one
   */
  String score() default "";

  /**
   * Value path to the item's text. Read with {@code capture.retrieval=full} alone; its first 200
   * characters are stored.
   *
   * @return the path; empty (the default) means the item itself if it is a text, else the field or
   *     key {@code summary}, {@code text} or {@code content}, if the item has one
   */
  String summary() default "";

  /**
   * Value path to the question that found the items. Read with {@code capture.retrieval=full}
   * alone.
   *
   * @return the path; empty (the default) means the parameter named {@code query}
   */
  String query() default "";

  /**
   * Whether the item was put to use, and not only found: {@code true}, {@code false}, or a value
   * path to a boolean.
   *
   * @return the answer; empty (the default) stores null: not known
   */
  String applied() default "";
}
