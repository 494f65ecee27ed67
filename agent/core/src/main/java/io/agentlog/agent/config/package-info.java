/** Options, each declared once, and where their values come from. */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.config;
