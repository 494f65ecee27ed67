package io.agentlog.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks the quality score, a number from 0.0 to 1.0: a record component, field or getter of the
 * type that an {@link AgentExecution} method returns. An explicit path in the annotation wins. A
 * value out of range is stored as null and recorded as {@code quality_score_rejected} in the
 * metadata.
 */
@Documented
@Target({ElementType.FIELD, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface QualityScore {}
