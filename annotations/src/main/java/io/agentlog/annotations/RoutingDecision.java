package io.agentlog.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method whose result is a routing decision: a row of {@code agent_routing_decisions},
 * linked to the current execution. A call outside an execution, or a call that throws or returns
 * null, is not recorded.
 *
 * <p>All members are value paths, usually under {@code result}; see {@link AgentExecution}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface RoutingDecision {
  /**
   * Value path to the name of the selected agent.
   *
   * @return the path, by default {@code result.agent}
   */
  String agent() default "result.agent";

  /**
   * Value path to the total confidence.
   *
   * @return a path to a number from 0.0 to 1.0, by default {@code result.confidence}
   */
  String confidence() default "result.confidence";

  /**
   * Value path to the name of the strategy.
   *
   * @return the path; empty (the default) stores null
   */
  String strategy() default "";

  /**
   * Value path to the explanation.
   *
   * @return the path; empty (the default) stores null
   */
  String reasoning() default "";

  /**
   * Value path to the considered alternatives: a list of strings, maps or records.
   *
   * @return the path; empty (the default) stores null
   */
  String alternatives() default "";

  /**
   * Value path to the parts of the confidence: an object or map with {@code trigger}, {@code
   * context}, {@code capability} and {@code historical}.
   *
   * @return the path; empty (the default) stores nulls
   */
  String components() default "";
}
