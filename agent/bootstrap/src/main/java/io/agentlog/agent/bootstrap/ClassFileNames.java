package io.agentlog.agent.bootstrap;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * Renames a class in class files: in each text of the constant pool, as a name and inside
 * descriptors. Nothing else changes, because code refers to the pool by index. The JDK has no class
 * file library before 24, and this class must work before any library is loaded.
 */
final class ClassFileNames {
  private static final int UTF8 = 1;
  private static final int LONG = 5;
  private static final int DOUBLE = 6;

  private final String from;
  private final String to;

  ClassFileNames(String from, String to) {
    this.from = from;
    this.to = to;
  }

  /**
   * Returns the class file with the name replaced.
   *
   * @throws IOException if the constant pool has an unknown tag or ends early
   */
  byte[] applyTo(byte[] classFile) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(classFile));
    ByteArrayOutputStream renamed = new ByteArrayOutputStream(classFile.length + 64);
    DataOutputStream out = new DataOutputStream(renamed);
    out.writeInt(in.readInt());
    out.writeInt(in.readInt());
    int count = in.readUnsignedShort();
    out.writeShort(count);
    for (int i = 1; i < count; i++) {
      int tag = in.readUnsignedByte();
      out.writeByte(tag);
      if (tag == UTF8) {
        String text = in.readUTF();
        out.writeUTF(text.indexOf(from) < 0 ? text : text.replace(from, to));
      } else {
        copy(in, out, size(tag));
        if (tag == LONG || tag == DOUBLE) {
          i++; // Longs and doubles take two entries.
        }
      }
    }
    copy(in, out, in.available());
    return renamed.toByteArray();
  }

  private static void copy(DataInputStream in, DataOutputStream out, int length)
      throws IOException {
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    out.write(bytes);
  }

  /** Bytes after the tag, as in section 4.4 of the JVM specification. */
  private static int size(int tag) throws IOException {
    switch (tag) {
      case 7: // Class
      case 8: // String
      case 16: // MethodType
      case 19: // Module
      case 20: // Package
        return 2;
      case 15: // MethodHandle
        return 3;
      case 3: // Integer
      case 4: // Float
      case 9: // Fieldref
      case 10: // Methodref
      case 11: // InterfaceMethodref
      case 12: // NameAndType
      case 17: // Dynamic
      case 18: // InvokeDynamic
        return 4;
      case LONG:
      case DOUBLE:
        return 8;
      default:
        throw new IOException("unknown tag in the constant pool: " + tag);
    }
  }
}
