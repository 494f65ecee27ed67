package io.agentlog.insight.web;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Style sheets and scripts from the jar. Their paths hold a checksum, so that a browser keeps them
 * for ever and gets a new version at once. Immutable.
 */
public final class Assets {
  static final String PREFIX = "/assets/";

  private static final String FOR_EVER = "public, max-age=31536000, immutable";
  private static final int CHECKSUM_BYTES = 6;

  private final Map<String, Answer> answers = new LinkedHashMap<>();
  private final Map<String, String> paths = new LinkedHashMap<>();

  /**
   * Reads the files.
   *
   * @param files content type by absolute resource name
   */
  public Assets(Map<String, String> files) {
    files.forEach(this::add);
  }

  private void add(String resource, String contentType) {
    try (InputStream in = Assets.class.getResourceAsStream(resource)) {
      byte[] bytes = requireNonNull(in, resource).readAllBytes();
      String name = resource.substring(resource.lastIndexOf('/') + 1);
      String path = PREFIX + checksum(bytes) + "/" + name;
      answers.put(path, new Answer(200, contentType, bytes, Map.of("Cache-Control", FOR_EVER)));
      paths.put(name, path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the path of a file below the base path, for a page to name. */
  public String path(String name) {
    return requireNonNull(paths.get(name), name);
  }

  @Nullable Answer find(String path) {
    return answers.get(path);
  }

  private static String checksum(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(digest, 0, CHECKSUM_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
