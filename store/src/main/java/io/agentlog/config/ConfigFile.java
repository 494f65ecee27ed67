package io.agentlog.config;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * Parses a {@code .properties} text in UTF-8.
 *
 * <p>{@link Properties} reads each logical line on its own, so that a malformed line is reported by
 * its number and the others are read.
 */
final class ConfigFile {
  /**
   * One setting.
   *
   * @param lineNumber from 1
   */
  record Line(String key, String value, int lineNumber) {}

  private ConfigFile() {}

  /**
   * Returns the settings in their order; a key may come twice.
   *
   * @param name of the file, for problems
   */
  static List<Line> parse(byte[] bytes, String name, Problems problems) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (text.startsWith("\uFEFF")) {
      text = text.substring(1); // Editors on Windows write this mark first.
    }
    List<Line> settings = new ArrayList<>();
    String[] lines = text.split("\r\n|\r|\n", -1);
    for (int i = 0; i < lines.length; i++) {
      int lineNumber = i + 1;
      String first = lines[i].stripLeading();
      if (first.isEmpty() || first.startsWith("#") || first.startsWith("!")) {
        continue;
      }
      StringBuilder logical = new StringBuilder(lines[i]);
      while (continues(lines[i]) && i + 1 < lines.length) {
        i++;
        logical.append('\n').append(lines[i]);
      }
      readLine(logical.toString(), lineNumber, name, settings, problems);
    }
    return settings;
  }

  private static boolean continues(String line) {
    int backslashCount = 0;
    while (backslashCount < line.length()
        && line.charAt(line.length() - 1 - backslashCount) == '\\') {
      backslashCount++;
    }
    return backslashCount % 2 == 1;
  }

  private static void readLine(
      String logical, int lineNumber, String name, List<Line> settings, Problems problems) {
    if (logical.indexOf('\uFFFD') >= 0) {
      problems.add(at(name, lineNumber) + " not UTF-8; ignored. Save the file as UTF-8");
      return;
    }
    Properties one = new Properties();
    try {
      one.load(new StringReader(logical));
    } catch (IllegalArgumentException e) {
      problems.add(
          at(name, lineNumber)
              + " a backslash-u without four hexadecimal digits; ignored."
              + " A backslash is written twice in this file");
      return;
    } catch (IOException e) {
      throw new UncheckedIOException("a string can be read", e);
    }
    for (String key : one.stringPropertyNames()) {
      String value = one.getProperty(key, "");
      if (value.isEmpty() && logical.indexOf('=') < 0 && logical.indexOf(':') < 0) {
        problems.add(at(name, lineNumber) + " not KEY=value; ignored");
      } else {
        settings.add(new Line(key, value, lineNumber));
      }
    }
  }

  private static String at(String name, int lineNumber) {
    return "file " + Problems.shown(name) + ", line " + lineNumber + ":";
  }
}
