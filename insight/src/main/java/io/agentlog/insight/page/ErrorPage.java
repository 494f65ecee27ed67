package io.agentlog.insight.page;

/**
 * What went wrong, and what to do.
 *
 * @param logsIn whether a token may be typed in
 */
public record ErrorPage(View view, int status, String message, boolean logsIn) {}
