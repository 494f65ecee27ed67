package io.agentlog.dist;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;

/** The list of what is inside the jar, in CycloneDX's JSON. */
final class BillOfMaterials {
  private static final String OWN_GROUP = "io.agentlog";

  private BillOfMaterials() {}

  /**
   * Reads the list that the build made. The hashes of our own modules are left out: nobody has
   * those jars, and they hold the file modes of whoever built them.
   *
   * @throws IllegalStateException if it lists nothing
   */
  static byte[] read(Path file) throws IOException {
    JsonMapper mapper = JsonMapper.builder().build();
    JsonNode bill = mapper.readTree(file.toFile());
    JsonNode components = bill.path("components");
    if (components.isEmpty()) {
      throw new IllegalStateException(file + " lists no component: build with mvn package");
    }
    for (JsonNode component : components) {
      if (component.path("group").asText().equals(OWN_GROUP)) {
        ((ObjectNode) component).remove("hashes");
      }
    }
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(bill);
  }
}
