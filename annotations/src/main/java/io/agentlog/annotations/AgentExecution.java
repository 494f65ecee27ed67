package io.agentlog.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method whose calls are executions. Each call is one execution: a row of {@code
 * agent_execution_logs} and a stream of events.
 *
 * <p>The execution starts when the method is entered and ends when it returns ({@code success}),
 * throws ({@code failed}) or is cancelled ({@code cancelled}). Without the agent the annotation
 * does nothing.
 *
 * <p>The members {@link #prompt()}, {@link #instructions()}, {@link #correlationId()}, {@link
 * #sessionId()}, {@link #quality()} and the right sides of {@link #metadata()} are <em>value
 * paths</em>: a parameter's name, {@code argN}, {@code this} or {@code result}, followed by steps,
 * such as {@code request.prompt}, {@code headers['x-correlation-id']} or {@code
 * result[0].confidence.total}. A step is a record component, a getter, a public field, a map key or
 * an index. A path that can't be followed gives null and is reported once; nothing is thrown into
 * the application.
 *
 * <p>Implementations inherit the annotation from a method of an interface or superclass; if several
 * apply, the nearest wins. Constructors and native methods can't be recorded.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface AgentExecution {
  /**
   * The agent's name.
   *
   * @return the name; empty (the default) means the simple name of the declaring class in kebab
   *     case
   */
  String value() default "";

  /**
   * Value path to the prompt.
   *
   * @return the path; empty (the default) means the parameter or member marked {@link Prompt}, else
   *     one named {@code prompt}, {@code userPrompt}, {@code user_prompt}, {@code userRequest} or
   *     {@code user_request}
   */
  String prompt() default "";

  /**
   * Value path to the agent's instructions, often called its system prompt. Recorded with {@code
   * traceability=true} alone.
   *
   * @return the path; empty (the default) means the parameter or member marked {@link
   *     Instructions}, else one named {@code agentInstructions}, {@code agent_instructions}, {@code
   *     systemPrompt} or {@code system_prompt}, else none
   */
  String instructions() default "";

  /**
   * Value path to the correlation ID. A value that is not a UUID is stored as its version-5 UUID,
   * and its text in the metadata.
   *
   * @return the path; empty (the default) means the parameter or member marked {@link
   *     CorrelationId}, else one named {@code correlationId} or {@code correlation_id}, else the
   *     correlation ID of the enclosing execution, else a new UUID
   */
  String correlationId() default "";

  /**
   * Value path to the session ID.
   *
   * @return the path; empty (the default) means the parameter or member marked {@link SessionId},
   *     else one named {@code sessionId} or {@code session_id}, else the session ID of the
   *     enclosing execution, else the ID of this process
   */
  String sessionId() default "";

  /**
   * Value path to the quality score, usually under {@code result}.
   *
   * @return a path to a number from 0.0 to 1.0; empty (the default) means the member of the result
   *     type that is marked {@link QualityScore}
   */
  String quality() default "";

  /**
   * Further values to keep, each written {@code key=path}. A path under {@code result} is read when
   * the execution ends, any other path when it starts.
   *
   * @return the entries, none by default
   */
  String[] metadata() default {};
}
