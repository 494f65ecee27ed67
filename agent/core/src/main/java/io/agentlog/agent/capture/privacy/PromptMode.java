package io.agentlog.agent.capture.privacy;

/** How much of a prompt is kept. */
public enum PromptMode {
  /** The text. */
  FULL,
  /** Its hash and its length. */
  HASH,
  /** Its length. */
  NONE
}
