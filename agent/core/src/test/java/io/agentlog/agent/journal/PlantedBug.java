package io.agentlog.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One mistake in the journal, as a change of its source.
 *
 * <p>The list has no segment that is retired before its cursor is durable. After the loss of power
 * such a cursor points before the oldest segment, where every record is delivered, so no test could
 * notice the mistake.
 *
 * @param name the mistake in words
 * @param className simple name of the changed class
 * @param text text that occurs exactly once in the source of the class
 * @param replacement text that compiles in place of {@code text}
 * @param firstSeed of the search in every build, little before the seed that finds it: the rare
 *     ones need up to 700,000 schedules
 */
@SuppressWarnings("StringConcatToTextBlock") // Each line as it stands in the source.
record PlantedBug(String name, String className, String text, String replacement, long firstSeed) {
  private static final Path SOURCES = Path.of("src/main/java/io/agentlog/agent/journal");

  static final List<PlantedBug> ALL =
      List.of(
          new PlantedBug(
              "published before its body",
              "Segment",
              "target.putIntRelease(offset, RecordLayout.claimed(word));",
              "target.putIntRelease(offset, word);"),
          new PlantedBug(
              "checksum not checked",
              "SegmentWindow",
              "if (stored != RecordLayout.seal(",
              "if (stored == 1 && stored != RecordLayout.seal("),
          new PlantedBug(
              "stamp not checked", "SegmentWindow", "if (!ours || !Record", "if (!Record", 60_700),
          new PlantedBug(
              "stamp without nonce",
              "RecordLayout",
              "long mixed = seed ^ position *",
              "long mixed = position *",
              677_600),
          new PlantedBug(
              "segments go before the cursor has passed them",
              "DiskReader",
              "return forced[stripe];",
              "return progress.readPositions[stripe];"),
          new PlantedBug(
              "cursor always in the same slot",
              "Cursor",
              "(generation + 1) % 2 * SLOT_LENGTH",
              "0 * SLOT_LENGTH",
              17_300),
          new PlantedBug(
              "the older slot of a cursor counts",
              "Cursor",
              "b.generation > a.generation",
              "b.generation < a.generation"),
          new PlantedBug(
              "cursor ahead of an open hole",
              "StripeHoles",
              "    unsettled.add(hole.position()); // The last step that may fail for lack of memory.\n",
              ""),
          new PlantedBug(
              "cursor at what was read",
              "StripeReader",
              "return unsettled.isEmpty() ? readPosition()"
                  + " : Math.min(unsettled.first(), readPosition());",
              "return readPosition();"),
          new PlantedBug(
              "holes are not visited again",
              "StripeReader",
              "    holes.revisit(batch);\n",
              "    if (offset < 0) {\n      holes.revisit(batch);\n    }\n"),
          new PlantedBug(
              "used again without zeros",
              "SegmentStore",
              "      memory.zero(0, limits.segmentLength());\n",
              ""),
          new PlantedBug(
              "linked before it is assigned",
              "Stripe",
              "      spare.assign(index, full.endPosition());\n"
                  + "      linked = full.follow(spare);\n",
              "      linked = full.follow(spare);\n"
                  + "      spare.assign(index, full.endPosition());\n"),
          new PlantedBug(
              "no end marker",
              "Segment",
              "if (claimed <= recordsEnd - RecordLayout.HEADER_LENGTH) {\n"
                  + "          write(target",
              "if (claimed < 0) {\n          write(target"),
          new PlantedBug(
              "an end that is claimed is passed by its own length",
              "SegmentWindow",
              "space = ends ? looked.recordsEnd() - offset : wanted;",
              "space = wanted;"),
          new PlantedBug(
              "a temporary file is a segment",
              "FoundSegments",
              "if (name.endsWith(SegmentNames.SUFFIX)",
              "if (name.contains(SegmentNames.SUFFIX)"),
          new PlantedBug(
              "names are not forced",
              "JournalKeeper",
              "      store.forceNames();\n",
              "      if (spares.count() < 0) {\n        store.forceNames();\n      }\n"),
          new PlantedBug(
              "the last bytes are not forced",
              "Segment",
              "target.force(forcedTo, to == recordsEnd ? length : to);",
              "target.force(forcedTo, to - RecordLayout.HEADER_LENGTH);"),
          new PlantedBug(
              "an open claim is not forced again",
              "Segment",
              "forcedTo = complete;",
              "forcedTo = to;"),
          new PlantedBug(
              "a broken claim stays open",
              "JournalKeeper",
              "      s.voidBrokenClaims();\n",
              "      s.memory();\n"));

  PlantedBug(String name, String className, String text, String replacement) {
    this(name, className, text, replacement, 0);
  }

  /** Source file of the class, whether the suite runs for the module or for the project. */
  private Path file() {
    Path here = SOURCES.resolve(className + ".java");
    return Files.exists(here) ? here : Path.of("agent/core").resolve(here);
  }

  /**
   * The source with the mistake.
   *
   * @throws AssertionError if the source does not have the text exactly once, because the source
   *     has changed since
   */
  String source() throws IOException {
    String source = Files.readString(file(), StandardCharsets.UTF_8);
    int at = source.indexOf(text);
    assertThat(at >= 0 && source.indexOf(text, at + 1) < 0)
        .as("%s has the text to replace exactly once: %s", className, text)
        .isTrue();
    return source.replace(text, replacement);
  }

  @Override
  public String toString() {
    return name;
  }
}
