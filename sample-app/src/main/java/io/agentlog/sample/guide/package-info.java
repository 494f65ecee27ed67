/**
 * A guide that answers in plain words which agent can help. It is an AI service of LangChain4j with
 * one tool, the router. Nothing in this package knows agentlog: with the agent alone each question
 * is an execution, with the calls of the model, their tokens and their cost.
 *
 * <p><b>Threads:</b> the main thread.
 *
 * <p><b>Failure:</b> what the tool throws the model is told, and answers with it.
 */
@NullMarked
package io.agentlog.sample.guide;

import org.jspecify.annotations.NullMarked;
