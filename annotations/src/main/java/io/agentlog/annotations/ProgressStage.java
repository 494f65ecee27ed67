package io.agentlog.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method whose calls report a stage of the current execution. A call outside an execution
 * is not recorded.
 *
 * <p>Each report is a row of {@code agent_execution_progress}; the latest one also stands in the
 * execution's {@code metadata.progress}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface ProgressStage {
  /**
   * The stage's name.
   *
   * @return the name; empty (the default) means the method's name
   */
  String value() default "";

  /**
   * Progress of the execution when this stage is reported, in percent.
   *
   * @return 0 to 100; negative (the default) means unknown and is stored as null
   */
  int percent() default -1;

  /**
   * Moment at which the stage is reported.
   *
   * @return {@link When#ENTRY} by default
   */
  When at() default When.ENTRY;

  /**
   * Values to keep with the stage, each written {@code key=path}; see {@link AgentExecution} for
   * paths. A path under {@code result} needs {@link When#EXIT} or {@link When#BOTH}.
   *
   * @return the entries, none by default
   */
  String[] metadata() default {};

  /** The moment of a call at which its stage is reported. */
  enum When {
    /** When the method is entered. */
    ENTRY,
    /**
     * When the method ends. Adds {@code stage_duration_ms}, and {@code error_type} if the method
     * threw; metadata may read {@code result}.
     */
    EXIT,
    /** At both moments, as two reports. */
    BOTH
  }
}
