package io.agentlog.event;

import org.jspecify.annotations.Nullable;

/**
 * A prompt or instructions, as far as the policy keeps them.
 *
 * @param text null if it is withheld
 * @param sha256 of a withheld text in hexadecimal digits; null if the hash is withheld too, and for
 *     a kept text
 * @param lengthGiven code points before any change; below 0 if the text is whole
 */
public record KeptText(@Nullable String text, @Nullable String sha256, int lengthGiven) {}
