package io.agentlog.agent.config;

/** What is kept of a prompt. */
public enum PromptPolicy {
  /** The text, up to its limit. */
  FULL,
  /** Its length and SHA-256 alone. */
  HASH,
  /** Nothing. */
  NONE
}
