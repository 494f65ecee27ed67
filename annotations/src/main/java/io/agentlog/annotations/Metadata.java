package io.agentlog.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a value to keep in the metadata of the execution: a parameter of an {@link AgentExecution}
 * method, or a record component, field or getter of such a parameter's type.
 */
@Documented
@Target({ElementType.PARAMETER, ElementType.FIELD, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface Metadata {
  /**
   * The key in the metadata.
   *
   * @return the key; {@code progress} and {@code completed_at} are reserved
   */
  String value();
}
