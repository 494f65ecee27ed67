package io.agentlog.agent.capture.privacy;

/** What is kept of a prompt. */
public enum PromptMode {
  /** The text. */
  FULL,
  /** Its hash and its length. */
  HASH,
  /** Its length. */
  NONE
}
