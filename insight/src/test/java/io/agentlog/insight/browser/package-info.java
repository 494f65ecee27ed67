/**
 * The pages in a real Chromium: what it reports, what axe finds, what the keyboard does, and what
 * they look like.
 *
 * <p>Needs Debian's packages {@code chromium} and {@code chromium-driver}; tests are skipped where
 * they are not installed.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.browser;
