package io.agentlog.agent.instrumentation;

import java.lang.reflect.Modifier;
import java.util.List;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.jar.asm.Type;
import org.jspecify.annotations.Nullable;

/** Describes types to Byte Buddy by their names, without a look at their class files. */
final class TypesByName {
  private static final Named OBJECT = new Named(Object.class.getName(), null);
  private static final TypeDescription.Generic GENERIC_OBJECT = OBJECT.asGenericType();

  private TypesByName() {}

  static TypeDescription.Generic generic(Type type) {
    return describe(type).asGenericType();
  }

  /** Describes a type as a public class that extends Object, or a primitive type as itself. */
  static TypeDescription describe(Type type) {
    return switch (type.getSort()) {
      case Type.VOID -> TypeDescription.ForLoadedType.of(void.class);
      case Type.BOOLEAN -> TypeDescription.ForLoadedType.of(boolean.class);
      case Type.CHAR -> TypeDescription.ForLoadedType.of(char.class);
      case Type.BYTE -> TypeDescription.ForLoadedType.of(byte.class);
      case Type.SHORT -> TypeDescription.ForLoadedType.of(short.class);
      case Type.INT -> TypeDescription.ForLoadedType.of(int.class);
      case Type.LONG -> TypeDescription.ForLoadedType.of(long.class);
      case Type.FLOAT -> TypeDescription.ForLoadedType.of(float.class);
      case Type.DOUBLE -> TypeDescription.ForLoadedType.of(double.class);
      case Type.ARRAY ->
          TypeDescription.ArrayProjection.of(describe(type.getElementType()), type.getDimensions());
      default -> {
        String name = type.getClassName();
        yield name.equals(OBJECT.getName()) ? OBJECT : new Named(name, GENERIC_OBJECT);
      }
    };
  }

  /** A class of which only the name is known. */
  static class Named extends TypeDescription.Latent {
    private final TypeDescription.@Nullable Generic superclass;

    private Named(String name, TypeDescription.@Nullable Generic superclass) {
      super(name, Modifier.PUBLIC, superclass, List.of());
      this.superclass = superclass;
    }

    Named(String name) {
      this(name, GENERIC_OBJECT);
    }

    /** Returns no constant of Byte Buddy: each of these is a proxy class. */
    @Override
    public TypeDescription.@Nullable Generic getSuperClass() {
      return superclass;
    }
  }
}
