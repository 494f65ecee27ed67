package io.agentlog.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method whose result is a routing decision: a row of {@code agent_routing_decisions},
 * linked to the execution it was made in. A call outside an execution, or one that throws or
 * returns null, is not recorded.
 *
 * <p>All members are value paths, usually under {@code result}; see {@link AgentExecution}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface RoutingDecision {
  /**
   * Where the name of the selected agent is.
   *
   * @return a value path, by default {@code result.agent}
   */
  String agent() default "result.agent";

  /**
   * Where the total confidence is.
   *
   * @return a value path to a number from 0.0 to 1.0, by default {@code result.confidence}
   */
  String confidence() default "result.confidence";

  /**
   * Where the name of the strategy is.
   *
   * @return a value path; empty (the default) stores null
   */
  String strategy() default "";

  /**
   * Where the explanation is.
   *
   * @return a value path; empty (the default) stores null
   */
  String reasoning() default "";

  /**
   * Where the alternatives that were considered are: a list of strings, maps or records.
   *
   * @return a value path; empty (the default) stores null
   */
  String alternatives() default "";

  /**
   * Where the parts of the confidence are: an object or map with {@code trigger}, {@code context},
   * {@code capability} and {@code historical}.
   *
   * @return a value path; empty (the default) stores nulls
   */
  String components() default "";
}
