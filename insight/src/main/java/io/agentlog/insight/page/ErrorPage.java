package io.agentlog.insight.page;

/**
 * A problem, and what to do about it.
 *
 * @param logsIn whether a token may be typed in
 */
public record ErrorPage(View view, int status, String message, boolean logsIn) {}
