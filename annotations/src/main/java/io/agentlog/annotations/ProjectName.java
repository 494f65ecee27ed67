package io.agentlog.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks the name of the project that an execution works on: a parameter of an {@link
 * AgentExecution} method, or a record component, field or getter of such a parameter's type. If no
 * value is marked, the option {@code project.name} is used.
 */
@Documented
@Target({ElementType.PARAMETER, ElementType.FIELD, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface ProjectName {}
