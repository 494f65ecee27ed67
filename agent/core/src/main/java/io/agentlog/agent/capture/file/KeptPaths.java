package io.agentlog.agent.capture.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How much of a file's path is kept, by {@code files.paths} and the redaction. Immutable. */
public final class KeptPaths {
  /** Stands for bytes of a name that are no text in this JVM's encoding. */
  private static final char UNDECODABLE = '\ufffd';

  /** Most bytes that a character of a Java string takes in UTF-8. */
  private static final int BYTES_PER_CHAR_MAX = 3;

  private enum Mode {
    FULL,
    RELATIVE,
    HASH
  }

  private final Mode mode;
  private final ProjectFolder project;
  private final Privacy privacy;
  private final int bytesMax;

  private KeptPaths(Mode mode, ProjectFolder project, Privacy privacy, int bytesMax) {
    this.mode = mode;
    this.project = project;
    this.privacy = privacy;
    this.bytesMax = bytesMax;
  }

  /**
   * Reads the policy.
   *
   * @param project the folder that relative paths begin at
   * @param bytesMax longest path that an event holds whole
   */
  public static KeptPaths of(Config config, ProjectFolder project, Privacy privacy, int bytesMax) {
    Mode mode =
        switch (config.get(Options.FILES_PATHS).strip().toLowerCase(Locale.ROOT)) {
          case "full" -> Mode.FULL;
          case "relative" -> Mode.RELATIVE;
          default -> Mode.HASH;
        };
    return new KeptPaths(mode, project, privacy, bytesMax);
  }

  /** Returns the policy that keeps paths whole. */
  public static KeptPaths full(ProjectFolder project, Privacy privacy, int bytesMax) {
    return new KeptPaths(Mode.FULL, project, privacy, bytesMax);
  }

  /**
   * A path as it is kept.
   *
   * @param text null if the hash alone is kept
   * @param sha256 null if the text is whole, so that a reader can compute it
   */
  public record Kept(
      @Nullable String text, @Nullable String sha256, boolean isRedacted, boolean isUndecodable) {
    /** The text, or the hash where there is none. */
    public String shown() {
      return text != null ? text : "sha256:" + sha256;
    }
  }

  /**
   * Returns what is kept of a path.
   *
   * @param ownProject the folder of the execution, if it has named one
   */
  public Kept keep(Path path, @Nullable ProjectFolder ownProject) {
    String whole = path.toString();
    boolean isUndecodable = whole.indexOf(UNDECODABLE) >= 0;
    if (mode == Mode.HASH) {
      return new Kept(null, sha256(whole), false, isUndecodable);
    }
    if (mode == Mode.RELATIVE) {
      whole = (ownProject == null ? project : ownProject).relativize(path).toString();
    }
    String text = privacy.redact(whole);
    boolean mayBeCut = text.length() > bytesMax / BYTES_PER_CHAR_MAX;
    return new Kept(text, mayBeCut ? sha256(text) : null, privacy.isRedacted(text), isUndecodable);
  }

  /** Returns an error's message as it is kept; null where it may name a path that is not. */
  public @Nullable String keepMessage(@Nullable String message) {
    return mode == Mode.FULL ? privacy.redactOrNull(message) : null;
  }

  private static String sha256(String text) {
    return HexFormat.of().formatHex(digest().digest(text.getBytes(UTF_8)));
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
