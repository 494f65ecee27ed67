package io.agentlog.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method that reports a stage of the execution it is called in. A call outside an execution
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
   * @return the name; empty (the default) stands for the method's name
   */
  String value() default "";

  /**
   * How far the execution is when this stage is reported, in percent.
   *
   * @return 0 to 100; negative (the default) means: not known, stored as null
   */
  int percent() default -1;

  /**
   * When the stage is reported.
   *
   * @return {@link When#ENTRY} by default
   */
  When at() default When.ENTRY;

  /**
   * What to keep with the stage, each entry written {@code key=path}; see {@link AgentExecution}
   * for paths. A path under {@code result} needs {@link When#EXIT} or {@link When#BOTH}.
   *
   * @return the entries, none by default
   */
  String[] metadata() default {};

  /** The moment of a call at which its stage is reported. */
  enum When {
    /** When the method is entered. */
    ENTRY,
    /**
     * When the method ends: adds {@code stage_duration_ms}, and {@code error_type} if it threw;
     * metadata may read {@code result}.
     */
    EXIT,
    /** At both moments, as two reports. */
    BOTH
  }
}
