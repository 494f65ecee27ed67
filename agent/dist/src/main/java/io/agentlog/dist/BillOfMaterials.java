package io.agentlog.dist;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;

/** The list of the jar's components, in CycloneDX's JSON. */
final class BillOfMaterials {
  private static final String OWN_GROUP = "io.agentlog";

  private BillOfMaterials() {}

  /**
   * Reads the list that the build made, without the hashes of our own modules. Their jars are not
   * published, and the hashes would differ with the file modes of the building machine.
   *
   * @throws IllegalStateException if the list is empty
   */
  static byte[] read(Path file) throws IOException {
    JsonMapper mapper = JsonMapper.builder().build();
    JsonNode bill = mapper.readTree(file.toFile());
    JsonNode components = bill.path("components");
    if (components.isEmpty()) {
      throw new IllegalStateException(file + " lists no component. Build with mvn package");
    }
    for (JsonNode component : components) {
      if (component.path("group").asText().equals(OWN_GROUP)) {
        ((ObjectNode) component).remove("hashes");
      }
    }
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(bill);
  }
}
