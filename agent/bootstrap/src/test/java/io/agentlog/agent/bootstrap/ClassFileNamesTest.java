package io.agentlog.agent.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

class ClassFileNamesTest {
  /** Refers to itself as a class, in descriptors and in an array; has constants of two entries. */
  static final class Named {
    static final long LONG = 0x123456789abcdefL;
    static final double DOUBLE = 1.5;
    static Named self;
    static Named[] several;

    static String greet(Named other) {
      return "Grüße " + (other == self) + LONG + DOUBLE;
    }
  }

  @Test
  void classRunsUnderItsNewName() throws Exception {
    String from = Named.class.getName().replace('.', '/');
    byte[] renamed = new ClassFileNames(from, "other/place/Renamed").applyTo(classFile());

    Class<?> type = new Definer().define(renamed);

    assertThat(type.getName()).isEqualTo("other.place.Renamed");
    Field self = type.getDeclaredField("self");
    assertThat(self.getType()).isSameAs(type);
    assertThat(type.getDeclaredField("several").getType().getComponentType()).isSameAs(type);
    assertThat(type.getDeclaredMethod("greet", type)).isNotNull();
  }

  @Test
  void classWithoutTheOldNameKeepsItsBytes() throws Exception {
    assertThat(new ClassFileNames("no/such/Name", "other/Name").applyTo(classFile()))
        .isEqualTo(classFile());
  }

  @Test
  void bytesThatAreNoClassFileAreRefused() {
    byte[] noise = {1, 2, 3, 4, 5, 6, 7, 8, 0, 9, 99, 0, 0};
    assertThatThrownBy(() -> new ClassFileNames("a", "b").applyTo(noise))
        .isInstanceOf(IOException.class);
  }

  private static byte[] classFile() throws IOException {
    try (InputStream in = Named.class.getResourceAsStream("ClassFileNamesTest$Named.class")) {
      byte[] bytes = new byte[in.available()];
      new java.io.DataInputStream(in).readFully(bytes);
      return bytes;
    }
  }

  private static final class Definer extends ClassLoader {
    Class<?> define(byte[] classFile) {
      return defineClass(null, classFile, 0, classFile.length);
    }
  }
}
