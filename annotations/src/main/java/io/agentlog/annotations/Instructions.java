package io.agentlog.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks the agent's instructions, often called its system prompt: a parameter of an {@link
 * AgentExecution} method, or a record component, field or getter of such a parameter's type. An
 * explicit path in the annotation wins.
 *
 * <p>Instructions are recorded with {@code traceability=true} alone, under the same privacy options
 * as prompts.
 */
@Documented
@Target({ElementType.PARAMETER, ElementType.FIELD, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface Instructions {}
