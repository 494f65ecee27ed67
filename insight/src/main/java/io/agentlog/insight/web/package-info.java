/**
 * The HTTP server of the dashboard, who may use it, and how answers are sent.
 *
 * <p><b>Threads:</b> pages are handled by a few threads, each stream by one of its own.
 *
 * <p><b>Failure:</b> whatever a handler throws becomes a page with a status, never a stack trace.
 *
 * <p><b>Limits:</b> the length of a request's path and query, handler threads, wrong tokens a
 * minute.
 *
 * <p><b>Dependencies:</b> {@code json}, {@code log}; the JDK's HTTP server.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.web;
