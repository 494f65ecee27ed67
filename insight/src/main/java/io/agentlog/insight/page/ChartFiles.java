package io.agentlog.insight.page;

/** Paths of the files that draw the charts of a page, without the base path. */
public record ChartFiles(String style, String library, String script) {}
